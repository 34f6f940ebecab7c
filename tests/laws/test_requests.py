"""Laws of the way there: from the body that a client sends to the body that ARGO takes."""

import base64
import json
from collections.abc import Callable, Iterable

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from argo_proxy.canonical.caller import Caller
from argo_proxy.canonical.card import ModelCard
from argo_proxy.canonical.chat import UNCOUNTED, Reply, Text, ToolChoice
from argo_proxy.canonical.errors import BadRequest, ProxyError
from argo_proxy.dialects.openai_chat import parse
from argo_proxy.dialects.wire import render_error
from argo_proxy.relay.prepared import Prepared
from argo_proxy.relay.shaping import WITHOUT_TOOLS, concerns_tools, prepare, shape, told_again
from argo_proxy.simulator.models import MODELS
from argo_proxy.simulator.strict import check_chat
from argo_proxy.simulator.strict.ask import Ask, read_turns
from argo_proxy.simulator.strict.body import read_chat
from tests.dialects.openai_chat.tool_strategies import formats, offers, tool_turns
from tests.known import catalog, shaped
from tests.laws.strategies import law, text

CHAT = [card for card in catalog().cards if card.kind == "chat"]
PICTURES = [base64.b64encode(start + bytes(9)).decode() for start in (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a")]

Json = dict[str, object]


def objects(
    required: dict[str, st.SearchStrategy[object]], **optional: st.SearchStrategy[object]
) -> st.SearchStrategy[Json]:
    """Objects in which an optional key may be missing or null."""
    return st.fixed_dictionaries(required, optional={key: st.none() | value for key, value in optional.items()})


said = st.one_of(st.sampled_from(["", " ", "\n", "hello ", "go on:\t"]), text)
text_part = objects({"type": st.just("text"), "text": said})
refusal_part = objects({"type": st.just("refusal"), "refusal": said})
image_part = objects(
    {
        "type": st.just("image_url"),
        "image_url": objects(
            {"url": st.sampled_from(PICTURES).map("data:image/png;base64,{}".format)},
            detail=st.sampled_from(["auto", "low", "high"]),
        ),
    }
)


def parts(*kinds: st.SearchStrategy[Json]) -> st.SearchStrategy[list[Json]]:
    return st.lists(st.one_of(*kinds), min_size=1, max_size=4)


def turns(*user_parts: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    name = st.sampled_from(["me", "you"])
    return st.one_of(
        objects({"role": st.sampled_from(["system", "developer"]), "content": said | parts(text_part)}, name=name),
        objects({"role": st.just("user"), "content": said | parts(*user_parts)}, name=name),
        objects(
            {"role": st.just("assistant")}, content=said | parts(text_part, refusal_part), refusal=said, name=name,
            tool_calls=st.just([]),
        ),
    )  # fmt: skip


def conversations(*user_parts: st.SearchStrategy[Json]) -> st.SearchStrategy[list[Json]]:
    calling = tool_turns(said, parts(text_part), parts(*user_parts))
    return st.lists(turns(*user_parts), min_size=1, max_size=5) | st.lists(
        st.one_of(turns(*user_parts), calling), min_size=1, max_size=8
    )


def bodies(*user_parts: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    return st.builds(lambda settings, offered: {**settings, **offered}, settled(*user_parts), offers() | st.just({}))


def settled(*user_parts: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    """Bodies without tools."""
    limit = st.one_of(st.integers(1, 200_000), st.sampled_from([1, 21_000, 21_001, 2**53]))
    return objects(
        {"messages": conversations(*user_parts)},
        temperature=st.floats(0, 2) | st.sampled_from([0, 1, 2]),
        top_p=st.floats(0, 1) | st.sampled_from([0, 1]),
        max_tokens=limit,
        max_completion_tokens=limit,
        stop=said | st.lists(said, max_size=4),
        n=st.integers(1, 128),
        stream=st.booleans(),
        timeout=st.floats(0.001, 600),
        seed=st.integers(0, 2**63 - 1),
        user=text,
        response_format=formats,
    )


def accepted(prepared: Prepared) -> None:
    """Raises the simulator's refusal of a call that the gateway would not take."""
    sent = read_chat(prepared.body)
    check_chat(Ask(sent, MODELS[sent.model], read_turns(sent), prepared.streamed))


@pytest.mark.parametrize("prompted", [False, True], ids=["native", "prompted"])
@pytest.mark.parametrize("family", ["openai", "anthropic", "google"])
def test_what_the_proxy_sends_is_what_the_strictest_gateway_takes(family: str, prompted: bool) -> None:
    cards = [card for card in CHAT if card.provider == family]

    @law
    @given(data=st.data(), card=st.sampled_from(cards), real_stream=st.booleans())
    def holds(data: st.DataObject, card: ModelCard, real_stream: bool) -> None:
        kinds = [text_part, image_part] if card.images else [text_part]
        name = data.draw(st.sampled_from([card.id, *card.names, *(f"ARGO:{name}" for name in card.names)]))
        body = data.draw(bodies(*kinds))
        request = parse(json.dumps({**body, "model": name}).encode())
        known = catalog().chat(name)
        known = replace(known, tools=known.tools and not prompted)
        prepared = prepare(shaped(request, known), Caller("me"), real_stream=real_stream)
        accepted(prepared)
        if prepared.checks:
            reply = Reply((Text(data.draw(said)),), "stop", UNCOUNTED)
            accepted(told_again(prepared, reply, "That is not what was asked for."))

    holds()


@law
@given(body=settled(text_part), model=st.sampled_from(CHAT), mode=st.sampled_from(["auto", "none", "required"]))
def test_a_request_without_tools_needs_none_of_the_other_transforms(body: Json, model: ModelCard, mode: str) -> None:
    request = replace(parse(json.dumps({**body, "model": model.id}).encode()), tool_choice=ToolChoice(mode))
    assume(not concerns_tools(request))
    with_all, with_few = shaped(request, model), shape(request, model, WITHOUT_TOOLS)
    asked = [replace(few_or_all.request, tool_choice=ToolChoice()) for few_or_all in (with_few, with_all)]  # of none
    assert (asked[0], with_few.stages) == (asked[1], with_all.stages)
    assert len(with_few.checks) == len(with_all.checks)


def test_every_model_is_tried() -> None:
    assert {card.id for card in CHAT} == {model.id for model in MODELS.values() if not model.dimensions}


keys = text | st.sampled_from(["role", "content", "messages", "type"])
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


def mutated(body: Json, path: Iterable[int], value: object) -> object:
    """The body with one value, somewhere inside it, replaced."""
    match body, list(path):
        case dict(), [step, *rest] if body:
            key = sorted(body)[step % len(body)]
            return {**body, key: mutated(body[key], rest, value)}
        case list(), [step, *rest] if body:
            at = step % len(body)
            return [*body[:at], mutated(body[at], rest, value), *body[at + 1 :]]
        case _:
            return value


def refusal(body: bytes, parse: Callable[[bytes], object] = parse) -> ProxyError | None:
    """The error that a body gives; any other exception than a BadRequest is a defect."""
    try:
        parse(body)
    except BadRequest as error:
        told = error
    else:
        return None
    shown = json.loads(render_error(told))["error"]
    assert (shown["message"], shown["param"]) == (told.message, told.param)
    assert 0 < len(told.message) < 1000
    return told


@law
@given(body=st.one_of(st.binary(), st.text().map(lambda drawn: drawn.encode("utf-8", "surrogatepass"))))
def test_whatever_bytes_a_client_sends_the_answer_is_a_refusal(body: bytes) -> None:
    assert isinstance(refusal(body), BadRequest)


@law
@given(body=anything)
def test_whatever_json_a_client_sends_there_is_no_other_error(body: object) -> None:
    refusal(json.dumps(body).encode())


@law
@given(
    body=bodies(text_part, image_part),
    path=st.lists(st.integers(0, 50), min_size=1, max_size=6),
    value=anything | st.integers(-(2**70), 2**70) | st.just("\ud800"),
)
@example(body={"messages": [{"role": "user", "content": "x"}]}, path=[0, 0], value=None)
@example(body={"messages": [{"role": "user", "content": "x"}], "seed": 1}, path=[1], value=10**30)
def test_a_request_with_one_wrong_value_is_refused_by_parameter(body: Json, path: list[int], value: object) -> None:
    error = refusal(json.dumps(mutated(body, path, value)).encode())
    if error is not None and "not valid JSON" not in error.message:
        assert error.param
        assert error.param.partition("[")[0].partition(".")[0] in {*body, "messages"}


@law
@given(body=bodies(text_part, image_part), at=st.integers(0, 10_000), junk=st.binary(max_size=3))
def test_a_damaged_body_gives_no_other_error(body: Json, at: int, junk: bytes) -> None:
    raw = json.dumps(body).encode()
    refusal(raw[: at % len(raw)] + junk + raw[at % len(raw) + 1 :])
