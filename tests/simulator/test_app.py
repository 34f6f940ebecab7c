import gzip
import http.client

import pytest

from tests.simulator.running import CHAT, EMBED, MODELS, STREAM, ask_on

HI = {"user": "me", "model": "gpt4o", "messages": [{"role": "user", "content": "héllo wörld"}]}
SEARCH = {"name": "search", "input_schema": {"type": "object"}}


@pytest.mark.parametrize("path", [CHAT, CHAT.rstrip("/")])
def test_chat_echoes(gateway, path):
    answer = gateway.ask("POST", path, HI)
    assert (answer.status, answer.json) == (200, {"response": "You said: héllo wörld"})


def test_streamchat_sends_raw_text_in_chunks_when_asked_for_identity(gateway):
    answer = gateway.ask("POST", STREAM, HI, accept_encoding="identity")
    assert answer.body.decode() == "You said: héllo wörld"
    assert answer.headers["transfer-encoding"] == "chunked"
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize("coding", ["gzip, deflate", "*", "", "gzip, identity"])
def test_streamchat_is_gzipped_unless_identity_is_asked_for(gateway, coding):
    answer = gateway.ask("POST", STREAM, HI, accept_encoding=coding)
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(answer.body).decode() == "You said: héllo wörld"


def test_streamchat_never_carries_calls(gateway):
    forced = {"model": "claudeopus4", "tools": [SEARCH], "tool_choice": {"type": "any"}}
    assert gateway.ask("POST", STREAM, HI | forced).body == b""
    assert gateway.ask("POST", CHAT, HI | forced).json["response"]["tool_calls"][0]["name"] == "search"


def test_embeddings_come_in_order(gateway):
    both = gateway.ask("POST", EMBED, {"user": "me", "model": "v3large", "prompt": ["a", "b"]}).json["embedding"]
    one = gateway.ask("POST", EMBED, {"user": "me", "model": "v3large", "prompt": ["b"]}).json["embedding"]
    assert [len(vector) for vector in both] == [3_072, 3_072]
    assert both[1] == one[0]


def test_models_change_shape_by_setting(gateway):
    gateway.ask("POST", "/_simulator/settings", {"models_shape": "old"})
    assert "model_name" in gateway.ask("GET", MODELS).json["data"][0]
    gateway.ask("POST", "/_simulator/settings", {"models_shape": "new"})
    assert "internal_id" in gateway.ask("GET", MODELS).json["data"][0]
    assert gateway.ask("POST", "/_simulator/settings", {"models_shape": "odd"}).status == 400


def test_the_gateway_is_healthy(gateway):
    assert gateway.ask("GET", "/argoapi/api/v1/resource/health/").status == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", CHAT, None, 405),
        ("POST", "/argoapi/v1/chat/completions", HI, 404),
        ("POST", CHAT, HI | {"model": "gpt-9"}, 400),
        ("POST", CHAT, HI | {"model": "v3small"}, 400),
        ("POST", EMBED, {"user": "me", "model": "gpt4o", "prompt": ["x"]}, 400),
        ("POST", CHAT, HI | {"n": 2}, 400),
    ],
)
def test_what_the_gateway_does_not_take_is_refused_and_recorded_so(gateway, method, path, body, status):
    gateway.script({"text": "unused"})
    assert gateway.ask(method, path, body).status == status
    assert (gateway.received()[-1]["outcome"], gateway.received()[-1]["status"]) == ("refused", status)


@pytest.mark.parametrize("path", [CHAT, STREAM])
def test_a_stranger_gets_a_notice_with_status_200(gateway, path):
    answer = gateway.ask("POST", path, HI | {"user": "stranger"}, accept_encoding="identity")
    assert answer.status == 200
    assert b"AUTHENTICATION NOTICE FROM ARGO" in answer.body


def test_stop_and_token_limits_cut_the_answer(gateway):
    assert gateway.ask("POST", CHAT, HI | {"stop": [" wö"]}).json["response"] == "You said: héllo"
    assert gateway.ask("POST", CHAT, HI | {"max_tokens": 2}).json["response"] == "You said:"


def test_scripted_calls_take_the_shape_of_the_family(gateway):
    gateway.script({"text": "so", "calls": [{"name": "search", "arguments": {"q": 1}, "id": "toolu_1"}]})
    answer = gateway.ask("POST", CHAT, HI | {"model": "claudeopus4", "tools": [SEARCH]})
    call = {"id": "toolu_1", "input": {"q": 1}, "name": "search", "type": "tool_use"}
    assert answer.json == {"response": {"content": "so", "tool_calls": [call]}}


def test_the_script_is_played_once_and_refuses_what_it_does_not_know(gateway):
    gateway.script({"text": "first"}, {"status": 429, "body": "slow", "headers": {"retry-after": "1"}})
    assert gateway.ask("POST", CHAT, HI).json["response"] == "first"
    limited = gateway.ask("POST", CHAT, HI)
    assert (limited.status, limited.body, limited.headers["retry-after"]) == (429, b"slow", "1")
    assert gateway.ask("POST", CHAT, HI).json["response"] == "You said: héllo wörld"
    assert "texts" in gateway.ask("POST", "/_simulator/script", {"texts": 1}).json["error"]
    assert gateway.ask("POST", "/_simulator/nothing").status == 404


def test_received_tells_headers_body_and_connection(gateway):
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=10)
    for _ in range(2):
        ask_on(connection, "POST", CHAT, HI, X_Trace="t")
    connection.close()
    gateway.ask("POST", CHAT, HI)
    first, second, third = gateway.received()
    assert (first["n"], first["method"], first["path"], first["body"]) == (1, "POST", CHAT, HI)
    assert (first["headers"]["x-trace"], first["outcome"], first["status"]) == ("t", "answered", 200)
    assert first["ended_s"] >= first["started_s"]
    assert first["connection"] == second["connection"] != third["connection"]
    assert gateway.ask("GET", "/_simulator/stats").json == {"open": 0, "received": 3, "client_left": 0}
