"""SIGHUP: a changed configuration takes effect without a client noticing."""

from __future__ import annotations

import http.client
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest

from tests.integration.proxying import (
    CHAT,
    DEADLINE_S,
    Proxy,
    chats,
    dechunked,
    frames,
    proxying,
    read_until,
    said,
    sdk,
    settings_for,
    text_of,
)
from tests.simulator.running import Gateway

pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGHUP")
CHANGED = "the configuration has changed; answers under way keep the old one"


@pytest.fixture
def own(gateway_url: str, tmp_path: Path) -> Iterator[Proxy]:
    """A proxy whose configuration may be changed."""
    with proxying(tmp_path, gateway_url) as running:
        yield running


def change(proxy: Proxy, folder: Path, text: str) -> None:
    (folder / "config.yaml").write_text(text)
    proxy.process.send_signal(signal.SIGHUP)


def written(gateway_url: str, **more: object) -> str:
    return json.dumps(settings_for(gateway_url, **more))


def user_of_last_chat(gateway: Gateway) -> str:
    return chats(gateway.received())[-1]["body"]["user"]


def test_new_requests_get_the_new_settings(own: Proxy, gateway: Gateway, gateway_url: str, tmp_path: Path) -> None:
    assert own.ask("POST", CHAT, said("hi")).status == 200
    assert user_of_last_chat(gateway) == "jdoe"
    change(own, tmp_path, written(gateway_url, user="other", api_keys=["k"]))
    own.log.wait_for(CHANGED)
    assert own.ask("POST", CHAT, said("hi")).status == 401
    assert own.ask("POST", CHAT, said("hi"), authorization="Bearer k").status == 200
    assert user_of_last_chat(gateway) == "other"


def test_a_configuration_that_is_the_same_changes_nothing(own: Proxy) -> None:
    own.process.send_signal(signal.SIGHUP)
    own.log.wait_for("the configuration has not changed")
    assert own.ask("GET", "/health").status == 200


def test_a_stream_that_outlives_the_change_is_whole(
    own: Proxy, gateway: Gateway, gateway_url: str, tmp_path: Path
) -> None:
    pieces = [f"{at} " for at in range(12)]
    gateway.script({"pieces": pieces, "piece_delay_s": 0.1})
    with own.raw(said("hi", stream=True)) as opened:
        data = read_until(opened, b'"content":"0 ')
        change(own, tmp_path, written(gateway_url, user="other"))
        own.log.wait_for(CHANGED)
        assert b"[DONE]" not in data
        data += read_until(opened, b"[DONE]\n\n\r\n0\r\n\r\n")
    assert text_of(frames(dechunked(data))) == "".join(pieces)


def test_a_kept_connection_gets_the_new_settings_too(
    own: Proxy, gateway: Gateway, gateway_url: str, tmp_path: Path
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", own.port, timeout=DEADLINE_S)
    for user in ("jdoe", "other"):
        connection.request("POST", CHAT, json.dumps(said("hi")))
        assert connection.getresponse().read()
        assert user_of_last_chat(gateway) == user
        if user == "jdoe":
            change(own, tmp_path, written(gateway_url, user="other"))
            own.log.wait_for(CHANGED)
    connection.close()


def test_responses_are_remembered_and_go_on_in_the_background(
    own: Proxy, gateway: Gateway, gateway_url: str, tmp_path: Path
) -> None:
    gateway.script({"text": "at last", "delay_s": 1, "match": "chat"})
    with sdk(own) as client:
        first = client.responses.create(model="argo:gpt-4o", input="hi", background=True)
        change(own, tmp_path, written(gateway_url, user="other"))
        own.log.wait_for(CHANGED)
        done = until_done(client, first.id)
        assert (done.status, done.output_text) == ("completed", "at last")
        second = client.responses.create(model="argo:gpt-4o", input="again", previous_response_id=first.id)
    assert second.status == "completed"


def until_done(client: openai.OpenAI, response_id: str) -> openai.types.responses.Response:
    """Each look is a request, so this does not spin."""
    while (response := client.responses.retrieve(response_id)).status in ("queued", "in_progress"):
        pass
    return response


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("user: [", "config.yaml:1: not valid YAML"),
        ("user: cels", "config.yaml:1: user: found 'cels'"),
        ("port: 1", "user: missing"),
    ],
)
def test_a_bad_change_is_refused_and_the_old_one_kept(
    own: Proxy, gateway: Gateway, tmp_path: Path, text: str, told: str
) -> None:
    change(own, tmp_path, text)
    own.log.wait_for(f"error: .*{told}")
    own.log.wait_for("the configuration is not changed")
    assert own.ask("POST", CHAT, said("hi")).status == 200
    assert user_of_last_chat(gateway) == "jdoe"


def test_a_file_that_is_gone_changes_nothing(own: Proxy, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").unlink()
    own.process.send_signal(signal.SIGHUP)
    own.log.wait_for("config.yaml: cannot be read: No such file")
    assert own.ask("GET", "/health").status == 200


def test_what_cannot_change_while_it_serves_is_told_and_the_rest_taken(
    own: Proxy, gateway: Gateway, gateway_url: str, tmp_path: Path
) -> None:
    change(own, tmp_path, written(gateway_url, user="other", port=1, host="127.0.0.2", state_url="sqlite:///x.db"))
    own.log.wait_for(CHANGED)
    for name in ("host", "port", "state_url"):
        own.log.wait_for(f"warning: {name}: stays as it is until the next start")
    assert own.ask("POST", CHAT, said("hi")).status == 200
    assert user_of_last_chat(gateway) == "other"


def test_a_change_that_opens_the_proxy_to_others_says_so(gateway_url: str, tmp_path: Path) -> None:
    with proxying(tmp_path, gateway_url, host="0.0.0.0", api_keys=["k"]) as proxy:
        change(proxy, tmp_path, written(gateway_url, host="0.0.0.0"))
        proxy.log.wait_for(r"everyone who can reach 0\.0\.0\.0 can use ARGO as 'jdoe'")


def test_what_the_old_settings_had_open_is_let_go(own: Proxy, gateway_url: str, tmp_path: Path) -> None:
    assert own.ask("POST", CHAT, said("hi")).status == 200
    before = open_sockets(own)
    for user in ("a", "b", "c"):
        change(own, tmp_path, written(gateway_url, user=user))
        own.log.wait_for(f"serves .* as user {user}")
    own.log.wait_for(CHANGED, times=3)
    limit_s = time.monotonic() + DEADLINE_S
    while open_sockets(own) > before:
        assert time.monotonic() < limit_s
        own.ask("GET", "/health")


def open_sockets(proxy: Proxy) -> int:
    folder = Path(f"/proc/{proxy.process.pid}/fd")
    if not folder.exists():
        pytest.skip("/proc")
    return sum(os.readlink(handle).startswith("socket:") for handle in folder.iterdir())


def test_the_end_comes_as_ever_after_a_change(own: Proxy, gateway_url: str, tmp_path: Path) -> None:
    change(own, tmp_path, written(gateway_url, user="other"))
    own.log.wait_for(CHANGED)
    own.process.terminate()
    assert own.wait() == 0
    assert "Traceback" not in own.log.close()
