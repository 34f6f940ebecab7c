"""The kinds of requests: how each is asked, and what its answer tells."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.chaos import faults
from tests.chaos.endings import Told
from tests.chaos.line import Answer

FAMILIES = ("argo:gpt-4o", "argo:claude-sonnet-4", "argo:gemini-2.5-pro", "argo:o3")
EMBEDDER = "argo:text-embedding-3-small"
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
FUNCTION = {"name": "time", "description": "Tell the time.", "parameters": CITY}


@dataclass(frozen=True)
class Kind:
    """`hit` is the call of ARGO's that it leads to. A `held` stream may open before ARGO has answered.

    It `calls` a tool, perhaps `in_words`, which are in ARGO's text then.
    """

    name: str
    path: str
    hit: str
    ask: Callable[[str, str], dict[str, Any]]
    read: Callable[[Answer], Told]
    calls: bool = False
    in_words: bool = False
    held: bool = False


def _chat(model: str, prompt: str) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": prompt}]}


def _response(model: str, prompt: str) -> dict[str, Any]:
    return {"model": model, "input": prompt, "store": False}


def _completion(model: str, prompt: str) -> dict[str, Any]:
    return {"model": model, "prompt": prompt}


def _embedding(_: str, prompt: str) -> dict[str, Any]:
    return {"model": EMBEDDER, "input": [prompt, "another"]}


def _passed_embedding(_: str, prompt: str) -> dict[str, Any]:
    return {"model": EMBEDDER, "prompt": [prompt, "another"]}


def _chat_with_tools(model: str, prompt: str) -> dict[str, Any]:
    return {**_chat(model, prompt), "tools": [{"type": "function", "function": FUNCTION}]}


def _response_with_tools(model: str, prompt: str) -> dict[str, Any]:
    return {**_response(model, prompt), "tools": [{"type": "function", **FUNCTION, "strict": False}]}


def _streamed(ask: Callable[[str, str], dict[str, Any]]) -> Callable[[str, str], dict[str, Any]]:
    return lambda model, prompt: {**ask(model, prompt), "stream": True}


def _read_chat(answer: Answer) -> Told:
    if answer.status != 200:
        return _error(answer)
    choice = json.loads(answer.body)["choices"][0]
    message = choice["message"]
    calls = tuple(_call(call["function"]) for call in message.get("tool_calls") or ())
    return Told(200, message["content"] or "", calls, _end(choice["finish_reason"]))


def _read_completion(answer: Answer) -> Told:
    if answer.status != 200:
        return _error(answer)
    choice = json.loads(answer.body)["choices"][0]
    return Told(200, choice["text"], (), _end(choice["finish_reason"]))


def _read_response(answer: Answer) -> Told:
    return _error(answer) if answer.status != 200 else _told(json.loads(answer.body))


def _read_embeddings(answer: Answer) -> Told:
    if answer.status != 200:
        return _error(answer)
    return Told(200, _vectors([entry["embedding"] for entry in json.loads(answer.body)["data"]]))


def _read_passed_embeddings(answer: Answer) -> Told:
    if answer.status != 200 or not answer.body.startswith(b'{"embedding'):
        return _read_passed(answer)
    return Told(200, _vectors(json.loads(answer.body)["embedding"]))


def _read_passed_chat(answer: Answer) -> Told:
    try:
        told = json.loads(answer.body)
    except ValueError:
        return _read_passed(answer)
    return Told(200, told["response"]) if "response" in told else _read_passed(answer)


def _read_passed(answer: Answer) -> Told:
    """ARGO's own words, unless they are the proxy's about an answer that it could not hand on."""
    if answer.status != 200 and answer.body.startswith(b'{"error"'):
        return _error(answer)
    return Told(answer.status, answer.body.decode("utf-8", "ignore"), (), "complete" if answer.whole else "cut")


def _read_chat_stream(answer: Answer) -> Told:
    if answer.status != 200:
        return _error(answer)
    frames = _frames(answer)
    choices = [choice for frame in frames for choice in frame.get("choices", ())]
    deltas = [choice.get("delta", choice) for choice in choices]
    text = "".join(delta.get("content") or delta.get("text") or "" for delta in deltas)
    ends = [choice["finish_reason"] for choice in choices if choice.get("finish_reason")]
    errors = [frame["error"] for frame in frames if "error" in frame]
    return Told(200, text, _joined_calls(deltas), *_stream_end(answer, ends, errors))


def _stream_end(answer: Answer, ends: list[str], errors: list[Any]) -> tuple[str, str | None, str | None]:
    """The end as a word, and code and type of the error."""
    done = answer.body.count(b"data: [DONE]\n\n")
    if answer.whole and done == 1 and answer.body.endswith(b"data: [DONE]\n\n") and len(ends) == 1 and not errors:
        return _end(ends[0]), None, None
    if answer.whole and not done and not ends and len(errors) == 1:
        return "error", errors[0]["code"], errors[0]["type"]
    return "cut", None, None


def _read_response_stream(answer: Answer) -> Told:
    if answer.status != 200:
        return _error(answer)
    events = _frames(answer)
    if [event["sequence_number"] for event in events] != list(range(len(events))) or not answer.whole:
        return Told(200, end="cut")
    text = "".join(event["delta"] for event in events if event["type"] == "response.output_text.delta")
    ends = [event for event in events if event["type"] in ("response.completed", "response.failed", "error")]
    if [event["type"] for event in ends] == ["response.completed"] and events[-1] is ends[0]:
        told = _told(ends[0]["response"])
        return told if told.text == text else Told(200, f"{told.text!r} is not {text!r}", end="cut")
    if not ends or events[-1]["type"] != "response.failed":
        return Told(200, text, end="cut")
    first = ends[0]
    error = first["error"] if first["type"] == "error" else first["response"]["error"]
    return Told(200, text, (), "error", error["code"], error.get("type"))


def _told(response: Any) -> Told:
    texts = [part["text"] for item in response["output"] if item["type"] == "message" for part in item["content"]]
    calls = tuple(_call(item) for item in response["output"] if item["type"] == "function_call")
    return Told(200, "".join(texts), calls, "complete" if response["status"] == "completed" else response["status"])


def _error(answer: Answer) -> Told:
    """An error in OpenAI's shape; whatever else it is ends as nothing that may be expected."""
    try:
        error = json.loads(answer.body)["error"]
        code, kind, _, _ = error["code"], error["type"], error["message"] + "", error["param"]
    except (ValueError, LookupError, TypeError):
        return Told(answer.status, answer.body.decode("utf-8", "replace"), (), "no error object")
    return Told(answer.status, "", (), "error", code, kind, answer.headers.get("retry-after"))


