"""Requests that are made to hurt: each endpoint blames who sent them, in short, and serves the next one."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from tests.integration.proxying import CHAT, Proxy, chats, said
from tests.integration.test_edge import ASKING, error_of
from tests.simulator.running import Gateway

Attack: TypeAlias = Callable[[dict[str, Any]], bytes]
ASKED = {**ASKING, "/v1/responses/input_tokens": ASKING["/v1/responses"]}
MANY = 200_000


def with_field(name: str, value: str) -> Attack:
    """One more field, as it is written."""
    return lambda body: (
        b'%s, "%s": %s}' % (json.dumps(body)[:-1].encode(), name.encode(), value.encode("utf-8", "surrogatepass"))
    )


REFUSED: dict[str, Attack] = {
    "UTF-16": lambda body: json.dumps(body).encode("utf-16"),
    "UTF-32": lambda body: json.dumps(body).encode("utf-32"),
    "two byte order marks": lambda body: b"\xef\xbb\xbf" * 2 + json.dumps(body).encode(),
    "half a surrogate in the model": with_field("model", '"\\ud800"'),
    "half a surrogate in the model, raw": with_field("model", '"\ud800"'),
    "two halves in the wrong order": with_field("model", '"\\udc00\\ud800"'),
    "a number for a model": with_field("model", "9" * 5000),
    "a list for a model": with_field("model", "[" * 400 + "]" * 400),
    "a deep model": with_field("model", "[" * MANY),
    "a long unknown model": with_field("model", json.dumps("m" * MANY)),
    "NUL in the model": with_field("model", '"gpt4o\\u0000"'),
    "two values": lambda body: json.dumps(body).encode() * 2,
    "a value cut off": lambda body: json.dumps(body).encode()[:-1],
    "a gzip of a gzip": lambda body: gzip.compress(gzip.compress(json.dumps(body).encode())),
}
TAKEN: dict[str, Attack] = {
    "a byte order mark": lambda body: b"\xef\xbb\xbf" + json.dumps(body).encode(),
    "space all around": lambda body: b"\r\n\t " * 999 + json.dumps(body, indent=1).encode() + b" " * 999,
    "the same field a thousand times": lambda body: (
        b"{%s%s" % (b'"model": "none", ' * 1000, json.dumps(body).encode()[1:])
    ),
    "escapes for every letter": lambda body: "".join(
        f"\\u{ord(char):04x}" if char.isalpha() else char for char in json.dumps(body)
    ).encode(),
}
UNREAD: dict[str, Attack] = {
    "a number out of range": with_field("x", "1e400"),
    "a number without end": with_field("x", "9" * MANY),
    "a fraction without end": with_field("x", "0." + "9" * MANY),
    "many fields": lambda body: (
        b'{%s, "x": 1}' % b", ".join([*(b'"k%d": 0' % n for n in range(9999)), json.dumps(body).encode()[1:-1]])
    ),
    "a long name": lambda body: b'{"%s": 1, %s' % (b"n" * MANY, json.dumps(body).encode()[1:]),
    "a NUL for a name": lambda body: b'{"\\u0000": 1, %s' % json.dumps(body).encode()[1:],
}
"""Read by nobody here: it is ignored, or for ARGO to judge where its own calls are passed through."""

every_request = pytest.mark.parametrize("path", ASKED)


@every_request
@pytest.mark.parametrize("attack", REFUSED.values(), ids=REFUSED)
def test_what_is_no_request_is_refused_in_short(proxy: Proxy, gateway: Gateway, path: str, attack: Attack) -> None:
    data = attack(ASKED[path])
    answer = proxy.ask("POST", path, data, **({"content_encoding": "gzip"} if data.startswith(b"\x1f\x8b") else {}))
    assert answer.status in (400, 404)
    assert error_of(answer)["type"] == "invalid_request_error"
    assert len(answer.body) < 1000
    assert chats(gateway.received()) == []


@every_request
@pytest.mark.parametrize("attack", TAKEN.values(), ids=TAKEN)
def test_an_odd_way_to_write_a_request_is_legal(proxy: Proxy, path: str, attack: Attack) -> None:
    assert proxy.ask("POST", path, attack(ASKED[path])).status == 200


@every_request
@pytest.mark.parametrize("attack", UNREAD.values(), ids=UNREAD)
def test_what_nobody_reads_does_no_harm(proxy: Proxy, path: str, attack: Attack) -> None:
    passed = path in ("/v1/chat", "/v1/embed")
    assert proxy.ask("POST", path, attack(ASKED[path])).status == (400 if passed else 200)


HI = said("hi")["messages"]
USER: dict[str, Any] = {"role": "user", "content": "hi"}
LISTS: dict[str, tuple[str, dict[str, Any], int]] = {
    "messages": (CHAT, {"messages": [USER] * 20_001}, 400),
    "items": ("/v1/responses", {"input": [USER] * 20_001}, 400),
    "items to count": ("/v1/responses/input_tokens", {"input": [USER] * 20_001}, 400),
    "items to compact": ("/v1/responses/compact", {"model": "argo:gpt-4o", "input": [USER] * 20_001}, 400),
    "stops": (CHAT, {"messages": HI, "stop": ["x"] * MANY}, 400),
    "prompts": ("/v1/completions", {"prompt": ["x"] * MANY}, 400),
    "prompts times choices": ("/v1/completions", {"prompt": ["x"] * 65, "n": 2}, 400),
    "inputs": ("/v1/embeddings", {"input": ["x"] * MANY}, 400),
    "the same tool": (CHAT, {"messages": HI, "tools": [{"type": "function", "function": {"name": "f"}}] * 20_000}, 200),
    "parts": (CHAT, {"messages": [{"role": "user", "content": [{"type": "text", "text": "a"}] * 20_000}]}, 200),
    "metadata": ("/v1/responses", {"input": "hi", "metadata": {str(n): "x" for n in range(9999)}}, 400),
}


@pytest.mark.parametrize(("path", "body", "status"), LISTS.values(), ids=LISTS)
def test_a_list_without_end_is_taken_whole_or_refused_by_name(
    proxy: Proxy, path: str, body: dict[str, Any], status: int
) -> None:
    answer = proxy.ask("POST", path, body)
    assert answer.status == status
    if status != 200:
        assert error_of(answer)["param"]


LONG = "n" * 1_000_000
NAMED: dict[str, tuple[str, dict[str, Any]]] = {
    "tool": (CHAT, {"messages": HI, "tools": [{"type": "function", "function": {"name": LONG}}]}),
    "function": (CHAT, {"messages": HI, "functions": [{"name": LONG}]}),
    "call": (CHAT, {"messages": [{"role": "assistant", "function_call": {"name": LONG, "arguments": "{}"}}]}),
    "choice": (CHAT, {"messages": HI, "tool_choice": {"type": "function", "function": {"name": LONG}}}),
    "kind of tool": ("/v1/responses", {"input": "hi", "tools": [{"type": LONG}]}),
    "kind of choice": ("/v1/responses", {"input": "hi", "tool_choice": LONG}),
    "response": ("/v1/responses", {"input": "hi", "previous_response_id": LONG}),
    "item": ("/v1/responses", {"input": [{"type": "item_reference", "id": LONG}]}),
    "kind of item": ("/v1/responses", {"input": [{"type": LONG}]}),
}


@pytest.mark.parametrize(("path", "body"), NAMED.values(), ids=NAMED)
def test_a_name_without_end_is_refused_and_not_repeated(proxy: Proxy, path: str, body: dict[str, Any]) -> None:
    answer = proxy.ask("POST", path, body)
    assert answer.status in (400, 404)
    assert error_of(answer)["message"]
    assert len(answer.body) < 1000


@pytest.mark.parametrize("model", ["argo:gpt-4o", "argo:claude-sonnet-4", "argo:gemini-2.5-pro", "argo:o1-mini"])
def test_a_nul_may_stand_in_every_text(proxy: Proxy, model: str) -> None:
    call = {"id": "\0", "type": "function", "function": {"name": "f\0", "arguments": '{"\\u0000": "\\u0000"}'}}
    turns = [
        {"role": "user", "content": "\0", "name": "\0"},
        {"role": "assistant", "content": "\0", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "\0", "content": "\0"},
    ]
    schema = {"type": "object", "properties": {"\0": {"type": "string", "description": "\0"}}}
    tools = [{"type": "function", "function": {"name": "f\0", "description": "\0", "parameters": schema}}]
    body = {"model": model, "messages": turns, "tools": tools, "user": "\0"}
    assert proxy.ask("POST", CHAT, body).status == 200


@pytest.mark.parametrize("model", ["argo:gpt-4o", "argo:claude-sonnet-4", "argo:gemini-2.5-pro"])
@pytest.mark.parametrize("keyword", ["$ref", "$dynamicRef", "$schema", "$id"])
def test_no_address_in_a_schema_is_ever_asked(proxy: Proxy, model: str, keyword: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.0)
        schema = {"type": "object", keyword: f"http://127.0.0.1:{listening.getsockname()[1]}/schema"}
        form = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
        tools = [{"type": "function", "function": {"name": "f", "parameters": schema}}]
        for more in ({"response_format": form}, {"tools": tools}):
            assert proxy.ask("POST", CHAT, said('{"a": 1}', model, **more)).status in (200, 400, 502)
        with pytest.raises(BlockingIOError):
            listening.accept()
