"""What is asked and which answer is right: of a proxy, and of nginx, which translates nothing and is asked as ARGO."""

from __future__ import annotations

import struct
from base64 import b64decode
from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Struct

WORDS = "the quick brown fox jumps over a lazy dog and keeps on running "
PIECE_CHARS = 20
WHOLE = (WORDS * 20)[:800]
INPUTS, NUMBERS = 16, 1536
VECTOR = [(at * 7919 % 2_000_001 - 1_000_000) / 2e7 for at in range(NUMBERS)]
"""Numbers of about as many digits as ARGO sends."""

CHAT_PATH = "/v1/chat/completions"
PREFIX = "/argoapi/api/v1"
PROMPT = (
    "Write a short text about the quick brown fox, please. Make it about one hundred words long and keep it simple."
)


class Question(Struct, frozen=True):
    """`right` judges the whole body of an answer that is one; the one of a stream as it was sent, in chunks."""

    path: str
    body: bytes
    right: Callable[[bytes], bool]

    def accepts(self, answer: bytes) -> bool:
        """Whether it is the right one; an error is none."""
        try:
            return self.right(answer)
        except (LookupError, TypeError, ValueError, msgspec.DecodeError):
            return False

    @property
    def request(self) -> bytes:
        head = f"POST {self.path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer sk-test"
        length = f"content-type: application/json\r\ncontent-length: {len(self.body)}"
        return f"{head}\r\n{length}\r\n\r\n".encode() + self.body


def piece(at: int) -> str:
    """The text of one chunk of a stream."""
    start = at * PIECE_CHARS % len(WORDS)
    return (WORDS * 2)[start : start + PIECE_CHARS]


def streamed(chunks: int) -> str:
    return "".join(map(piece, range(chunks)))


def chat(*, raw: bool, prompt: str = PROMPT) -> Question:
    return conversation([prompt], raw=raw)


def conversation(texts: list[str], *, raw: bool = False) -> Question:
    """A user and a model in turns, the user last."""
    body = _chat_body(texts, raw, max_tokens=512)
    if raw:
        return Question(f"{PREFIX}/resource/chat/", body, lambda answer: _decoded(answer)["response"] == WHOLE)
    return Question(CHAT_PATH, body, is_completion)


def stream(chunks: int, pace_ms: int, *, raw: bool) -> Question:
    """The gateway reads in the prompt how many chunks are wanted, and at which distance. Nothing cuts them short."""
    streaming = {} if raw else {"stream": True}
    body = _chat_body([f"{PROMPT} chunks={chunks} pace_ms={pace_ms} "], raw, **streaming)
    text = streamed(chunks)
    if raw:
        return Question(f"{PREFIX}/resource/streamchat/", body, lambda answer: dechunked(answer) == text.encode())
    return Question(CHAT_PATH, body, lambda answer: is_stream_of(text, answer))


def embed(form: str, *, raw: bool) -> Question:
    """`form`: float or base64, which is the same to nginx."""
    inputs = [f"sentence number {at} about the quick brown fox" for at in range(INPUTS)]
    if raw:
        body = _encoded({"user": "tester", "model": "v3small", "prompt": inputs})
        return Question(f"{PREFIX}/resource/embed/", body, lambda answer: _decoded(answer) == embeddings())
    body = _encoded({"model": "argo:text-embedding-3-small", "input": inputs, "encoding_format": form})
    return Question("/v1/embeddings", body, are_vectors if form == "float" else are_packed_vectors)


def embeddings() -> dict[str, list[list[float]]]:
    """As ARGO answers."""
    return {"embedding": [VECTOR] * INPUTS}


def is_completion(answer: bytes) -> bool:
    body = _decoded(answer)
    choice = body["choices"][0]
    text, reason = choice["message"]["content"], choice["finish_reason"]
    return (text, reason) == (WHOLE, "stop") and body["usage"]["completion_tokens"] > 0


def is_stream_of(text: str, answer: bytes) -> bool:
    """Every character, one end of the choice and one of the stream."""
    *events, last, nothing = dechunked(answer).removeprefix(b": keep-alive\n\n").split(b"\n\n")
    choices = [choice for event in events for choice in _decoded(event.removeprefix(b"data: "))["choices"]]
    said = "".join(choice["delta"].get("content") or "" for choice in choices)
    reasons = [choice["finish_reason"] for choice in choices if choice["finish_reason"]]
    return (said, reasons, last, nothing) == (text, ["stop"], b"data: [DONE]", b"")


def are_vectors(answer: bytes) -> bool:
    return [one["embedding"] for one in _decoded(answer)["data"]] == [VECTOR] * INPUTS


def are_packed_vectors(answer: bytes) -> bool:
    packed = struct.pack(f"<{NUMBERS}f", *VECTOR)
    return [b64decode(one["embedding"]) for one in _decoded(answer)["data"]] == [packed] * INPUTS


def dechunked(body: bytes) -> bytes:
    """What HTTP/1.1's chunks hold."""
    parts: list[bytes] = []
    at = 0
    while at < len(body):
        end = body.index(b"\r\n", at)
        size = int(body[at:end], 16)
        parts.append(body[end + 2 : end + 2 + size])
        at = end + 2 + size + 2
    return b"".join(parts)


def _chat_body(texts: list[str], raw: bool, **more: object) -> bytes:
    roles = ("assistant", "user")
    turns = [{"role": roles[(len(texts) - at) % 2], "content": text} for at, text in enumerate(texts)]
    messages = [{"role": "system", "content": "You are a helpful assistant."}, *turns]
    model = {"user": "tester", "model": "gpt4o"} if raw else {"model": "argo:gpt-4o"}
    return _encoded({**model, "messages": messages, "temperature": 0.7, **more})


def _encoded(body: object) -> bytes:
    return msgspec.json.encode(body)


def _decoded(body: bytes) -> Any:
    return msgspec.json.decode(body)
