"""An act put over the ordinary reply: other content, other headers, other pieces."""

import gzip
from dataclasses import replace
from http import HTTPStatus

from argo_proxy.simulator.acts import IN_CHUNKS, ORDINARY, Act
from argo_proxy.simulator.replies import (
    HTML,
    JSON,
    NGINX_502,
    Reply,
    body_reply,
    json_reply,
    sliced,
    with_header,
)
from argo_proxy.simulator.words import Call, Words

MEGABYTE = 1_000_000


def scripted_words(act: Act) -> Words | None:
    """What the act makes the model say; None when it leaves that to the model."""
    if act.text is None and not act.calls:
        return None
    return Words(act.text, tuple(Call(call.name, call.arguments, call.id) for call in act.calls))


def stage(act: Act, ordinary: Reply) -> Reply:
    """The reply that the act asks for; whatever it does not mention stays as in `ordinary`."""
    if act is ORDINARY:
        return ordinary
    reply = _with_content(act, ordinary)
    if act.status is not None:
        reply = replace(reply, status=act.status)
    reply = _with_headers(act, reply)
    if act.gzip:
        reply = gzipped(reply)
    if act.drop in IN_CHUNKS:
        reply = replace(reply, chunked=True)
    return _dripping(reply) if act.drip else reply


def gzipped(reply: Reply) -> Reply:
    """The body compressed as a whole, which is what makes a gzipped stream no stream."""
    headers = with_header(reply.headers, b"content-encoding", b"gzip")
    return replace(reply, headers=headers, pieces=(gzip.compress(b"".join(reply.pieces), 6, mtime=0),))


def _with_content(act: Act, ordinary: Reply) -> Reply:
    if (pieces := act.raw_pieces) is not None:
        return replace(ordinary, pieces=pieces, chunked=True)
    if act.big_body_mb is not None:
        return _with_text(ordinary, "x" * (act.big_body_mb * MEGABYTE))
    if act.html:
        return body_reply(NGINX_502, HTML, 502)
    if act.contents in ([], ["text or calls"], ["authentication_notice"]):
        return ordinary if act.status is None or act.contents else _error_page(act.status)
    return replace(ordinary, pieces=(_raw_body(act, b"".join(ordinary.pieces)),), chunked=False)


def _raw_body(act: Act, ordinary: bytes) -> bytes:
    if act.body is not None:
        return act.body.encode()
    if act.bad_json:
        return b'{"response": not json}'
    if act.truncated_json:
        return ordinary[: max(1, len(ordinary) * 2 // 3)]
    return b""


def _with_text(ordinary: Reply, text: str) -> Reply:
    if not ordinary.chunked:
        return json_reply({"response": text})
    return replace(ordinary, pieces=sliced(text.encode()))


def _error_page(status: int) -> Reply:
    """What the gateway says by itself with this status."""
    if status == HTTPStatus.BAD_GATEWAY:
        return body_reply(NGINX_502, HTML, status)
    return json_reply({"detail": f"{status} from the simulator's script"}, status)


def _with_headers(act: Act, reply: Reply) -> Reply:
    headers = reply.headers
    if act.wrong_content_type:
        wrong = HTML if reply.header(b"content-type") == JSON else JSON
        headers = with_header(headers, b"content-type", wrong)
    if act.content_type is not None:
        headers = with_header(headers, b"content-type", act.content_type.encode("latin-1"))
    if act.huge_header is not None:
        headers = with_header(headers, b"x-huge", b"h" * act.huge_header)
    for name, value in act.headers.items():
        headers = with_header(headers, name.lower().encode("latin-1"), value.encode("latin-1"))
    return replace(reply, headers=headers)


def _dripping(reply: Reply) -> Reply:
    body = b"".join(reply.pieces)
    return replace(reply, pieces=tuple(body[at : at + 1] for at in range(len(body))))
