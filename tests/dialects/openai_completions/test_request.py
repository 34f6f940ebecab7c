import json

import pytest

from argo_proxy.canonical.chat import ChatRequest, Message, Sampling, Text
from argo_proxy.canonical.errors import BadRequest, Unsupported
from argo_proxy.dialects.openai_completions import parse


def parsed(**body: object) -> ChatRequest:
    return parse(json.dumps({"prompt": "Say hi.", **body}).encode())


def asked(text: str) -> tuple[Message, ...]:
    return (Message("user", (Text(text),)),)


def test_the_smallest_request_leaves_everything_to_the_model() -> None:
    assert parse(b'{"prompt": "Say hi."}') == ChatRequest(None, asked("Say hi."))


def test_every_setting_is_taken_over() -> None:
    request = parsed(
        model="m", temperature=0.5, top_p=0.25, max_tokens=7, n=3, stop=["a", ""], stream=True, echo=True, timeout=2,
        stream_options={"include_usage": True},
    )  # fmt: skip
    assert (request.model, request.sampling) == ("m", Sampling(0.5, 0.25, 7, ("a",)))
    assert (request.choices, request.stream, request.stream_usage, request.timeout_s) == (3, True, True, 2)
    assert request.repeats_prompt
    assert request.adjusted == ()


def test_each_prompt_is_a_request_of_its_own_with_the_same_settings() -> None:
    request = parsed(prompt=["a", "", "c"], n=2, max_tokens=5)
    assert [each.messages for each in (request, *request.also)] == [asked("a"), asked(""), asked("c")]
    assert {(each.choices, each.sampling.max_tokens, len(each.also)) for each in request.also} == {(2, 5, 0)}


def test_tokens_wait_for_their_model_to_be_spelled_out() -> None:
    request = parsed(prompt=[[1, 2], [3]])
    assert [(each.messages, each.prompt_tokens) for each in (request, *request.also)] == [((), (1, 2)), ((), (3,))]
    assert parsed(prompt=[1, 2]).prompt_tokens == (1, 2)


def test_no_tokens_are_an_empty_text() -> None:
    first = parsed(prompt=[[], [1]])
    assert (first.messages, first.prompt_tokens) == (parsed(prompt="").messages, ())
    assert first.also[0].prompt_tokens == (1,)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("suffix", "end"),
        ("tools", [{"type": "function"}]),
        ("functions", [{"name": "f"}]),
    ],
)
def test_what_would_change_the_meaning_of_the_answer_is_refused(name: str, value: object) -> None:
    with pytest.raises(Unsupported) as caught:
        parsed(**{name: value})
    assert caught.value.param == name


def test_what_argo_has_no_place_for_is_listed() -> None:
    assert parsed(seed=1, logprobs=2, best_of=3, logit_bias={"5": 1}, presence_penalty=0).adjusted == (
        "best_of dropped",
        "logprobs dropped",
        "logit_bias dropped",
        "seed dropped",
    )
    assert parsed(best_of=2, n=2).adjusted == ()


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"prompt": None}, "prompt"),
        ({"prompt": []}, "prompt"),
        ({"prompt": ["a", 1]}, "prompt"),
        ({"prompt": ["a"] * 129}, "prompt"),
        ({"prompt": ["a"] * 65, "n": 2}, "prompt"),
        ({"stop": ["a"] * 5}, "stop"),
        ({"n": 0}, "n"),
        ({"stream_options": {"include_usage": True}}, "stream_options"),
    ],
)
def test_what_is_wrong_is_named(body: dict[str, object], param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        parsed(**body)
    assert caught.value.param == param
