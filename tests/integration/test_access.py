"""Who may ask, in whose name, and what of it the gateway gets to see."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import httpx2
import openai
import pytest

from tests.integration.proxying import CHAT, Proxy, chats, launch, proxying, said, sdk, settings_for
from tests.simulator.running import Gateway

on_unix = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="Unix sockets")
KEY, OTHER_KEY = "key-of-the-proxy-1", "key-of-the-proxy-2"


@pytest.fixture(scope="module")
def locked(gateway_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    with proxying(tmp_path_factory.mktemp("locked"), gateway_url, api_keys=[KEY, OTHER_KEY]) as running:
        yield running


@pytest.fixture(scope="module")
def passing(gateway_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    folder = tmp_path_factory.mktemp("passing")
    with proxying(folder, gateway_url, "--username-passthrough", cors_origins=["https://lab.example"]) as running:
        yield running


def users(gateway: Gateway) -> list[str]:
    return [record["body"]["user"] for record in chats(gateway.received())]


@pytest.mark.parametrize("key", [KEY, OTHER_KEY])
def test_every_configured_key_opens(locked: Proxy, gateway: Gateway, key: str) -> None:
    with sdk(locked, key) as client:
        assert client.models.list().data
        client.chat.completions.create(model="argo:gpt-4o", messages=[{"role": "user", "content": "hi"}])
    assert users(gateway) == ["jdoe"]
    assert key not in str(gateway.received())


@pytest.mark.parametrize("key", ["wrong", KEY[:-1], KEY + "x", KEY.upper(), f"{KEY} {OTHER_KEY}", "é" * 8])
def test_every_other_key_raises_an_authentication_error(locked: Proxy, gateway: Gateway, key: str) -> None:
    for path in ("/v1/models", "/v1/models/argo:gpt-4o"):
        answer = locked.ask("GET", path, authorization=f"Bearer {key}")
        assert (answer.status, answer.json["error"]["code"]) == (401, "invalid_api_key")
    if key.isascii():
        with sdk(locked, key) as client, pytest.raises(openai.AuthenticationError) as caught:
            client.chat.completions.create(model="argo:gpt-4o", messages=[{"role": "user", "content": "hi"}])
        assert KEY not in caught.value.message
    assert chats(gateway.received()) == []


def test_without_a_key_nothing_is_done_but_the_health_is_told(locked: Proxy, gateway: Gateway) -> None:
    refused = [("POST", CHAT), ("GET", "/v1/models"), ("GET", "/v1/models/x"), ("POST", "/refresh")]
    assert {locked.ask(method, path, said("hi")).status for method, path in refused} == {401}
    for headers in ({"authorization": KEY}, {"authorization": f"Basic {KEY}"}, {"authorization": "Bearer "}):
        assert locked.ask("POST", CHAT, said("hi"), **headers).status == 401
    assert {locked.ask("GET", path).status for path in ("/health", "/health/ready", "/version", "/", "/v1")} == {200}
    assert locked.ask("OPTIONS", CHAT, origin="http://localhost:1").status == 200
    assert chats(gateway.received()) == []


def test_a_key_may_have_a_name_be_known_by_its_hash_and_be_shown_in_two_ways(
    gateway_url: str, gateway: Gateway, tmp_path: Path
) -> None:
    keys = {"alice": f"sha256:{sha256(KEY.encode()).hexdigest()}", "bob": OTHER_KEY}
    with proxying(tmp_path, gateway_url, api_keys=keys) as named:
        assert named.ask("POST", CHAT, said("hi"), authorization=f"Bearer {KEY}").status == 200
        assert named.ask("POST", CHAT, said("hi"), x_api_key=OTHER_KEY).status == 200
        assert named.ask("POST", CHAT, said("hi"), x_api_key=keys["alice"]).status == 401
        named.log.wait_for(f"POST  {CHAT}  200  by alice ")
        named.log.wait_for(f"POST  {CHAT}  200  by bob ")
        assert KEY not in named.log.text
    assert OTHER_KEY not in str(gateway.received())


def test_the_scheme_of_the_key_is_read_in_any_case(locked: Proxy) -> None:
    assert locked.ask("GET", "/v1/models", authorization=f"bearer {KEY}").status == 200


def test_the_users_own_name_reaches_the_gateway_with_passthrough(passing: Proxy, gateway: Gateway) -> None:
    with sdk(passing, "asmith") as client:
        client.chat.completions.create(
            model="argo:gpt-4o", messages=[{"role": "user", "content": "hi"}], user="somebody-else"
        )
    passing.ask("POST", CHAT, said("hi"))
    assert users(gateway) == ["asmith", "jdoe"]


def test_a_key_that_can_be_no_user_name_is_refused_with_passthrough(passing: Proxy, gateway: Gateway) -> None:
    for key in ("two words", "é", "x" * 65):
        assert (
            passing.ask("POST", CHAT, said("hi"), authorization=f"Bearer {key}".encode().decode("latin-1")).status
            == 401
        )
    assert chats(gateway.received()) == []


def test_other_origins_can_be_configured(passing: Proxy) -> None:
    assert "access-control-allow-origin" in passing.ask("GET", "/health", origin="https://lab.example").headers
    assert "access-control-allow-origin" not in passing.ask("GET", "/health", origin="http://localhost:1").headers


def test_the_user_in_a_body_never_reaches_the_gateway(client: openai.OpenAI, gateway: Gateway) -> None:
    for stream in (False, True):
        answer = client.chat.completions.create(
            model="argo:gpt-4o", messages=[{"role": "user", "content": "hi"}], user="somebody-else", stream=stream
        )
        if stream:
            list(answer)
    assert users(gateway) == ["jdoe", "jdoe"]


def test_no_header_of_the_client_reaches_the_gateway(proxy: Proxy, gateway: Gateway) -> None:
    secrets = {
        "authorization": "Bearer secret-1",
        "x_api_key": "secret-2",
        "cookie": "a=secret-3",
        "x_forwarded_for": "10.9.8.7",
        "user_agent": "secret-4",
        "openai_organization": "secret-5",
        "x_stainless_lang": "secret-6",
    }
    for stream in (False, True):
        proxy.ask("POST", f"{CHAT}?key=secret-7", said("hi", stream=stream), **secrets)
    records = chats(gateway.received())
    assert len(records) == 2
    assert "secret" not in str(records)
    assert "10.9.8.7" not in str(records)
    assert set(records[0]["headers"]) == {
        "host", "user-agent", "accept", "accept-encoding", "content-type", "content-length",
    }  # fmt: skip


def unix_client(path: Path) -> openai.OpenAI:
    http_client = openai.DefaultHttpxClient(transport=httpx2.HTTPTransport(uds=str(path)))
    return openai.OpenAI(base_url="http://proxy/v1", api_key="any", max_retries=0, http_client=http_client)


@on_unix
def test_a_unix_socket_serves_in_a_folder_that_only_its_owner_can_enter(gateway_url: str, tmp_path: Path) -> None:
    path = tmp_path / "private" / "s"
    with proxying(tmp_path, gateway_url, socket=str(path)) as proxy, unix_client(path) as client:
        assert f"serves unix:{path}/v1" in proxy.log.text
        assert (path.parent.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o700, 0o600)
        stream = client.chat.completions.create(
            model="argo:gpt-4o", messages=[{"role": "user", "content": "hi"}], stream=True
        )
        assert "".join(chunk.choices[0].delta.content or "" for chunk in stream) == "You said: hi"


@on_unix
@pytest.mark.parametrize("mode", [0o755, 0o701, 0o770])
def test_a_folder_that_others_can_enter_is_refused(gateway_url: str, tmp_path: Path, mode: int) -> None:
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(mode)
    proxy = launch(tmp_path, settings_for(gateway_url, socket=str(folder / "s")))
    assert proxy.wait() == 1
    assert f"others can enter {folder}; choose a folder of your own, " in proxy.log.close()
    assert not (folder / "s").exists()
