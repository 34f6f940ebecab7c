import pytest

from argo_proxy.canonical.chat import UNCOUNTED, Sampling, Usage
from argo_proxy.canonical.errors import UpstreamError
from argo_proxy.canonical.events import Event, ReplyFailed, ReplyFinished, ReplyStarted, TextDelta
from argo_proxy.transforms.accounting import AccountingStage
from tests.known import card

END = ReplyFinished("stop", UNCOUNTED)


class LetterMeter:
    """One token for each letter."""

    asked = 11

    def __init__(self) -> None:
        self.letters = 0

    def feed(self, text: str) -> None:
        self.letters += len(text)

    def total(self) -> int:
        return self.letters


def ended(*texts: str, model: str = "gpt4o", limit: int | None = None, stop: tuple[str, ...] = ()) -> Event:
    stage = AccountingStage(LetterMeter(), Sampling(max_tokens=limit, stop=stop), card(model))
    for text in texts:
        assert stage.feed(TextDelta(text)) == (TextDelta(text),)
    [event] = stage.feed(END)
    return event


def used(tokens: int) -> Usage:
    return Usage(11, tokens, estimated=True)


def test_the_end_tells_what_was_used() -> None:
    assert ended("abc", "de") == ReplyFinished("stop", used(5))


@pytest.mark.parametrize(("limit", "reason"), [(4, "length"), (5, "length"), (6, "stop"), (None, "stop")])
def test_an_answer_as_long_as_its_limit_was_cut_by_it(limit: int | None, reason: str) -> None:
    assert ended("abcde", limit=limit) == ReplyFinished(reason, used(5))


def test_an_empty_answer_is_the_gateways_fault() -> None:
    failed = ended()
    assert isinstance(failed, ReplyFailed)
    assert (failed.error.http_status, failed.error.http_code) == (502, "empty_answer")
    assert isinstance(ended(limit=5), ReplyFailed)
    assert isinstance(ended(model="gpt5"), ReplyFailed)


def test_an_answer_may_be_empty_when_a_stop_sequence_cut_it_all_off() -> None:
    assert ended(stop=("x",)) == ReplyFinished("stop", used(0))
    assert ended(stop=("x",), model="gpt5", limit=5) == ReplyFinished("stop", used(0))


@pytest.mark.parametrize("model", ["gpt5", "gpto3", "gemini25pro"])
def test_an_answer_may_be_empty_when_hidden_reasoning_used_the_limit_up(model: str) -> None:
    assert ended(model=model, limit=5) == ReplyFinished("length", used(0))


def test_everything_else_passes() -> None:
    stage = AccountingStage(LetterMeter(), Sampling(), card("gpt4o"))
    for event in (ReplyStarted(), ReplyFailed(UpstreamError("x"))):
        assert stage.feed(event) == (event,)
