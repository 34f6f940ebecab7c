import gzip
import json

import msgspec
import pytest

from argo_proxy.simulator.acts import Act
from argo_proxy.simulator.replies import json_reply, stream_reply
from argo_proxy.simulator.staging import stage

CHAT = json_reply({"response": "You said: hi"})
STREAM = stream_reply([b"You said: hi"])


def staged(reply, **act):
    return stage(msgspec.convert(act, Act), reply)


@pytest.mark.parametrize("reply", [CHAT, STREAM])
def test_an_act_that_only_times_leaves_the_reply_alone(reply):
    assert staged(reply, delay_s=1, drop="mid_body") == reply


@pytest.mark.parametrize(
    ("act", "status", "content_type", "body"),
    [
        ({"body": "x"}, 200, b"application/json", b"x"),
        ({"status": 429, "body": "x", "content_type": "text/plain"}, 429, b"text/plain", b"x"),
        ({"status": 503}, 503, b"application/json", b'{"detail":"503 from the simulator\'s script"}'),
        ({"empty": True}, 200, b"application/json", b""),
        ({"bad_json": True}, 200, b"application/json", b'{"response": not json}'),
        ({"truncated_json": True}, 200, b"application/json", b'{"response":"You sai'[:18]),
        ({"wrong_content_type": True}, 200, b"text/html", b"".join(CHAT.pieces)),
        ({"status": 201, "text": "x"}, 201, b"application/json", b"".join(CHAT.pieces)),
    ],
)
def test_an_act_replaces_what_it_mentions(act, status, content_type, body):
    reply = staged(CHAT, **act)
    assert (reply.status, reply.header(b"content-type"), b"".join(reply.pieces)) == (
        status,
        content_type,
        body,
    )


@pytest.mark.parametrize(
    ("act", "status"), [({"html": True}, 502), ({"status": 502}, 502), ({"html": True, "status": 200}, 200)]
)
def test_an_nginx_page_is_html(act, status):
    reply = staged(STREAM, **act)
    assert (reply.status, reply.header(b"content-type")) == (status, b"text/html")
    assert b"<h1>502 Bad Gateway</h1>" in reply.pieces[0]


def test_pieces_are_sent_as_they_are():
    assert staged(STREAM, pieces=["a", "é"]).pieces == (b"a", "é".encode())
    assert staged(STREAM, pieces_base64=["w6k=", "/w=="]).pieces == ("é".encode(), b"\xff")


def test_a_dripping_body_comes_byte_by_byte():
    assert staged(STREAM, drip=True).pieces == tuple(bytes([byte]) for byte in b"You said: hi")


def test_headers_can_be_added_replaced_and_huge():
    reply = staged(CHAT, headers={"Retry-After": "3", "Content-Type": "x/y"}, huge_header=5)
    assert reply.header(b"retry-after") == b"3"
    assert reply.header(b"content-type") == b"x/y"
    assert reply.header(b"x-huge") == b"hhhhh"


def test_a_gzipped_body_says_so():
    reply = staged(CHAT, gzip=True)
    assert reply.header(b"content-encoding") == b"gzip"
    assert json.loads(gzip.decompress(reply.pieces[0])) == {"response": "You said: hi"}


def test_a_big_body_is_as_big_as_asked():
    assert len(json.loads(b"".join(staged(CHAT, big_body_mb=2).pieces))["response"]) == 2_000_000
    assert sum(map(len, staged(STREAM, big_body_mb=2).pieces)) == 2_000_000