def _frames(answer: Answer) -> list[Any]:
    events = answer.body.decode().split("\n\n")
    data = [event.partition("data: ")[2] for event in events if "data: " in event]
    return [json.loads(datum) for datum in data if datum != "[DONE]"]


def _joined_calls(deltas: list[Any]) -> tuple[tuple[str, str], ...]:
    calls: dict[int, list[str]] = {}
    for piece in (piece for delta in deltas for piece in delta.get("tool_calls") or ()):
        call = calls.setdefault(piece["index"], ["", ""])
        call[0] += piece["function"].get("name") or ""
        call[1] += piece["function"].get("arguments") or ""
    return tuple(_call({"name": name, "arguments": arguments}) for name, arguments in calls.values())


def _call(call: Any) -> tuple[str, str]:
    return call["name"], json.loads(call["arguments"])["city"]


def _end(reason: str) -> str:
    return "complete" if reason in ("stop", "tool_calls") else reason


def _vectors(vectors: list[list[float]]) -> str:
    """Vectors as text that can be compared; the first few numbers tell one from another."""
    return " ".join(f"{len(vector)}:{vector[:4]}" for vector in vectors)


_CHAT, _RESPONSES, _COMPLETIONS = "/v1/chat/completions", "/v1/responses", "/v1/completions"
KINDS = (
    Kind("chat", _CHAT, faults.WHOLE, _chat, _read_chat),
    Kind("chat stream", _CHAT, faults.STREAMED, _streamed(_chat), _read_chat_stream),
    Kind("chat with tools", _CHAT, faults.WHOLE, _chat_with_tools, _read_chat, calls=True),
    Kind(
        "chat stream with tools", _CHAT, faults.WHOLE, _streamed(_chat_with_tools), _read_chat_stream,
        calls=True, held=True,
    ),
    Kind("completion", _COMPLETIONS, faults.WHOLE, _completion, _read_completion),
    Kind("completion stream", _COMPLETIONS, faults.STREAMED, _streamed(_completion), _read_chat_stream),
    Kind("response", _RESPONSES, faults.WHOLE, _response, _read_response),
    Kind("response stream", _RESPONSES, faults.STREAMED, _streamed(_response), _read_response_stream),
    Kind("response with tools", _RESPONSES, faults.WHOLE, _response_with_tools, _read_response, calls=True),
    Kind(
        "response stream with tools", _RESPONSES, faults.WHOLE, _streamed(_response_with_tools),
        _read_response_stream, calls=True, held=True,
    ),
    Kind("embedding", "/v1/embeddings", faults.EMBED, _embedding, _read_embeddings),
    Kind("passed chat", "/v1/chat", faults.PASSED, _chat, _read_passed_chat),
    Kind("passed chat stream", "/v1/chat", faults.PASSED_STREAM, _streamed(_chat), _read_passed),
    Kind("passed embedding", "/v1/embed", faults.PASSED, _passed_embedding, _read_passed_embeddings),
)  # fmt: skip
