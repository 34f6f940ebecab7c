"""An answer that is checked before any of it is told. The answers here are events; what makes them is not needed."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from msgspec.structs import replace

from argo_proxy.canonical.chat import ChatRequest, FinishReason, Message, Reply, Text, Usage
from argo_proxy.canonical.collector import collect
from argo_proxy.canonical.collector import tell as events_of
from argo_proxy.canonical.errors import ProxyError, RateLimited, UpstreamError
from argo_proxy.canonical.events import Event, Events, ReplyFailed, ReplyStarted, TextDelta
from argo_proxy.canonical.spokes import Check, Mismatch
from argo_proxy.relay.answer import Tell
from argo_proxy.relay.checked import CheckedAnswer, checked, mended, told
from argo_proxy.relay.prepared import Prepared
from tests.known import card

FAILED = RateLimited("slow down")
UNFIT = UpstreamError("it does not fit", code="invalid_output")


def reply(
    text: str, *, tokens: tuple[int, int] = (10, 3), estimated: bool = True, reason: FinishReason = "stop"
) -> Reply:
    return Reply((Text(text),), reason, Usage(*tokens, estimated=estimated))


def must_be_good(given: Reply) -> Reply:
    if "good" not in given.text:
        raise Mismatch(UNFIT, f"'{given.text}' is not good")
    return replace(given, parts=(Text(given.text.strip()),))


def must_shout(given: Reply) -> Reply:
    return replace(given, parts=(Text(given.text.upper()),))


class Answered:
    """An answer of events that are there, one batch at a time; with none left it never comes to its end."""

    def __init__(self, *batches: Events) -> None:
        self._batches = list(batches)
        self.waiting = asyncio.Event()
        self.closed = False

    def __enter__(self) -> "Answered":
        return self

    def __exit__(self, *_: object) -> None:
        self.closed = True

    @property
    def ended(self) -> bool:
        return not self._batches

    async def more(self, tell: Tell) -> None:
        if not self._batches[0]:
            self.waiting.set()
            await asyncio.Event().wait()
        tell(self._batches.pop(0))


def whole(given: Reply) -> Answered:
    return Answered(*[(event,) for event in events_of(given)])


class Scene:
    """One checked answer: first the one answer, and if it is asked for again, the other."""

    def __init__(self, first: Answered, second: Answered | ProxyError | None = None, *, stream: bool = False) -> None:
        request = ChatRequest("gpt4o", (Message("user", (Text("hi"),)),), stream=stream)
        checks: Sequence[Check] = (must_be_good, must_shout)
        self.first, self.second = first, second
        self.complaints: list[tuple[str, str]] = []
        prepared = Prepared(request, card("gpt4o"), "me", streamed=False, body=b"", checks=tuple(checks))
        self.answer = CheckedAnswer(first, prepared, self._again, ThreadPoolExecutor(1))

    async def _again(self, given: Reply, complaint: str) -> Answered:
        self.complaints.append((given.text, complaint))
        if isinstance(self.second, ProxyError):
            raise self.second
        assert self.second is not None, "nobody was to be asked again"
        return self.second

    async def events(self) -> Events:
        told: list[Event] = []

        def tell(events: Events) -> bool:
            told.extend(events)
            return True

        with self.answer as answer:
            while not answer.ended:
                await answer.more(tell)
        assert self.first.closed
        return told


def failure(events: Events) -> ProxyError:
    (failed,) = events
    assert isinstance(failed, ReplyFailed)
    return failed.error


def test_a_reply_that_fits_is_told_as_the_checks_leave_it() -> None:
    async def play() -> None:
        scene = Scene(whole(reply(" so good ")))
        assert collect(await scene.events()) == reply("SO GOOD")
        assert scene.complaints == []

    asyncio.run(play())


def test_a_reply_that_does_not_fit_is_asked_for_once_more_and_costs_what_both_cost() -> None:
    async def play() -> None:
        second = whole(reply("good", tokens=(25, 1), estimated=False))
        scene = Scene(whole(reply("bad")), second)
        assert collect(await scene.events()) == reply("GOOD", tokens=(35, 4))
        assert scene.complaints == [("bad", "'bad' is not good")]
        assert second.closed

    asyncio.run(play())


def test_a_reply_that_never_fits_fails_with_what_is_wrong_with_it() -> None:
    async def play() -> None:
        second = whole(reply("worse"))
        scene = Scene(whole(reply("bad")), second)
        assert failure(await scene.events()) is UNFIT
        assert len(scene.complaints) == 1
        assert second.closed

    asyncio.run(play())


@pytest.mark.parametrize(
    "batches",
    [[(ReplyFailed(FAILED),)], [events_of(reply("good"))[:2], (TextDelta("x"), ReplyFailed(FAILED))]],
    ids=["at-once", "on-the-way"],
)
def test_a_first_answer_that_fails_is_not_asked_for_again(batches: list[Events]) -> None:
    async def play() -> None:
        scene = Scene(Answered(*batches))
        assert failure(await scene.events()) is FAILED
        assert scene.complaints == []

    asyncio.run(play())


@pytest.mark.parametrize("refused", [True, False], ids=["refused", "broken-off"])
def test_the_second_call_may_fail_of_its_own_accord(refused: bool) -> None:
    async def play() -> None:
        broken = Answered((ReplyStarted(),), (ReplyFailed(FAILED),))
        scene = Scene(whole(reply("bad")), FAILED if refused else broken)
        assert failure(await scene.events()) is FAILED
        assert broken.closed is not refused

    asyncio.run(play())


def test_a_streamed_reply_comes_in_small_pieces_once_it_is_checked() -> None:
    async def play() -> None:
        text = "good, and longer than a piece may be"
        events = await Scene(whole(reply(text)), stream=True).events()
        pieces = [event.text for event in events if isinstance(event, TextDelta)]
        assert len(pieces) == 2
        assert collect(events) == reply(text.upper())

    asyncio.run(play())


@pytest.mark.parametrize("at", ["first", "second"])
def test_who_stops_waiting_closes_what_was_open(at: str) -> None:
    async def play() -> None:
        endless = Answered((ReplyStarted(),), ())
        scene = Scene(endless) if at == "first" else Scene(whole(reply("bad")), endless)
        reading = asyncio.ensure_future(scene.events())
        await endless.waiting.wait()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert (endless.closed, scene.first.closed) == (True, True)

    asyncio.run(play())


def test_checks_are_made_in_their_order_each_on_what_the_one_before_left() -> None:
    assert checked(reply(" good "), (must_be_good, must_shout)) == reply("GOOD")
    with pytest.raises(Mismatch, match="it does not fit"):
        checked(reply("good"), (must_shout, must_be_good))
    assert checked(reply(" any "), ()) == reply(" any ")


def test_the_second_reply_is_told_with_the_usage_of_both() -> None:
    first, second = reply("bad", estimated=False), reply("good", tokens=(20, 1), estimated=False)
    assert mended(first, second, (must_be_good,)) == reply("good", tokens=(30, 4), estimated=False)
    with pytest.raises(UpstreamError, match="it does not fit") as caught:
        mended(first, first, (must_be_good,))
    assert caught.value is UNFIT


@pytest.mark.parametrize("in_pieces", [True, False])
def test_what_is_told_of_a_checked_reply_adds_up_to_it(in_pieces: bool) -> None:
    given = reply("a text that is longer than a piece")
    events = told(given, in_pieces=in_pieces)
    assert collect(events) == given
    assert len(events) == 5 + in_pieces
