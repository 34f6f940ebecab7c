"""Counts tokens, since ARGO's resource API reports none.

The encodings' rank files come with the package (tokenizer_data/README.md), so that counting works offline.
"""

from __future__ import annotations

import asyncio
import re
from base64 import b64decode
from collections.abc import Callable, Sequence
from importlib.resources import files
from typing import TYPE_CHECKING

import msgspec

from argo_proxy.canonical.chat import ChatRequest, Image, ImageLink, Part, Text, ToolCall, ToolResult

if TYPE_CHECKING:
    from tiktoken import Encoding

SEGMENT_CHARS = 8192
_KNOWN_TEXTS = 16_384

_PER_MESSAGE = 4  # the frame of a message, its role included, and
_PER_REPLY = 3  # of the reply that it primes: OpenAI's cookbook, "How to count tokens with tiktoken"
_PER_TOOL = 4  # what frames a tool, a call or a result: an estimate, for providers do not tell
_PER_IMAGE = {"low": 85, "high": 765, "auto": 765}  # OpenAI's vision guide, for a picture of 1024 x 1024
_LAST_SEAM = re.compile(r".*(?:[A-Za-z](?= [A-Za-z])|\n(?=[A-Za-z]))", re.DOTALL)


class TokenCounter:
    """Counts with one encoding. A text that comes again, as a chat's history does at every turn, is counted once."""

    def __init__(self, encoding: Encoding) -> None:
        self._encoding = encoding
        self._known: dict[int, int] = {}

    def count(self, text: str) -> int:
        """The number of tokens in the text. What looks like a special token is plain text."""
        if len(text) <= SEGMENT_CHARS:
            return self.count_segment(text)
        meter = TokenMeter(self)
        meter.feed(text)
        return meter.total()

    def count_segment(self, text: str) -> int:
        """The tokens of a text of at most `SEGMENT_CHARS` characters."""
        key = hash(text)
        count = self._known.get(key)
        if count is None:
            count = len(self._encoding.encode_ordinary(text))
            self._remember(key, count)
        return count

    def count_request(self, request: ChatRequest) -> int:
        """The tokens of a conversation that is sent to be answered, and of the tools that go with it."""
        messages = request.messages
        parts = sum([self._count_part(part) for message in messages for part in message.parts])
        names = sum([1 + self.count(message.name) for message in messages if message.name])
        tools = sum([_PER_TOOL + self.count(msgspec.json.encode(tool).decode()) for tool in request.tools])
        return parts + names + tools + _PER_MESSAGE * len(messages) + _PER_REPLY

    def decode(self, tokens: Sequence[int]) -> str:
        """The text of these tokens; nothing if one of them is no token of the encoding."""
        try:
            return self._encoding.decode(list(tokens))
        except (KeyError, OverflowError):
            return ""

    def metered(self, request: ChatRequest) -> TokenMeter:
        """For the answer to this request."""
        return self.meter(self.count_request(request))

    def meter(self, asked: int = 0) -> TokenMeter:
        """For a text that comes in pieces, as the answer to so many tokens."""
        return TokenMeter(self, asked)

    def _count_part(self, part: Part) -> int:
        match part:
            case Text(text):
                return self.count(text)
            case Image() | ImageLink():
                return _PER_IMAGE[part.detail]
            case ToolCall(_, name, arguments):
                return _PER_TOOL + self.count(name) + self.count(arguments)
            case ToolResult(_, content):
                return _PER_TOOL + sum(map(self._count_part, content))

    def _remember(self, key: int, count: int) -> None:
        if len(self._known) >= _KNOWN_TEXTS:
            self._known.clear()
        self._known[key] = count


class TokenMeter:
    """Counts a text that comes in pieces, keeping only its last few thousand characters.

    Law: the total does not depend on how the text was cut. It is cut anew every `SEGMENT_CHARS` characters, before a
    word where there is one: no token of either encoding reaches over such a seam.
    """

    def __init__(self, counter: TokenCounter, asked: int = 0) -> None:
        self.asked = asked
        self._counter = counter
        self._counted = 0
        self._pieces: list[str] = []
        self._length = 0

    def feed(self, text: str) -> None:
        """More of the text."""
        self._pieces.append(text)
        self._length += len(text)
        if self._length > SEGMENT_CHARS:
            self._count_segments()

    def total(self) -> int:
        """The tokens of all text so far."""
        pieces = self._pieces
        return self._counted + self._counter.count_segment(pieces[0] if len(pieces) == 1 else "".join(pieces))

    def _count_segments(self) -> None:
        text = "".join(self._pieces)
        start = 0
        while len(text) - start > SEGMENT_CHARS:
            seam = _LAST_SEAM.match(text, start, start + SEGMENT_CHARS)
            end = seam.end() if seam else start + SEGMENT_CHARS
            self._counted += self._counter.count_segment(text[start:end])
            start = end
        self._pieces = [text[start:]]
        self._length = len(text) - start


class LateMeter:
    """For a text that need not wait until its counter is loaded, or its request counted: that is done by its end."""

    def __init__(self, counting: asyncio.Future[TokenMeter]) -> None:
        self._counting = counting
        self._early: list[str] = []
        self._meter: TokenMeter | None = None

    @property
    def asked(self) -> int:
        """The tokens of the request, once it has settled."""
        return self._settled().asked

    def feed(self, text: str) -> None:
        """More of the text."""
        if self._counting.done():
            self._settled().feed(text)
        else:
            self._early.append(text)

    def total(self) -> int:
        """The tokens of all text so far, once it has settled."""
        return self._settled().total()

    async def settle(self) -> None:
        """Wait until it can tell."""
        await asyncio.shield(self._counting)

    def close(self) -> None:
        """Nobody wants to know any more."""
        self._counting.cancel()

    def _settled(self) -> TokenMeter:
        if self._meter is None:
            self._meter = self._counting.result()
            self._meter.feed("".join(self._early))
            self._early.clear()
        return self._meter


def load_counter(name: str) -> TokenCounter:
    """Reads the files of an encoding: some tenths of a second, and 40 to 90 MB of memory."""
    from tiktoken import Encoding

    data = files("argo_proxy.tokenizer_data")
    lines = (data / f"{name}.tiktoken").read_bytes().splitlines()
    ranks = {b64decode(token): int(rank) for token, _, rank in (line.partition(b" ") for line in lines)}
    pattern = (data / f"{name}.pattern").read_text(encoding="utf-8").rstrip("\n")
    return TokenCounter(Encoding(name, pat_str=pattern, mergeable_ranks=ranks, special_tokens={}))


class Tokenizers:
    """The encodings, each loaded in a thread when it is first asked for."""

    def __init__(self, read: Callable[[str], TokenCounter] = load_counter) -> None:
        self._read = read
        self._loading: dict[str, asyncio.Future[TokenCounter]] = {}

    def load(self, name: str) -> None:
        """Begin to load an encoding (`cl100k_base`, `o200k_base`), so that it is there when it is asked for."""
        if name not in self._loading:
            self._loading[name] = asyncio.ensure_future(asyncio.to_thread(self._read, name))

    def loaded(self, name: str) -> TokenCounter | None:
        """The counter for an encoding, if it is there."""
        loading = self._loading.get(name)
        return loading.result() if loading is not None and loading.done() else None

    async def counter(self, name: str) -> TokenCounter:
        """The counter for an encoding."""
        self.load(name)
        loading = self._loading[name]
        return loading.result() if loading.done() else await asyncio.shield(loading)
