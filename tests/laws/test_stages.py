"""Laws of the stages that a reply passes through."""

from hypothesis import example, given
from hypothesis import strategies as st

from argo_proxy.canonical.chat import UNCOUNTED
from argo_proxy.canonical.events import (
    Event,
    PartEnded,
    ReplyFailed,
    ReplyFinished,
    ReplyStarted,
    TextDelta,
    TextStarted,
)
from argo_proxy.canonical.spokes import Stage
from argo_proxy.transforms.small_pieces import PIECE_CHARS, SmallPiecesStage
from argo_proxy.transforms.stop_sequences import StopStage
from argo_proxy.upstreams.faults import GATEWAY_FAULTS
from argo_proxy.upstreams.notices import AUTHENTICATION, NoticeStage, spoken_notice
from tests.known import counter
from tests.laws.strategies import cuts, law, places, speech

letters = st.text("abc", max_size=30)
stops = st.lists(st.text("abc", min_size=1, max_size=5), min_size=1, max_size=4)


def texts_from(stage: Stage, pieces: list[str]) -> tuple[list[str], Event]:
    """The texts that are passed on for an answer in these pieces, and its end."""
    events = (ReplyStarted(), TextStarted(), *map(TextDelta, pieces), PartEnded(), ReplyFinished("stop", UNCOUNTED))
    texts: list[str] = []
    for event in (out for given_event in events for out in stage.feed(given_event)):
        match event:
            case TextDelta(text):
                texts.append(text)
            case ReplyFinished() | ReplyFailed():
                return texts, event
            case _:
                pass
    raise AssertionError("the answer has no end")


def earliest(text: str, sequences: list[str]) -> int:
    return min((text.find(stop) for stop in sequences if stop in text), default=len(text))


def beginning(text: str, sequences: list[str]) -> int:
    """How many characters at the end of the text begin one of the sequences without ending it."""
    return max((size for stop in sequences for size in range(len(stop)) if text.endswith(stop[:size])), default=0)


@law
@given(text=letters, sequences=stops, at=places)
@example(text="xabc", sequences=["b", "abc"], at=[2])
def test_an_answer_ends_before_its_earliest_stop_sequence(text: str, sequences: list[str], at: list[int]) -> None:
    texts, end = texts_from(StopStage(sequences), cuts(text, at))
    assert "".join(texts) == text[: earliest(text, sequences)]
    assert isinstance(end, ReplyFinished)


@law
@given(text=letters, sequences=stops, at=places)
def test_nothing_waits_but_what_may_begin_a_stop_sequence(text: str, sequences: list[str], at: list[int]) -> None:
    stage = StopStage(sequences)
    fed = passed = ""
    for piece in cuts(text[: earliest(text, sequences)], at):
        fed += piece
        passed += "".join(event.text for event in stage.feed(TextDelta(piece)) if isinstance(event, TextDelta))
        assert passed == fed[: len(fed) - beginning(fed, sequences)]


@law
@given(text=letters, sequences=stops, at=places)
def test_a_stop_sequence_that_cannot_be_beaten_ends_the_answer_at_once(
    text: str, sequences: list[str], at: list[int]
) -> None:
    stage = StopStage(sequences)
    fed = ""
    for piece in cuts(text, at):
        fed += piece
        ended = any(isinstance(event, ReplyFinished) for event in stage.feed(TextDelta(piece)))
        assert ended == (earliest(fed, sequences) <= len(fed) - max(beginning(fed, sequences), 1))
        if ended:
            return


nearly = [AUTHENTICATION[:-1], "AUTHENTICATION NOTICE TO ARGO", "A" * 9, *(fault + "." for fault in GATEWAY_FAULTS)]
cut_short = st.sampled_from(GATEWAY_FAULTS).map(lambda fault: fault[:-3])
telling = st.one_of(
    speech,
    st.sampled_from(nearly),
    st.tuples(st.sampled_from(["", "\n# "]), cut_short, speech).map("".join),
)


@law
@given(text=telling, at=places)
def test_an_answer_that_is_no_notice_is_passed_on_unchanged(text: str, at: list[int]) -> None:
    pieces = cuts(text, at)
    if AUTHENTICATION not in text and text.strip() not in GATEWAY_FAULTS:
        texts, end = texts_from(NoticeStage(), pieces)
        assert texts == pieces
        assert isinstance(end, ReplyFinished)


@law
@given(lead=st.sampled_from(["", " ", "\n\n", "*** ", "x" * 400, "Dear user, "]), after=speech, at=places)
def test_a_notice_never_passes_as_an_answer(lead: str, after: str, at: list[int]) -> None:
    texts, end = texts_from(NoticeStage(), cuts(lead + AUTHENTICATION + after, at))
    assert isinstance(end, ReplyFailed)
    assert AUTHENTICATION not in "".join(texts)


@law
@given(
    lead=st.integers(440, 560),
    notice=st.sampled_from([AUTHENTICATION, *GATEWAY_FAULTS]),
    blank=st.booleans(),
    at=places,
)
def test_what_is_a_notice_does_not_depend_on_the_cuts(lead: int, notice: str, blank: bool, at: list[int]) -> None:
    text = (" " if blank else "x") * lead + notice
    end = texts_from(NoticeStage(), cuts(text, at))[1]
    assert type(end) is type(texts_from(NoticeStage(), [text])[1])
    assert isinstance(end, ReplyFailed) == (spoken_notice(text) is not None)


@law
@given(text=speech, at=places)
def test_small_pieces_are_small_and_say_the_same(text: str, at: list[int]) -> None:
    texts, _ = texts_from(SmallPiecesStage(), cuts(text, at))
    assert "".join(texts) == text
    assert all(0 < len(piece) <= PIECE_CHARS for piece in texts)


@law
@given(
    unit=st.one_of(speech, st.sampled_from(["x", " ", "\n", "word ", "a1", "line\n", "é", "'s "])),
    times=st.integers(1, 6000),
    at=places.map(lambda places: [place * 7 for place in places]),
)
def test_the_count_of_a_text_does_not_depend_on_its_cuts(unit: str, times: int, at: list[int]) -> None:
    text = (unit * times)[:60_000]
    meter = counter().meter()
    for piece in cuts(text, at):
        meter.feed(piece)
    assert meter.total() == counter().count(text)


words = st.lists(st.from_regex(r"[A-Za-z]{1,12}('s|,|\.| \d{1,4}|\n\n?| )?", fullmatch=True), min_size=1, max_size=40)


@law
@given(told=words, times=st.integers(1, 100), name=st.sampled_from(["cl100k_base", "o200k_base"]))
def test_a_text_of_ordinary_words_is_counted_as_tiktoken_counts_it(told: list[str], times: int, name: str) -> None:
    text = (" ".join(told) + " ") * times
    assert counter(name).count(text) == len(counter(name)._encoding.encode_ordinary(text))
