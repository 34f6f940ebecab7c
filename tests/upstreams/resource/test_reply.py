import json

import pytest

from argo_proxy.canonical.chat import UNCOUNTED, Reply, Text, ToolCall
from argo_proxy.canonical.collector import collect
from argo_proxy.canonical.errors import Denied, ProxyError, UpstreamError
from argo_proxy.canonical.events import (
    ArgumentsDelta,
    PartEnded,
    ReplyFinished,
    ReplyStarted,
    TextDelta,
    TextStarted,
    ToolCallStarted,
)
from argo_proxy.canonical.spokes import Decoder
from argo_proxy.upstreams.notices import AUTHENTICATION
from argo_proxy.upstreams.resource.reply import decode_stream, decode_whole

FINISHED = ReplyFinished("stop", UNCOUNTED)


def reply(decoder: Decoder, *pieces: bytes) -> Reply:
    return collect([*(event for piece in pieces for event in decoder.feed(piece)), *decoder.finish()])


def failure(body: bytes) -> ProxyError:
    with pytest.raises(UpstreamError) as caught:
        reply(decode_whole(), body)
    return caught.value


def test_a_whole_answer_comes_at_its_end() -> None:
    decoder = decode_whole()
    assert decoder.feed(b'{"response": "Hel') == ()
    assert decoder.feed(b'lo"}') == ()
    assert decoder.finish() == (ReplyStarted(), TextStarted(), TextDelta("Hello"), PartEnded(), FINISHED)


def test_an_empty_whole_answer_has_no_part() -> None:
    decoder = decode_whole()
    decoder.feed(b'{"response": "", "more": 1}')
    assert decoder.finish() == (ReplyStarted(), FINISHED)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"response": "half a pair: \\ud83e"}', "half a pair: \ufffd"),
        (b'{"response": "\\udd9c comes late, \\ud83e early"}', "\ufffd comes late, \ufffd early"),
        (b'{"response": "a whole pair: \\ud83e\\udd9c"}', "a whole pair: 🦜"),
        (b'{"response": "a whole pair \\ud83e\\udd9c and \\ud83e"}', "a whole pair 🦜 and \ufffd"),
        (b'{"response": "\\ufeff \\ud83e"}', "\ufeff \ufffd"),
        (b'{"response": "damaged \xff"}', "damaged \ufffd"),
        (b'{"response": "raw\nnew line"}', None),
    ],
)
def test_half_a_surrogate_pair_and_damaged_utf8_do_not_cost_the_answer(body: bytes, text: str | None) -> None:
    if text is None:
        assert failure(body).http_code == "bad_answer"
    else:
        assert reply(decode_whole(), body).text == text


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "its answer was empty"),
        (b"[]", "[]"),
        (b'{"answer": 5', '{"answer": 5'),
        (b"<html><title>502 Bad Gateway</title>", "502 Bad Gateway"),
        (b"[" * 100_000, "[[["),
    ],
)
def test_an_answer_that_cannot_be_read_is_the_gateways_fault(body: bytes, says: str) -> None:
    error = failure(body)
    assert (error.http_status, error.http_code) == (502, "bad_answer")
    assert error.message.startswith("ARGO's answer cannot be read: ")
    assert says in error.message


@pytest.mark.parametrize(
    "body", [b'{"response": "secr', b'{"response": {"content": ["secret"]}}', b'{"response": ["secret"]}']
)
def test_the_text_of_a_damaged_answer_stays_out_of_the_error(body: bytes) -> None:
    assert failure(body).message == "ARGO's answer cannot be read: its JSON is damaged"


@pytest.mark.parametrize("body", [b"{}", b'{"response": null}', b'{"detail": "no", "x": "\\ud83e"}'])
def test_an_answer_without_a_response_is_none(body: bytes) -> None:
    error = failure(body)
    assert (error.http_status, error.http_code) == (502, "empty_answer")
    assert error.message.startswith("ARGO gave no answer: ")


@pytest.mark.parametrize("body", [AUTHENTICATION, json.dumps({"detail": AUTHENTICATION})])
def test_the_authentication_notice_in_any_other_form_is_denied(body: str) -> None:
    with pytest.raises(Denied) as caught:
        reply(decode_whole(), body.encode())
    assert caught.value.http_code == "unknown_user"


def test_an_error_inside_a_200_is_told() -> None:
    assert failure(b'{"error": {"message": "quota"}}').message == "ARGO gave no answer: quota"


OPENAI = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
ANTHROPIC = {"id": "toolu_1", "type": "tool_use", "name": "f", "input": {"a": 1}}
GOOGLE = {"id": None, "name": "f", "args": {"a": 1}}


def whole(response: object) -> Reply:
    return reply(decode_whole(), json.dumps({"response": response}).encode())


@pytest.mark.parametrize(("wire", "call_id"), [(OPENAI, "call_1"), (ANTHROPIC, "toolu_1"), (GOOGLE, "")])
def test_calls_come_in_every_spelling_alone_or_in_a_list(wire: object, call_id: str) -> None:
    call = ToolCall(call_id, "f", '{"a": 1}')
    assert whole({"content": None, "tool_calls": [wire]}) == Reply((call,), "tool_calls", UNCOUNTED)
    assert whole({"content": "", "tool_calls": wire}) == Reply((call,), "tool_calls", UNCOUNTED)
    assert whole({"tool_calls": [wire, wire]}).calls == (call, call)


