"""From a request to the call that is made for it."""

import json

import pytest
from msgspec.structs import replace

from argo_proxy.canonical.caller import Caller
from argo_proxy.canonical.card import ModelCard
from argo_proxy.canonical.chat import (
    UNCOUNTED,
    ChatRequest,
    Image,
    JsonOutput,
    Message,
    Reply,
    Sampling,
    Text,
    Tool,
    ToolChoice,
)
from argo_proxy.canonical.errors import Unsupported
from argo_proxy.canonical.events import Event, Events
from argo_proxy.canonical.spokes import StageMaker, Transform, Transformed
from argo_proxy.relay.prepared import Prepared, Shaped
from argo_proxy.relay.shaping import is_streamed, prepare, shape, stages_for, told_again
from argo_proxy.transforms.accounting import AccountingStage
from argo_proxy.transforms.small_pieces import SmallPiecesStage
from argo_proxy.transforms.stop_sequences import StopStage
from argo_proxy.upstreams.notices import NoticeStage
from tests.known import card, counter, shaped

HI = (Message("user", (Text("hi"),)),)
SEARCH = Tool("search")


def asked(model: str = "gpt4o", *, stream: bool = False, **sampling: object) -> ChatRequest:
    return ChatRequest(model, HI, sampling=Sampling(**sampling), stream=stream)


def offered(model: str = "gpt4o", mode: str = "auto", **sampling: object) -> ChatRequest:
    return replace(asked(model, stream=True, **sampling), tools=(SEARCH,), tool_choice=ToolChoice(mode))


def prepared(request: ChatRequest, *, real_stream: bool = True, prompted: bool = False) -> Prepared:
    known = card(request.model or "")
    return prepare(
        shaped(request, replace(known, tools=False) if prompted else known), Caller("me"), real_stream=real_stream
    )


def as_it_is(reply: Reply) -> Reply:
    return reply


class Passing:
    """A stage that changes nothing."""

    def feed(self, event: Event) -> Events:
        return (event,)


@pytest.mark.parametrize(
    ("model", "stream", "real_stream", "limit", "streamed"),
    [
        ("gpt4o", False, True, None, False),
        ("gpt4o", True, True, None, True),
        ("gpt4o", True, False, None, False),
        ("gpto1mini", True, True, None, False),
        ("claudesonnet4", False, True, 21_000, False),
        ("claudesonnet4", False, True, 21_001, True),
        ("claudesonnet4", True, False, 21_001, True),
        ("gpt5", False, True, 128_000, False),
    ],
)
def test_the_call_is_streamed_for_who_streams_and_for_what_is_too_long_otherwise(
    model: str, stream: bool, real_stream: bool, limit: int | None, streamed: bool
) -> None:
    request = asked(model, stream=stream, max_tokens=limit)
    assert is_streamed(Shaped(request, card(model)), real_stream=real_stream) is streamed


@pytest.mark.parametrize(
    ("request_", "streamed"),
    [
        (offered(), False),
        (offered(mode="required"), False),
        (offered(mode="none"), True),
        (offered("gpto1mini", "none"), False),
        (offered("claudesonnet4", max_tokens=32_000), False),
        (offered("claudesonnet4", "none", max_tokens=32_000), True),
    ],
)
def test_calls_in_the_providers_own_form_never_come_in_a_stream(request_: ChatRequest, streamed: bool) -> None:
    assert is_streamed(Shaped(request_, card(request_.model or "")), real_stream=True) is streamed


@pytest.mark.parametrize(
    ("request_", "streamed"),
    [
        (asked(stream=True), False),
        (asked("claudesonnet4", max_tokens=21_001), True),
        (asked("claudesonnet4", stream=True, max_tokens=21_001), True),
    ],
)
def test_what_is_checked_is_streamed_only_where_it_is_too_long_otherwise(request_: ChatRequest, streamed: bool) -> None:
    held = Shaped(request_, card(request_.model or ""), checks=(as_it_is,))
    assert is_streamed(held, real_stream=True) is streamed


def test_the_limit_of_an_answer_with_calls_is_that_of_a_whole_one() -> None:
    limited = prepared(offered("claudesonnet4", max_tokens=32_000))
    assert (limited.streamed, json.loads(limited.body)["max_tokens"]) == (False, 21_000)
    assert limited.request.adjusted == ("max_tokens clamped to 21000",)
    free = prepared(offered("claudesonnet4", max_tokens=32_000), prompted=True)
    assert (free.streamed, json.loads(free.body)["max_tokens"]) == (True, 32_000)


