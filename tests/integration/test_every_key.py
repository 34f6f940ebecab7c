"""Every key of the configuration changes what the running program does; what is seen of each stands here."""

from __future__ import annotations

import importlib
import inspect
import json
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from argo_proxy.settings.table import keys
from tests.integration.proxying import CHAT, Proxy, chats, free_port, proxying, said
from tests.integration.test_image_links import linked
from tests.simulator import running
from tests.simulator.running import Answer, Gateway

Seen = Callable[[Proxy, Gateway], object]

ELSEWHERE = {
    "argo_base_url": "tests.integration.proxying:settings_for",
    "ca_file": "tests.integration.test_tls:test_a_trusted_gateway_is_spoken_to_through_a_tunnel",
    "drain_s": "tests.integration.test_operation:test_the_end_waits_no_longer_than_it_is_told",
    "log_bodies": "tests.integration.test_log_bodies:test_it_can_be_switched_on_and_off_while_it_serves",
    "max_concurrency": "tests.integration.test_unsteady:test_calls_beyond_the_limit_wait_for_their_turn",
    "skip_url_validation": "tests.integration.test_first_start:test_the_check_can_be_left_out",
    "socket": "tests.integration.test_access:test_a_unix_socket_serves_in_a_folder_that_only_its_owner_can_enter",
    "state_max_mb": "tests.integration.test_responses:"
    "test_a_conversation_too_large_to_be_stored_is_refused_before_it_is_answered",
    "update_url": "tests.integration.test_models:test_a_newer_version_is_told_once_it_is_known",
    "workers": "tests.integration.test_workers:test_all_of_them_serve_and_one_speaks_for_all",
    "verbose": "tests.integration.test_operation:test_quiet_logs_no_request_that_went_well",
}
"""Keys that are seen at work in a test of their own."""
NOT_SEEN = {"model_refresh_h"}
"""The shortest time is 36 s. `tests/test_model_list.py` has it at work, though not in the program."""
KEY = {"authorization": "Bearer second"}


def ask(proxy: Proxy, path: str, body: object) -> Answer:
    return proxy.ask("POST", path, body, **KEY)


def chat(proxy: Proxy, gateway: Gateway, **more: Any) -> dict[str, Any]:
    """What reaches the gateway of a chat request."""
    assert ask(proxy, CHAT, said("hi", **more)).status == 200
    return chats(gateway.received())[-1]


def tunnelled(name: str, gateway_url: str, path: str) -> str:
    """A URL of this key under a host of its own, which only `resolve_overrides` can find."""
    return f"http://{name.replace('_', '-')}.example:{gateway_url.rpartition(':')[2]}{path}"


# With one proxy.


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("one")


@pytest.fixture(scope="module")
def one(gateway_url: str, folder: Path) -> Iterator[Proxy]:
    urls = {
        "argo_url": tunnelled("argo_url", gateway_url, running.CHAT),
        "argo_stream_url": tunnelled("argo_stream_url", gateway_url, running.STREAM),
        "argo_embedding_url": tunnelled("argo_embedding_url", gateway_url, running.EMBED),
        "argo_model_url": tunnelled("argo_model_url", gateway_url, running.MODELS),
    }
    with proxying(
        folder,
        gateway_url,
        user="somebody",
        port=free_port(),
        log_format="json",
        real_stream=False,
        tool_prompting=True,
        api_keys=["first", "second"],
        cors_origins=["https://page.example"],
        resolve_overrides={f"{name.replace('_', '-')}.example": "127.0.0.1" for name in urls},
        max_body_mb=1,
        state_url="sqlite:///kept.db",
        state_max_age_h=0.5,
        default_chat_model="argo:gpt-4",
        default_embedding_model="argo:text-embedding-3-large",
        **urls,
    ) as proxy:
        yield proxy


def host(url_key: str) -> Seen:
    """The host that the request of this URL is for."""

    def seen(proxy: Proxy, gateway: Gateway) -> bool:
        match url_key:
            case "argo_url" | "argo_stream_url":
                record = chat(proxy, gateway)
            case "argo_embedding_url":
                assert ask(proxy, "/v1/embeddings", {"input": "hi", "encoding_format": "float"}).status == 200
                record = gateway.received()[-1]
            case _:
                assert ask(proxy, "/refresh", {}).status == 200
                record = gateway.received()[-1]
        return record["headers"]["host"].startswith(url_key.replace("_", "-"))

    return seen


def elsewhere_refused(proxy: Proxy, _: Gateway) -> bool:
    """At another address of this machine, where 0.0.0.0 would answer."""
    with socket.socket() as opened:
        return opened.connect_ex(("127.0.0.2", proxy.port)) != 0


def forgotten_after_half_an_hour(folder: Path) -> Seen:
    def seen(proxy: Proxy, _: Gateway) -> list[int]:
        made = ask(proxy, "/v1/responses", {"model": "argo:gpt-4o", "input": "hi"}).json["id"]
        ages_min = (29, 31)
        return [kept_for(proxy, folder / "kept.db", made, age_min) for age_min in ages_min]

    return seen


def kept_for(proxy: Proxy, database: Path, made: str, age_min: int) -> int:
    """The status of asking for it when it is that old."""
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE responses SET created_s = strftime('%s', 'now') - ?", (age_min * 60,))
    return proxy.ask("GET", f"/v1/responses/{made}", **KEY).status


def with_tool(proxy: Proxy, gateway: Gateway) -> tuple[bool, bool]:
    tool = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}
    body = chat(proxy, gateway, tools=[tool])["body"]
    return "tools" in body, "<tool_call>" in json.dumps(body)


