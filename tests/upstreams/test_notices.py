import pytest

from argo_proxy.canonical.chat import UNCOUNTED
from argo_proxy.canonical.errors import Denied, UpstreamError
from argo_proxy.canonical.events import (
    Event,
    Events,
    PartEnded,
    ReplyFailed,
    ReplyFinished,
    ReplyStarted,
    TextDelta,
    TextStarted,
)
from argo_proxy.upstreams.faults import GATEWAY_FAULTS
from argo_proxy.upstreams.notices import AUTHENTICATION, NoticeStage, unreadable

END: Events = (PartEnded(), ReplyFinished("stop", UNCOUNTED))


def passed(*texts: str) -> list[Event]:
    """What comes out for an answer in these pieces, up to its first end, as the pipeline takes it."""
    stage = NoticeStage()
    events = (ReplyStarted(), TextStarted(), *map(TextDelta, texts), *END)
    out = [event for given in events for event in stage.feed(given)]
    ends = [at for at, event in enumerate(out) if isinstance(event, ReplyFinished | ReplyFailed)]
    return out[: ends[0] + 1]


def failure(*texts: str) -> ReplyFailed:
    last = passed(*texts)[-1]
    assert isinstance(last, ReplyFailed)
    return last


@pytest.mark.parametrize(
    "texts",
    [
        (AUTHENTICATION,),
        (f"*** {AUTHENTICATION} ***\nThe user is not known.",),
        ("\n", "AUTHENTI", "CATION NOTICE", " FROM ARGO: who are you?"),
        tuple(AUTHENTICATION),
        (f"Dear user,\n{AUTHENTICATION}",),
    ],
)
def test_an_authentication_notice_is_a_denial_that_says_what_to_do(texts: tuple[str, ...]) -> None:
    error = failure(*texts).error
    assert isinstance(error, Denied)
    assert (error.http_status, error.http_code) == (403, "unknown_user")
    assert "`user`" in error.message


def test_the_beginning_of_a_notice_waits_until_it_is_told_apart() -> None:
    stage = NoticeStage()
    assert stage.feed(TextDelta("AUTH")) == ()
    assert stage.feed(TextDelta("ENTIC")) == ()
    assert stage.feed(TextDelta("ITY")) == (TextDelta("AUTH"), TextDelta("ENTIC"), TextDelta("ITY"))


@pytest.mark.parametrize("first", ["A", "AUT", "Cannot", "'NoneType'", "Hello", " ", "\n\n", "**A"])
def test_an_ordinary_beginning_does_not_wait(first: str) -> None:
    assert NoticeStage().feed(TextDelta(first)) == (TextDelta(first),)


@pytest.mark.parametrize("fault", GATEWAY_FAULTS)
def test_a_fault_of_the_gateway_in_place_of_an_answer_is_an_error(fault: str) -> None:
    for texts in ((fault,), (f" {fault}\n",), tuple(fault), (fault[:20], fault[20:])):
        error = failure(*texts).error
        assert isinstance(error, UpstreamError)
        assert (error.http_status, error.http_code, error.message) == (502, "gateway_fault", f"ARGO failed: {fault}")


@pytest.mark.parametrize("fault", GATEWAY_FAULTS)
def test_an_answer_about_a_fault_is_an_answer(fault: str) -> None:
    texts = (fault[:30], fault[30:], " means that ..")
    assert passed(*texts) == [ReplyStarted(), TextStarted(), *map(TextDelta, texts), *END]


def test_an_answer_that_ends_like_a_notice_begins_is_passed_on() -> None:
    assert passed("AUTHENTICATION")[2:] == [TextDelta("AUTHENTICATION"), *END]


def test_far_into_an_answer_somebody_is_only_writing_about_it() -> None:
    texts = ("x" * 500, " ", AUTHENTICATION)
    assert passed(*texts)[2:-2] == list(map(TextDelta, texts))


@pytest.mark.parametrize("lead", [480, 481, 482, 511, 512, 513])
def test_where_the_watch_ends_does_not_depend_on_how_the_answer_was_cut(lead: int) -> None:
    text = "x" * lead + AUTHENTICATION
    whole = type(passed(text)[-1])
    assert whole is (ReplyFailed if lead <= 481 else ReplyFinished)
    assert all(type(passed(text[:at], text[at:])[-1]) is whole for at in range(1, len(text)))


def test_only_the_first_part_of_an_answer_is_watched() -> None:
    stage = NoticeStage()
    start = (ReplyStarted(), TextStarted(), TextDelta("fine"))
    assert [stage.feed(event) for event in start] == [(), (), start]
    for event in (PartEnded(), TextStarted()):
        assert stage.feed(event) == (event,)
    assert stage.feed(TextDelta(AUTHENTICATION)) == (TextDelta(AUTHENTICATION),)


def test_an_empty_answer_and_a_failure_pass_through() -> None:
    stage = NoticeStage()
    failed, finished = ReplyFailed(UpstreamError("broke off")), ReplyFinished("stop", UNCOUNTED)
    assert NoticeStage().feed(failed) == (failed,)
    assert [stage.feed(event) for event in (ReplyStarted(), finished)] == [(), (ReplyStarted(), finished)]


@pytest.mark.parametrize(
    "body", [AUTHENTICATION, f"<p>{AUTHENTICATION}</p>", f'{{"detail": "{AUTHENTICATION}: who?"}}']
)
def test_a_notice_in_a_body_that_is_no_answer_is_denied(body: str) -> None:
    error = unreadable(body.encode(), b'"response"')
    assert (type(error), error.http_status, error.http_code) == (Denied, 403, "unknown_user")


@pytest.mark.parametrize("fault", GATEWAY_FAULTS)
def test_a_fault_in_a_body_that_is_no_answer_is_the_gateways(fault: str) -> None:
    error = unreadable(f'{{"text": "{fault}"}}'.encode(), b'"response"')
    assert (type(error), error.http_code, error.message) == (UpstreamError, "gateway_fault", f"ARGO failed: {fault}")


def test_an_answer_that_is_damaged_is_neither_searched_nor_quoted() -> None:
    error = unreadable(f'{{"response": "they wrote {AUTHENTICATION}'.encode(), b'"response"')
    assert error.message == "ARGO's answer cannot be read: its JSON is damaged"
