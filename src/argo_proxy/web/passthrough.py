"""`POST /v1/chat` and `POST /v1/embed`: ARGO's own resource API under the proxy's address.

The body is in ARGO's shape, and so is the answer, byte for byte, with its status. The proxy fills in `user` and puts
the gateway's id in place of a model's alias. `"stream": true` asks for the text as it comes (streamchat).
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

from argo_proxy.canonical.errors import BadRequest
from argo_proxy.catalog.catalog import named
from argo_proxy.dialects.wire import decode_body, not_utf8
from argo_proxy.gateway.endpoint import Endpoint
from argo_proxy.gateway.response import Response
from argo_proxy.relay import Calls, Refusal, Relay, Waiting
from argo_proxy.web.access import Access
from argo_proxy.web.http import Http
from argo_proxy.web.sized import sized

MAX_ANSWER_BYTES = 256 * 1024 * 1024
_DECODER = msgspec.json.Decoder(dict[str, msgspec.Raw])
"""Only the names at the top are read; what they stand for is passed on to the letter."""
_NAME = msgspec.json.Decoder(str | None)
_NULL = msgspec.Raw(b"null")


class Call(Struct, frozen=True):
    """One call of the resource API; `streaming` is where its streamed form goes, if it has one."""

    whole: Endpoint
    streaming: Endpoint | None
    default_model: str


class Passthrough:
    """Hands requests of one call on to ARGO."""

    def __init__(self, call: Call, relay: Relay, calls: Calls, access: Access, *, max_body_bytes: int) -> None:
        self._call = call
        self._relay = relay
        self._calls = calls
        self._access = access
        self._max_body_bytes = max_body_bytes

    async def handle(self, http: Http) -> None:
        """Send it and give back what comes. Raises ProxyError as long as nothing has been sent."""
        caller = self._access.caller(http)
        raw = await http.body(self._max_body_bytes)
        body = await sized(len(raw), _read, raw)
        wants_stream = bytes(body.pop("stream", _NULL)) == b"true"
        endpoint = (self._call.streaming if wants_stream else None) or self._call.whole
        body["user"], body["model"] = _told(caller.user), _told(self._model(http, body.get("model", _NULL)))
        sent = await sized(len(raw), msgspec.json.encode, body)
        http.record.streamed = endpoint is self._call.streaming
        waiting = http.waiting()
        with waiting:
            answer = await self._calls.make(endpoint, sent, caller.client)
        if isinstance(answer, Refusal):
            return _refuse(http, answer)
        try:
            pass_on = _pass_on if http.record.streamed else _hand_back
            await pass_on(http, answer, waiting)
        finally:
            answer.close()

    def _model(self, http: Http, written: msgspec.Raw) -> str:
        """The gateway's id of the model. Raises UnknownModel, and BadRequest for none."""
        try:
            name = _NAME.decode(written)
        except (msgspec.DecodeError, RecursionError) as error:
            raise BadRequest("'model': expected a string", param="model") from error
        asked = named(name or None, self._call.default_model)
        card = self._relay.catalog.get(asked)
        http.record.model, http.record.family = asked, card.provider
        return card.id


def _read(raw: bytes) -> dict[str, msgspec.Raw]:
    body = decode_body(_DECODER, raw)
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        raise not_utf8(error) from error
    return body


def _told(value: str) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))


def _refuse(http: Http, refusal: Refusal) -> None:
    headers = [] if refusal.retry_after is None else [(b"retry-after", refusal.retry_after.encode("latin-1"))]
    http.respond(refusal.status, refusal.body, refusal.content_type, headers)


async def _hand_back(http: Http, response: Response, waiting: Waiting) -> None:
    with waiting:
        body = await response.read_all(MAX_ANSWER_BYTES)
    http.respond(200, body, response.headers.get(b"content-type", b"application/octet-stream"))


async def _pass_on(http: Http, response: Response, waiting: Waiting) -> None:
    http.start_stream(response.headers.get(b"content-type", b"text/plain; charset=utf-8"))
    while True:
        with waiting:
            piece = await response.read()
        if not piece:
            return http.end_stream(b"")
        http.write(piece)
        if http.congested:
            await http.drain()