ONE: dict[str, tuple[Seen, object]] = {
    "user": (lambda proxy, gateway: chat(proxy, gateway)["body"]["user"], "somebody"),
    "host": (elsewhere_refused, True),
    "port": (lambda proxy, _: json.loads((Path(proxy.process.args[3])).read_text())["port"] == proxy.port, True),
    "log_format": (lambda proxy, _: {json.loads(line)["level"] for line in proxy.log.text.splitlines()}, {"info"}),
    "real_stream": (lambda proxy, gateway: chat(proxy, gateway, stream=True)["path"], running.CHAT),
    "tool_prompting": (with_tool, (False, True)),
    "api_keys": (lambda proxy, _: proxy.ask("POST", CHAT, said("hi"), authorization="Bearer third").status, 401),
    "cors_origins": (
        lambda proxy, _: proxy.ask("GET", "/v1/models", origin="https://page.example", **KEY).headers[
            "access-control-allow-origin"
        ],
        "https://page.example",
    ),
    "argo_url": (host("argo_url"), True),
    "argo_embedding_url": (host("argo_embedding_url"), True),
    "argo_model_url": (host("argo_model_url"), True),
    "resolve_overrides": (host("argo_url"), True),
    "max_body_mb": (lambda proxy, _: ask(proxy, CHAT, said("x" * 2**20)).status, 413),
    "default_chat_model": (
        lambda proxy, _: ask(proxy, CHAT, {"messages": [{"role": "user", "content": "hi"}]}).json["model"],
        "argo:gpt-4",
    ),
    "default_embedding_model": (
        lambda proxy, _: ask(proxy, "/v1/embeddings", {"input": "hi"}).json["model"],
        "argo:text-embedding-3-large",
    ),
}


@pytest.mark.parametrize("name", ONE)
def test_a_key_changes_what_it_should(one: Proxy, gateway: Gateway, name: str) -> None:
    see, expected = ONE[name]
    assert see(one, gateway) == expected


def test_responses_are_kept_in_the_file_as_long_as_was_said(one: Proxy, gateway: Gateway, folder: Path) -> None:
    assert forgotten_after_half_an_hour(folder)(one, gateway) == [200, 404]


# With another.


@pytest.fixture(scope="module")
def deaf() -> Iterator[int]:
    """A port that takes no connection and refuses none: its queue is full."""
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        with full(port):
            yield port


@contextmanager
def full(port: int) -> Iterator[None]:
    waiting = [socket.socket() for _ in range(4)]
    try:
        for opened in waiting:
            opened.setblocking(False)
            opened.connect_ex(("127.0.0.1", port))
        yield
    finally:
        for opened in waiting:
            opened.close()


@pytest.fixture(scope="module")
def two(gateway_url: str, deaf: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    with proxying(
        tmp_path_factory.mktemp("two"),
        gateway_url,
        username_passthrough=True,
        argo_stream_url=tunnelled("argo_stream_url", gateway_url, running.STREAM),
        resolve_overrides={"argo-stream-url.example": "127.0.0.1"},
        argo_embedding_url=f"http://127.0.0.1:{deaf}/",
        connect_timeout_s=0.2,
        upstream_idle_timeout_s=0.3,
        keep_alive_s=0.05,
        retries=0,
        allow_private_images=True,
    ) as proxy:
        yield proxy


def error(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json["error"]["message"].partition(";")[0]


def after_silence(proxy: Proxy, gateway: Gateway) -> tuple[int, str]:
    gateway.script({"stall": "before_headers"})
    return error(ask(proxy, CHAT, said("hi")))


def signs_of_life(proxy: Proxy, gateway: Gateway) -> bool:
    gateway.script({"delay_s": 0.2})
    return b": keep-alive\n\n" in ask(proxy, CHAT, said("hi", stream=True)).body


def calls_after_failure(proxy: Proxy, gateway: Gateway) -> tuple[int, int]:
    gateway.script({"status": 503})
    return ask(proxy, CHAT, said("hi")).status, len(chats(gateway.received()))


def private_image(proxy: Proxy, _: Gateway) -> bool:
    refused = error(ask(proxy, CHAT, said("", messages=linked("http://127.0.0.1:9/image.png"))))
    return "private" in refused[1]


TWO: dict[str, tuple[Seen, object]] = {
    "username_passthrough": (lambda proxy, gateway: chat(proxy, gateway)["body"]["user"], "second"),
    "argo_stream_url": (
        lambda proxy, gateway: chat(proxy, gateway, stream=True)["headers"]["host"].partition(":")[0],
        "argo-stream-url.example",
    ),
    "connect_timeout_s": (
        lambda proxy, _: error(ask(proxy, "/v1/embeddings", {"input": "hi"}))[1].partition(" within ")[2],
        "0.2 s",
    ),
    "upstream_idle_timeout_s": (
        after_silence,
        (504, "ARGO sent nothing for 0.3 s"),
    ),
    "keep_alive_s": (signs_of_life, True),
    "retries": (calls_after_failure, (503, 1)),
    "allow_private_images": (private_image, False),
}


@pytest.mark.parametrize("name", TWO)
def test_another_key_changes_what_it_should(two: Proxy, gateway: Gateway, name: str) -> None:
    see, expected = TWO[name]
    assert see(two, gateway) == expected


# All of them.


def test_no_key_is_left_out() -> None:
    assert {*ONE, *TWO, *ELSEWHERE, *NOT_SEEN, "state_url", "state_max_age_h"} == {*keys()}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_what_is_seen_elsewhere_is_there(name: str) -> None:
    module, _, function = ELSEWHERE[name].partition(":")
    source = inspect.getsource(getattr(importlib.import_module(module), function))
    assert any(word in source.lower() for word in (name, *keys()[name].off_flags))
