import json
from typing import Any

import pytest

from argo_proxy.canonical.chat import Text, ToolCall
from argo_proxy.canonical.errors import BadRequest, ProxyError, RateLimited, UpstreamError
from argo_proxy.dialects.openai_responses import encode, render_count, render_error, render_whole, whole
from argo_proxy.dialects.openai_responses.response import begun, failed
from tests.dialects.openai_responses.asking import USAGE, F, parsed, reply


def answered(*parts: object, reason: str = "stop", **asked: object) -> Any:
    return json.loads(render_whole(parsed(**asked), [reply(*parts, reason=reason)], "1a", 17))


def test_what_was_asked_is_repeated() -> None:
    asked: dict[str, object] = {
        "instructions": "Be brief.", "max_output_tokens": 5, "max_tool_calls": 3, "parallel_tool_calls": False,
        "prompt_cache_key": "k", "safety_identifier": "s", "store": False, "temperature": 0.0, "top_p": 0.5,
        "tool_choice": F, "user": "u", "metadata": {"a": "b"},
    }  # fmt: skip
    response = answered(tools=[F], **asked)
    assert {name: response[name] for name in asked} == asked
    assert [tool["name"] for tool in response["tools"]] == ["f"]
    assert (response["id"], response["created_at"], response["model"]) == ("resp_1a", 17, "argo:gpt-4o")


def test_text_and_reasoning_are_told_in_full() -> None:
    form: dict[str, object] = {"type": "json_schema", "name": "x", "schema": {}}
    assert answered(text={"format": form})["text"] == {
        "format": {**form, "description": None, "strict": False},
        "verbosity": "medium",
    }
    assert answered(text={"verbosity": "low"})["text"] == {"format": {"type": "text"}, "verbosity": "low"}
    assert answered(reasoning={"effort": "low"})["reasoning"] == {"effort": "low", "summary": None}


def test_usage_adds_up() -> None:
    usage = answered()["usage"]
    assert (usage["input_tokens"], usage["output_tokens"]) == (USAGE.input_tokens, USAGE.output_tokens)
    assert usage["total_tokens"] == 12


@pytest.mark.parametrize(
    ("reason", "status", "why", "completed"),
    [
        ("stop", "completed", None, 19),
        ("tool_calls", "completed", None, 19),
        ("length", "incomplete", {"reason": "max_output_tokens"}, None),
        ("content_filter", "incomplete", {"reason": "content_filter"}, None),
    ],
)
def test_an_end_and_its_reason(reason: str, status: str, why: object, completed: int | None) -> None:
    made = whole(parsed(), reply(Text("a"), ToolCall("c", "f", "{"), reason=reason), "1a", 17, 19)
    response = json.loads(encode(made))
    assert (response["status"], response["incomplete_details"], response["completed_at"]) == (status, why, completed)
    assert [item["status"] for item in response["output"]] == ["completed", status]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RateLimited("slow down"), "rate_limit_exceeded"),
        (BadRequest("no such prompt"), "invalid_prompt"),
        (UpstreamError("gone"), "server_error"),
        (ProxyError("oops"), "server_error"),
    ],
)
def test_a_failure_has_one_of_the_published_codes(error: ProxyError, code: str) -> None:
    response = json.loads(encode(failed(begun(parsed(), "1a", 17), (), error)))
    assert (response["status"], response["error"]) == ("failed", {"code": code, "message": error.message})


def test_what_failed_at_last_was_never_complete() -> None:
    made = whole(parsed(), reply(Text("a")), "1a", 17, 19)
    assert failed(made, made.output, ProxyError("not kept")).completed_at is None
    cut_off = whole(parsed(), reply(Text("a"), reason="length"), "1a", 17, 19)
    assert failed(cut_off, cut_off.output, ProxyError("not kept")).incomplete_details is None


def test_counts_and_errors() -> None:
    assert json.loads(render_count(7)) == {"object": "response.input_tokens", "input_tokens": 7}
    assert json.loads(render_error(BadRequest("no", param="input")))["error"]["param"] == "input"
