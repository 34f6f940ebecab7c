"""What is fuzzed: everything that reads what strangers wrote, each with legal input to begin from.

A target may raise what it says it raises, and nothing else. hypothesis plays them in the tests, atheris in `make fuzz`.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO

import msgspec

from argo_proxy.canonical.caller import Caller
from argo_proxy.canonical.errors import BadRequest, Denied, UpstreamError
from argo_proxy.canonical.image import image_from_data_url
from argo_proxy.catalog.catalog import from_listing
from argo_proxy.catalog.listing import parse_listing
from argo_proxy.cli.parser import parse as parse_words
from argo_proxy.dialects import openai_chat, openai_completions, openai_embeddings, openai_responses
from argo_proxy.dialects.openai_responses.gist import recalled, sealed
from argo_proxy.gateway.response import Response
from argo_proxy.relay.shaping import prepare
from argo_proxy.settings import SettingsError, resolve
from argo_proxy.settings.file import ConfigFile, entries_of
from argo_proxy.transforms.embedded_calls import CallFinder
from argo_proxy.transforms.prompted_tools.words import spelling
from argo_proxy.transforms.schema_check import SchemaCheck
from argo_proxy.updates import is_newer, version_in
from argo_proxy.upstreams import UPSTREAMS
from argo_proxy.upstreams.faults import error_from
from argo_proxy.upstreams.resource import embed
from argo_proxy.web.access import Origins
from argo_proxy.web.body import coding_of, inflate
from argo_proxy.web.routes import Routes
from tests.gateway.test_response import Wire, at_once
from tests.known import card, facts, shaped
from tests.web.test_client import CHUNKED, answers, played, post

LIMIT = 2**20


@dataclass(frozen=True)
class Target:
    """What reads bytes, what it may raise, and legal input."""

    read: Callable[[bytes], object]
    raises: tuple[type[Exception], ...]
    seeds: Sequence[bytes]


def told(*bodies: object) -> tuple[bytes, ...]:
    return tuple(json.dumps(body, ensure_ascii=False).encode() for body in bodies)


def text(data: bytes) -> str:
    """What a text can be that came as JSON: anything but half a surrogate."""
    return data.decode("utf-8", "replace")


# What clients send.

SCHEMA = {
    "type": "object",
    "properties": {"a": {"type": "string", "pattern": "^(a|b)+$"}, "n": {"$ref": "#/$defs/n"}},
    "required": ["a"],
    "$defs": {"n": {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "null"}], "items": {"$ref": "#"}}},
}
CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a": "b"}'}}
PNG = "data:image/png;base64,iVBORw0KGgoAAAAAAAAA"
TOOL = {"name": "f", "description": "does", "parameters": SCHEMA, "strict": True}
TURNS = [
    {"role": "system", "content": "be brief"},
    {"role": "user", "content": [{"type": "text", "text": "hi"}, {"type": "image_url", "image_url": {"url": PNG}}]},
    {"role": "assistant", "content": None, "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "c1", "content": "done"},
]
CHATS = told(
    {"messages": TURNS, "tools": [{"type": "function", "function": TOOL}], "tool_choice": "auto", "stop": ["x"]},
    {"messages": TURNS[:1], "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA}}},
    {"messages": [{"role": "user", "content": "hi"}], "n": 2, "temperature": 0.5, "max_tokens": 9, "timeout": 1.5},
    {"messages": [{"role": "function", "name": "f", "content": "1"}], "functions": [TOOL], "function_call": "auto"},
)
ITEMS = [
    {"role": "developer", "content": "hi"},
    {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}", "namespace": "n"},
    {"type": "function_call_output", "call_id": "c", "output": [{"type": "input_text", "text": "x"}]},
    {"type": "custom_tool_call", "call_id": "d", "name": "g", "input": "x"},
    {"type": "reasoning", "summary": []},
    {"type": "compaction", "encrypted_content": sealed("They met.")},
    {"type": "message", "role": "user", "content": [{"type": "input_image", "image_url": PNG, "detail": "low"}]},
]
RESPONSES = told(
    {"input": ITEMS, "tools": [{"type": "function", **TOOL}, {"type": "custom", "name": "g"}], "tool_choice": "auto"},
    {"input": "hi", "text": {"format": {"type": "json_schema", "name": "x", "schema": SCHEMA}}, "metadata": {"a": "b"}},
    {"input": [{"type": "item_reference", "id": "msg_1"}], "previous_response_id": "resp_1", "store": False},
)


def asked(model: str) -> Callable[[bytes], bytes]:
    """All the way from the body of a chat to what is sent to ARGO."""

    def ask(body: bytes) -> bytes:
        request = msgspec.structs.replace(openai_chat.parse(body), model=model)
        return prepare(shaped(request, card(model)), Caller("jdoe"), real_stream=True).body

    return ask


def kept(body: bytes) -> object:
    """A response that goes on from what was kept of it, whether it was asked so or not."""
    request = openai_responses.parse(body)
    whole = openai_responses.continued(request, (), ())
    return openai_responses.render_page(
        openai_responses.conversation_of(whole, "r1"), after=None, limit=100, order="asc"
    )


def fitted(data: bytes) -> str | None:
    """A value held against a schema, both written by strangers."""
    try:
        schema, value = msgspec.json.decode(data, type=tuple[dict[str, object], object])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return SchemaCheck(schema, "x").problem(value)


def connected(data: bytes) -> list[tuple[int, bytes]]:
    """The answers on a connection that brings these bytes, in two pieces."""
    return answers(played(lambda line: line.send(data, [len(data) // 2])).transport.written)


def inflated(data: bytes) -> bytes:
    """The first byte chooses what the client says that it is."""
    header = (b"gzip", b"deflate", b"identity, gzip", b"x-gzip")[data[0] % 4] if data else data
    coding = coding_of(header)
    return b"" if coding is None else asyncio.run(inflate(data[1:], coding, LIMIT))


def routed(data: bytes) -> object:
    """A path with an id in it, and its query, as they stand in a request."""
    line = played(lambda line: line.send(b"GET /v1/responses/%s HTTP/1.1\r\n\r\n" % data))
    routes = Routes({"/v1/responses/{}": {}, "/v1/responses/{}/input_items": {}})
    return [(routes.find(http), http.target, http.query) for http in line.site.asked]


# What ARGO sends.


def replied(name: str, *, whole: bool) -> Callable[[bytes], object]:
    upstream = UPSTREAMS[card(name).upstream]

    def reply(data: bytes) -> object:
        decoder = upstream.decode_whole() if whole else upstream.decode_stream()
        return [*decoder.feed(data[:7]), *decoder.feed(data[7:]), *decoder.finish()]

    return reply


def received(data: bytes) -> bytes:
    """An answer on a connection that breaks off after it."""
    wire = Wire()
    response = Response(wire, reused=False)
    response.receive(data)
    if not wire.asked:
        response.lost()
    return at_once(response.read_all(LIMIT))


def vectors(data: bytes) -> object:
    return list(map(bytes, embed.decode(data, 2))), list(embed.decode_numbers(data, 2))


def found(data: bytes) -> object:
    finder = CallFinder(spelling())
    return [*finder.feed(text(data)), *finder.finish()]


# What the owner of the proxy writes.


def configured(data: bytes) -> object:
    return resolve({}, {}, ConfigFile("config.yaml", entries_of("config.yaml", text(data))))


def in_environment(data: bytes) -> object:
    """`NAME=value` lines."""
    pairs = (line.partition("=") for line in text(data).splitlines())
    return resolve({}, {name: value for name, _, value in pairs}, None)


def in_words(data: bytes) -> object:
    """Words of the command line, one on each line; usage errors are told and end the program, which is their way."""
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        try:
            return parse_words(text(data).splitlines())
        except SystemExit as end:
            return end.code


MESSAGE = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s"
PACKED = gzip.compress(b'{"response": "hi"}', mtime=0)
REPLIES = told(
    {"response": "hi"},
    {"response": {"content": "hi", "tool_calls": [CALL]}},
    {"response": {"content": [{"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}}]}},
    {"response": {"content": None, "tool_calls": [{"id": None, "args": {"a": 1}, "name": "f"}]}, "usage": {}},
)
FAULTS = (
    *told({"error": {"message": "no", "code": "x", "param": None}}, {"detail": [{"loc": ["body", "x"], "msg": "bad"}]}),
    b"<html><title>No</title></html>",
    b"Error code: 400 - {'error': {'message': 'no'}}",
)
VECTORS = told({"embedding": [[1.0, 2], [3e-4, -5]]}, {"x": [[{}]], "embedding": [[1], [2]]})
MODELS = told({"data": [{"id": "GPT-4o", "internal_id": "gpt4o", "model_name": "GPT 4o", "x": [[1]]}]})
HELD = told([SCHEMA, {"a": "ab", "n": 1}], [{"multipleOf": 0.1, "uniqueItems": True}, [1]])
COMPLETIONS = told({"prompt": ["hi", "ho"], "n": 2, "echo": True}, {"prompt": [[1, 2], [3]]})
EMBEDDINGS = told({"input": ["a", "b"], "dimensions": 8}, {"input": [[1, 2]]})
CONFIGURATION = b"user: jdoe\nport: 8080\nverbose: true\napi_keys: [a, b]\ncors_origins:\n- '*'\n"
INDEX = told({"info": {"version": "1.2.3rc1"}})
ENVIRONMENT = b"ARGO_PROXY_USER=jdoe\nPORT=8080\nARGO_PROXY_API_KEYS=a,b"
WORDS = (b"c.yaml\n--port\n80\n-vv\n--user=x", b"launch\ncodex\n--\n-x", b"models\n--json")
CLIENTS, ARGO = (BadRequest,), (UpstreamError, Denied)
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

TARGETS: dict[str, Target] = {
    "chat": Target(openai_chat.parse, CLIENTS, CHATS),
    "completion": Target(openai_completions.parse, CLIENTS, COMPLETIONS),
    "embedding": Target(openai_embeddings.parse, CLIENTS, EMBEDDINGS),
    "response": Target(openai_responses.parse, CLIENTS, RESPONSES),
    "compaction": Target(openai_responses.parse_compaction, CLIENTS, told({"model": "gpt4o", "input": ITEMS})),
    "kept response": Target(kept, CLIENTS, RESPONSES[:2]),
    "chat to GPT": Target(asked("argo:gpt-4o"), CLIENTS, CHATS),
    "chat to Claude": Target(asked("argo:claude-sonnet-4"), CLIENTS, CHATS),
    "chat to Gemini": Target(asked("argo:gemini-2.5-pro"), CLIENTS, CHATS),
    "chat in words": Target(asked("argo:o1-mini"), CLIENTS, CHATS[1:]),
    "schema": Target(fitted, CLIENTS, HELD),
    "gist": Target(lambda data: recalled(text(data), "x"), CLIENTS, (sealed("They met.").encode(),)),
    "data URL": Target(lambda data: image_from_data_url(text(data), "x"), CLIENTS, (PNG.encode(),)),
    "connection": Target(connected, (), (post("/a", b"{}") + CHUNKED + b"GET /b?c=d HTTP/1.1\r\n\r\n",)),
    "compressed body": Target(inflated, CLIENTS, (b"\0" + PACKED, b"\1" + zlib.compress(b"{}" * 99))),
    "path": Target(routed, (), (b"resp_1/input_items?limit=3&after=msg_1%20", b"resp_%zz//?stream=true&stream=1")),
    "origin": Target(Origins(("http://localhost:*", "https://a.example")).headers, (), (b"http://localhost:3000",)),
    "whole reply": Target(replied("argo:gpt-4o", whole=True), (), REPLIES),
    "whole reply of Claude": Target(replied("argo:claude-sonnet-4", whole=True), (), REPLIES),
    "whole reply of Gemini": Target(replied("argo:gemini-2.5-pro", whole=True), (), REPLIES),
    "streamed reply": Target(replied("argo:gpt-4o", whole=False), (), ("Hello é🦜".encode(),)),
    "calls in text": Target(found, (), (b'a <tool_call>{"name": "f", "arguments": {\'a\': None,}}</tool_call> b',)),
    "answer of ARGO": Target(received, ARGO, (MESSAGE % (len(PACKED), PACKED), b"HTTP/1.1 200 OK\r\n\r\nhi")),
    "vectors": Target(vectors, ARGO, VECTORS),
    "fault": Target(lambda data: error_from(400, data, "7"), (), FAULTS),
    "list of models": Target(lambda data: from_listing(facts(), parse_listing(data)), ARGO, MODELS),
    "package index": Target(lambda data: is_newer(version_in(data)), UNREADABLE, INDEX),
    "configuration": Target(configured, (SettingsError,), (CONFIGURATION,)),
    "environment": Target(in_environment, (SettingsError,), (ENVIRONMENT,)),
    "command line": Target(in_words, (), WORDS),
}  # fmt: skip


def play(target: Target, data: bytes) -> None:
    """Raises what the target must not raise."""
    try:
        target.read(data)
    except target.raises as error:
        told = str(error)
    else:
        return
    assert 0 < len(told) < 4000
