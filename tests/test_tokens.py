import asyncio
import hashlib
import re
from importlib.resources import files
from time import process_time

import pytest
import tiktoken_ext.openai_public as published

from argo_proxy.canonical.chat import (
    ChatRequest,
    Image,
    ImageLink,
    Message,
    Text,
    Tool,
    ToolCall,
    ToolResult,
)
from argo_proxy.tokens import SEGMENT_CHARS, LateMeter, TokenCounter, Tokenizers, TokenMeter
from tests.known import counter

DATA = files("argo_proxy.tokenizer_data")
ENCODINGS = ("cl100k_base", "o200k_base")
PROSE = "The quick brown fox's dog wasn't lazy, it jumped 12345 times;\n\nand then (so they say) slept.\t\n"


@pytest.fixture(params=ENCODINGS)
def tokens(request: pytest.FixtureRequest) -> TokenCounter:
    return counter(request.param)


def by_tiktoken(counting: TokenCounter, text: str) -> int:
    """tiktoken's own count of the whole text."""
    return len(counting._encoding.encode(text, disallowed_special=()))


class LetterEncoding:
    """One token for each letter; remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode_ordinary(self, text: str) -> list[int]:
        self.asked.append(text)
        return [0] * len(text)


@pytest.mark.parametrize("name", ENCODINGS)
def test_the_rank_files_and_patterns_are_the_published_ones(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    hashes: list[str] = []
    monkeypatch.setattr(published, "load_tiktoken_bpe", lambda _, expected_hash: hashes.append(expected_hash) or {})
    pattern = getattr(published, name)()["pat_str"]
    readme = dict(re.findall(r"`(\w+)\.tiktoken` .*`([0-9a-f]{64})`", (DATA / "README.md").read_text()))
    assert [hashlib.sha256((DATA / f"{name}.tiktoken").read_bytes()).hexdigest()] == hashes == [readme[name]]
    assert (DATA / f"{name}.pattern").read_text().rstrip("\n") == pattern


def test_some_counts_are_known(tokens: TokenCounter) -> None:
    assert [tokens.count(text) for text in ("", "hello world", "tiktoken is great!", " ")] == [0, 2, 6, 1]


def test_what_looks_like_a_special_token_is_plain_text(tokens: TokenCounter) -> None:
    for special in ("<|endoftext|>", "<|im_start|>", "<|fim_prefix|>"):
        assert tokens.count(special) > 3


def test_text_in_any_language_is_counted(tokens: TokenCounter) -> None:
    for text in ("Ünïcödé", "汉字和假名", "🦜🏳️‍🌈", "e\u0301" * 10, "\x00\x01", "\ufffd", "शब्द", "مرحبا"):
        assert tokens.count(text) == by_tiktoken(tokens, text)


def test_a_conversation_counts_its_messages_names_and_images(tokens: TokenCounter) -> None:
    def counted(*messages: Message) -> int:
        return tokens.count_request(ChatRequest(None, messages))

    hello = Message("user", (Text("hello world"),))
    assert counted() == 3
    assert counted(hello) == 3 + 4 + 2
    assert counted(hello, hello) == 3 + 2 * (4 + 2)
    assert counted(Message("user", hello.parts, "hello")) == counted(hello) + 1 + tokens.count("hello")
    for detail, cost in (("low", 85), ("high", 765), ("auto", 765)):
        for picture in (Image("image/png", "A" * 9999, detail), ImageLink("https://x.example", detail)):
            assert counted(Message("user", (*hello.parts, picture))) == counted(hello) + cost


def test_calls_and_results_count_by_what_they_say(tokens: TokenCounter) -> None:
    def counted(role: str, *parts: object) -> int:
        return tokens.count_request(ChatRequest(None, (Message(role, parts),))) - (3 + 4)

    arguments = '{"place": "Oslo"}'
    call = ToolCall("call_0123456789", "get_weather", arguments)
    assert counted("assistant", call) == 4 + tokens.count("get_weather") + tokens.count(arguments)
    assert counted("assistant", Text("hello world"), call, call) == 2 + 2 * counted("assistant", call)
    assert counted("tool", ToolResult("call_0123456789", ())) == 4
    told = ToolResult("call_1", (Text("hello world"), Image("image/png", "AAAA", "low"), Text("hello world")))
    assert counted("tool", told, told) == 2 * (4 + 2 + 85 + 2)


def test_tools_count_with_their_descriptions_and_schemas(tokens: TokenCounter) -> None:
    def counted(*tools: Tool) -> int:
        return tokens.count_request(ChatRequest(None, (), tools=tools)) - 3

    bare, described = Tool("f"), Tool("f", "Tell the weather of a place.")
    full = Tool("f", "Tell the weather of a place.", {"type": "object", "properties": {"place": {"type": "string"}}})
    assert 0 == counted() < counted(bare) < counted(described) < counted(full)
    assert counted(bare, full) == counted(bare) + counted(full)


def test_a_text_that_comes_again_is_not_counted_again() -> None:
    encoding = LetterEncoding()
    counting = TokenCounter(encoding)
    text = " ".join(f"word{number} and" for number in range(10_000))
    assert [counting.count(text) for _ in range(3)] == [len(text)] * 3
    assert "".join(encoding.asked) == text


def test_the_texts_that_are_remembered_are_limited() -> None:
    encoding = LetterEncoding()
    counting = TokenCounter(encoding)
    texts = [f"n{number}" for number in range(20_000)]
    for text in (*texts, *texts[:50], *texts[:50]):
        assert counting.count(text) == len(text)
    assert encoding.asked == texts + texts[:50]


@pytest.mark.parametrize("text", [PROSE * 500, "word " * 20_000, "a line\n" * 10_000, "x" * 8190 + " y" * 9000])
def test_a_long_text_of_ordinary_words_is_counted_exactly(tokens: TokenCounter, text: str) -> None:
    assert len(text) > 3 * SEGMENT_CHARS
    assert tokens.count(text) == by_tiktoken(tokens, text)


@pytest.mark.parametrize("size", [1, 7, 4096, SEGMENT_CHARS, SEGMENT_CHARS + 1, 1_000_000])
@pytest.mark.parametrize("unit", [PROSE, "x", " ", "a1 ", "\n"])
def test_a_text_may_come_in_pieces_of_any_size(unit: str, size: int) -> None:
    text = unit * (3 * SEGMENT_CHARS // len(unit))
    meter = counter().meter()
    for at in range(0, len(text), size):
        meter.feed(text[at : at + size])
    assert meter.total() == counter().count(text)


def test_a_meter_can_be_read_on_the_way() -> None:
    meter = counter().meter()
    totals = []
    for word in ("hello", " world", "", "!"):
        meter.feed(word)
        totals.append(meter.total())
    assert totals == [1, 2, 2, 3]


@pytest.mark.parametrize("unit", ["a", " ", "7", "\u0301", "\n", "!", "é", "汉", "aB", " \n", "\x00", "'s"])
def test_eight_megabytes_of_one_thing_are_counted_in_bounded_time(unit: str) -> None:
    text = unit * (2**23 // len(unit.encode()))
    meter = counter().meter()
    began = process_time()
    for at in range(0, len(text), 2**20):
        meter.feed(text[at : at + 2**20])
    total = meter.total()
    assert 0 < total <= len(text.encode())
    assert process_time() - began < 10


def test_an_encoding_is_loaded_once_for_all_who_ask() -> None:
    async def ask() -> tuple[TokenCounter, ...]:
        tokenizers = Tokenizers()
        tokenizers.load("cl100k_base")
        first, second = await asyncio.gather(tokenizers.counter("cl100k_base"), tokenizers.counter("cl100k_base"))
        return first, second, await tokenizers.counter("cl100k_base")

    first, *others = asyncio.run(ask())
    assert all(other is first for other in others)
    assert first.count("hello world") == 2


def test_who_stops_waiting_for_an_encoding_does_not_stop_the_others() -> None:
    async def ask() -> int:
        tokenizers = Tokenizers()
        impatient = asyncio.ensure_future(tokenizers.counter("cl100k_base"))
        await asyncio.sleep(0)
        impatient.cancel()
        return (await tokenizers.counter("cl100k_base")).count("hello world")

    assert asyncio.run(ask()) == 2


def test_a_late_meter_tells_the_same_whenever_its_counter_comes() -> None:
    async def total(early: int) -> tuple[int, int]:
        counting: asyncio.Future[TokenMeter] = asyncio.get_running_loop().create_future()
        late = LateMeter(counting)
        for number, word in enumerate(("hello", " world", "!")):
            if number == early:
                counting.set_result(counter().meter(7))
            late.feed(word)
        if not counting.done():
            counting.set_result(counter().meter(7))
        await late.settle()
        return late.asked, late.total()

    assert [asyncio.run(total(early)) for early in range(4)] == [(7, 3)] * 4


def test_a_late_meter_that_is_closed_stops_the_counting() -> None:
    async def closed() -> bool:
        counting: asyncio.Future[TokenMeter] = asyncio.get_running_loop().create_future()
        LateMeter(counting).close()
        return counting.cancelled()

    assert asyncio.run(closed())