def test_a_call_is_told_as_events() -> None:
    decoder = decode_whole()
    decoder.feed(json.dumps({"response": {"content": "So:", "tool_calls": [OPENAI]}}).encode())
    assert decoder.finish() == (
        ReplyStarted(), TextStarted(), TextDelta("So:"), PartEnded(),
        ToolCallStarted("call_1", "f"), ArgumentsDelta('{"a": 1}'), PartEnded(), ReplyFinished("tool_calls", UNCOUNTED),
    )  # fmt: skip


def test_text_comes_before_the_calls() -> None:
    assert whole({"tool_calls": [GOOGLE], "content": "So:"}).parts == (Text("So:"), ToolCall("", "f", '{"a": 1}'))


@pytest.mark.parametrize(
    "response",
    [
        {"content": "no"},
        {"content": "no", "tool_calls": None},
        {"content": "no", "tool_calls": []},
        {"content": "no", "role": "assistant", "refusal": None},
    ],
)
def test_an_answer_to_tools_may_do_without_calls(response: object) -> None:
    assert whole(response) == Reply((Text("no"),), "stop", UNCOUNTED)


@pytest.mark.parametrize("response", [{}, {"content": None}, {"content": None, "tool_calls": None}])
def test_an_answer_to_tools_may_be_empty(response: object) -> None:
    assert whole(response) == Reply((), "stop", UNCOUNTED)


@pytest.mark.parametrize("cut_off", ['{"a": 1', '{"a": "b', "{"])
def test_an_answer_that_ends_inside_its_arguments_was_cut_off(cut_off: str) -> None:
    call = {"id": "call_2", "type": "function", "function": {"name": "f", "arguments": cut_off}}
    answer = whole({"content": None, "tool_calls": [OPENAI, call]})
    assert (answer.reason, [call.arguments for call in answer.calls]) == ("length", ['{"a": 1}', cut_off])


@pytest.mark.parametrize("call", [{"args": {}}, {"name": "", "args": {}}, {"function": {"arguments": "{}"}}])
def test_a_call_without_a_name_fails_the_answer_before_anything_is_told(call: object) -> None:
    error = failure(json.dumps({"response": {"content": "secret", "tool_calls": [OPENAI, call]}}).encode())
    assert error.message == "ARGO's answer calls a tool without a name"


@pytest.mark.parametrize("calls", [[None], ["f"], [[]], "f", 5, [{"name": 5}], [{"name": "f", "id": 5}]])
def test_calls_of_another_shape_cannot_be_read(calls: object) -> None:
    error = failure(json.dumps({"response": {"content": "secret", "tool_calls": calls}}).encode())
    assert error.message == "ARGO's answer cannot be read: its JSON is damaged"


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        (rb'{"name": "f", "args": {"a": "\ud83e"}}', '{"a": "\ufffd"}'),
        (rb'{"name": "f", "args": {"a": "\ud83e\udd9c"}}', r'{"a": "\ud83e\udd9c"}'),
        (rb'{"function": {"name": "f", "arguments": "{\"a\": \"\ud83e\"}"}}', '{"a": "\ufffd"}'),
        (rb'{"function": {"name": "f", "arguments": "{\"a\": \"\\ud83e\"}"}}', r'{"a": "\ud83e"}'),
        (b'{"name": "f", "input": {"a": "damaged \xff"}}', '{"a": "damaged \ufffd"}'),
        (b'{"function": {"name": "f", "arguments": "{\\"a\\": \\"\xff\\"}"}}', '{"a": "\ufffd"}'),
    ],
)
def test_half_a_surrogate_pair_and_damaged_utf8_do_not_cost_the_call(call: bytes, arguments: str) -> None:
    answer = reply(decode_whole(), b'{"response": {"content": null, "tool_calls": [%s]}}' % call)
    assert answer == Reply((ToolCall("", "f", arguments),), "tool_calls", UNCOUNTED)


def test_a_stream_is_passed_on_as_it_comes() -> None:
    decoder = decode_stream()
    assert decoder.feed(b"Hel") == (ReplyStarted(), TextStarted(), TextDelta("Hel"))
    assert decoder.feed(b"lo") == (TextDelta("lo"),)
    assert decoder.finish() == (PartEnded(), FINISHED)


def test_a_split_utf8_character_survives_the_stream() -> None:
    decoder = decode_stream()
    parrot = "🦜".encode()
    assert decoder.feed(parrot[:1]) == ()
    assert decoder.feed(parrot[1:3]) == ()
    assert decoder.feed(parrot[3:] + b"!")[-1] == TextDelta("🦜!")


@pytest.mark.parametrize("data", [b"a\xf0\x9f", b"\xf0\x9f"])
def test_a_stream_that_ends_inside_a_character_was_broken_off(data: bytes) -> None:
    with pytest.raises(UpstreamError, match="inside a character"):
        reply(decode_stream(), data)


def test_an_empty_stream_has_no_part() -> None:
    decoder = decode_stream()
    assert decoder.feed(b"") == ()
    assert decoder.finish() == (ReplyStarted(), FINISHED)


def test_what_looks_like_json_in_a_stream_is_text() -> None:
    text = json.dumps({"response": "x"})
    assert reply(decode_stream(), text.encode()).text == text


def test_content_in_parts_is_their_text() -> None:
    decoder = decode_whole()
    decoder.feed(b'{"response": {"content": [{"type": "text", "text": "a"}, {"text": "b"}], "tool_calls": []}}')
    assert collect(decoder.finish()).text == "ab"