@pytest.mark.parametrize(
    ("request_", "prompted", "checked"),
    [
        (asked(), False, False),
        (offered(mode="required"), False, False),
        (offered(mode="auto"), True, False),
        (offered(mode="none"), True, False),
        (offered(mode="required"), True, True),
        (replace(asked(), output=JsonOutput()), False, True),
        (replace(offered(), output=JsonOutput()), True, True),
    ],
)
def test_a_reply_that_has_to_fulfil_something_is_checked(request_: ChatRequest, prompted: bool, checked: bool) -> None:
    assert bool(prepared(request_, prompted=prompted).checks) is checked


class First(Passing):
    pass


class Last(Passing):
    pass


def step(name: str, stage: StageMaker | None = None) -> Transform:
    """A transform that says its name."""
    return lambda request, _: Transformed(request.changed(name), stage, as_it_is if stage else None)


def test_transforms_see_what_those_before_them_made_and_replies_pass_in_the_opposite_order() -> None:
    result = shape(asked(), card("gpt4o"), (step("first", First), step("second"), step("last", Last)))
    assert result.request.adjusted == ("first", "second", "last")
    assert (result.stages, result.checks) == ((Last, First), (as_it_is, as_it_is))


def test_what_a_model_cannot_do_is_refused_before_anything_is_sent() -> None:
    picture = Message("user", (Image("image/png", "AAAA"),))
    with pytest.raises(Unsupported, match="takes no images"):
        prepared(replace(asked("gpt35"), messages=(picture,)))


def test_a_prepared_call_says_to_whom_in_which_way_and_in_which_bytes() -> None:
    call = prepared(asked(stream=True))
    assert (call.request, call.card, call.caller.user, call.streamed) == (asked(stream=True), card("gpt4o"), "me", True)
    assert json.loads(call.body) == {
        "user": "me",
        "model": "gpt4o",
        "messages": [{"role": "user", "content": "hi"}],
    }


@pytest.mark.parametrize("model", ["gpt4o", "claudesonnet4", "gemini25pro", "gpto1mini"])
def test_the_second_call_is_the_first_with_its_answer_and_what_is_wrong_with_it(model: str) -> None:
    first = prepared(replace(asked(model, max_tokens=50), output=JsonOutput()))
    again = told_again(first, Reply((Text("It is"), Text(" sunny.")), "stop", UNCOUNTED), "That is no JSON.")
    before, after = json.loads(first.body), json.loads(again.body)
    said = [
        {"role": "assistant", "content": "It is sunny."},
        {"role": "user", "content": "That is no JSON."},
    ]
    assert after == {**before, "messages": before["messages"] + said}
    assert (again.caller, again.streamed, again.card) == (first.caller, first.streamed, first.card)
    assert (again.checks, again.stages) == (first.checks, first.stages)
    assert len(again.request.messages) == len(first.request.messages) + 2


@pytest.mark.parametrize(
    ("request_", "real_stream", "stages"),
    [
        (asked(), True, [AccountingStage]),
        (asked(stop=("END",)), True, [StopStage, AccountingStage]),
        (asked(stream=True), True, [NoticeStage, AccountingStage]),
        (asked(stream=True), False, [AccountingStage, SmallPiecesStage]),
        (replace(asked(stream=True), output=JsonOutput()), True, [AccountingStage]),
    ],
)
def test_a_reply_is_watched_stopped_counted_and_cut_into_pieces_as_needed(
    request_: ChatRequest, real_stream: bool, stages: list[type]
) -> None:
    call = prepared(request_, real_stream=real_stream)
    assert [type(stage) for stage in stages_for(call, counter().meter(3))] == stages


def test_every_reply_passes_stages_of_its_own() -> None:
    call = prepared(offered("claudesonnet4"))
    one, other = (stages_for(call, counter().meter(3)) for _ in range(2))
    assert [type(stage) for stage in one] == [type(stage) for stage in other]
    assert not {id(stage) for stage in one} & {id(stage) for stage in other}
    assert len(one) > 3


def test_a_card_says_which_wire_shape_to_speak() -> None:
    def spoken(known: ModelCard) -> dict[str, object]:
        return json.loads(prepare(shaped(offered(known.id), known), Caller("me"), real_stream=True).body)["tools"][0]

    assert "function" in spoken(card("gpt4o"))
    assert "input_schema" in spoken(card("claudesonnet4"))
    assert spoken(card("gemini25pro")) == {"name": "search"}
