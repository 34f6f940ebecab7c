"""Several processes that serve as one."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.integration.proxying import (
    CHAT,
    Proxy,
    chats,
    launch,
    proxying,
    read_until,
    said,
    settings_for,
    something_new,
    wait_for,
)
from tests.simulator.running import Gateway

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
STALLED = {"pieces": ["one", "two"], "stall": "mid_body", "after_pieces": 1}


def shared(folder: Path) -> dict[str, object]:
    return {"workers": 2, "state_url": f"sqlite:///{folder}/state.db"}


@pytest.fixture(scope="module")
def group(gateway_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    folder = tmp_path_factory.mktemp("group")
    with proxying(folder, gateway_url, **shared(folder)) as running:
        yield running


@pytest.fixture
def mortal(tmp_path: Path, gateway_url: str) -> Iterator[Proxy]:
    """For what it does not outlive unchanged."""
    with proxying(tmp_path, gateway_url, **shared(tmp_path)) as running:
        yield running


def workers(proxy: Proxy) -> list[int]:
    """The processes that serve, in the order of their numbers."""
    pid = proxy.process.pid
    children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return sorted(child for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes())


def connections_of(pid: int, port: int) -> int:
    """How many connections to the port the process holds."""
    held = {os.readlink(entry) for entry in Path(f"/proc/{pid}/fd").iterdir() if entry.is_symlink()}
    lines = [line.split() for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]]
    ours = [line[9] for line in lines if int(line[1].rpartition(":")[2], 16) == port and line[3] == "01"]
    return sum(f"socket:[{inode}]" in held for inode in ours)


def ask_until(proxy: Proxy, path: str, wanted: bytes) -> None:
    """Each time another process may answer."""
    for _ in range(500):
        if wanted in proxy.ask("GET", path).body:
            return
    raise AssertionError(f"never {wanted!r} at {path}: {proxy.ask('GET', path).body!r}")


def stalled(proxy: Proxy, gateway: Gateway, count: int) -> list[socket.socket]:
    """Streams that have begun and do not go on."""
    gateway.script({**STALLED, "match": "/streamchat/", "times": count})
    streams = [proxy.raw(said(something_new(), stream=True)) for _ in range(count)]
    for stream in streams:
        read_until(stream, b"one")
    return streams


def rest_of(stream: socket.socket) -> bytes:
    """All that still comes, to the end of the connection."""
    data = b""
    with closing(stream), suppress(ConnectionError):
        while piece := stream.recv(65_536):
            data += piece
    return data


def test_all_of_them_serve_and_one_speaks_for_all(group: Proxy, gateway: Gateway) -> None:
    streams = stalled(group, gateway, 40)
    shares = [connections_of(pid, group.port) for pid in workers(group)]
    assert sum(shares) == 40
    assert min(shares) > 0
    for stream in streams:
        stream.close()
    assert group.log.text.count(" serves ") == 1
    assert "2 processes; Ctrl-C stops" in group.log.text


def test_what_one_stores_the_others_know(group: Proxy) -> None:
    made = group.ask("POST", "/v1/responses", {"model": "argo:gpt-4o", "input": something_new()}).json
    for _ in range(12):
        assert group.ask("GET", f"/v1/responses/{made['id']}").json == made


def test_a_background_response_ends_wherever_its_cancellation_arrives(group: Proxy, gateway: Gateway) -> None:
    gateway.script({"stall": "before_headers", "times": 8})
    asked = {"model": "argo:gpt-4o", "input": something_new(), "background": True}
    ids = [group.ask("POST", "/v1/responses", asked).json["id"] for _ in range(8)]
    wait_for(gateway, lambda records: len(chats(records)) == 8)
    for name in ids:
        assert group.ask("POST", f"/v1/responses/{name}/cancel").json["status"] == "cancelled"
    wait_for(gateway, lambda records: {record["outcome"] for record in chats(records)} == {"client_left"})
    for name in ids:
        assert group.ask("GET", f"/v1/responses/{name}").json["status"] == "cancelled"


def test_one_that_dies_is_replaced_and_takes_only_its_own_answers_along(mortal: Proxy, gateway: Gateway) -> None:
    streams = stalled(mortal, gateway, 30)
    victim, other = workers(mortal)
    lost, kept = connections_of(victim, mortal.port), connections_of(other, mortal.port)
    os.kill(victim, signal.SIGKILL)
    mortal.log.wait_for(r"worker \d \(process \d+\) was ended by SIGKILL, and another takes its place")
    ended = [stream for stream in streams if select.select([stream], [], [], 0)[0]]
    assert (len(ended), connections_of(other, mortal.port)) == (lost, kept)
    for stream in streams:
        stream.close()
    for _ in range(20):
        assert mortal.ask("POST", CHAT, said(something_new())).status == 200
    assert len(workers(mortal)) == 2


def test_what_a_dead_one_made_in_the_background_has_failed(mortal: Proxy, gateway: Gateway) -> None:
    gateway.script({"stall": "before_headers", "times": 6})
    asked = {"model": "argo:gpt-4o", "input": something_new(), "background": True}
    ids = [mortal.ask("POST", "/v1/responses", asked).json["id"] for _ in range(6)]
    wait_for(gateway, lambda records: len(chats(records)) == 6)
    for pid in workers(mortal):
        os.kill(pid, signal.SIGKILL)
    for name in ids:
        ask_until(mortal, f"/v1/responses/{name}", b'"failed"')


def test_a_changed_configuration_reaches_all(mortal: Proxy, tmp_path: Path, gateway_url: str) -> None:
    changed = settings_for(gateway_url, **shared(tmp_path), default_chat_model="argo:gpt-4.1")
    (tmp_path / "config.yaml").write_text(json.dumps(changed))
    mortal.process.send_signal(signal.SIGHUP)
    mortal.log.wait_for("the configuration has changed")
    asked = {"messages": [{"role": "user", "content": "hi"}]}
    for _ in range(500):
        if all(mortal.ask("POST", CHAT, asked).json["model"] == "argo:gpt-4.1" for _ in range(12)):
            break
    else:
        raise AssertionError("somebody has not heard of it")
    assert mortal.log.text.count("the configuration has changed") == 1


def test_a_wish_for_new_models_reaches_all(mortal: Proxy, gateway: Gateway) -> None:
    body = '{"data": [{"id": "GPT-9", "internal_id": "gpt9", "object": "model", "created": 1, "owned_by": "openai"}]}'
    gateway.script({"match": "/models/", "body": body, "content_type": "application/json", "times": 2})
    assert mortal.ask("POST", "/refresh").status == 200
    for _ in range(500):
        if all(b"gpt-9" in mortal.ask("GET", "/v1/models").body for _ in range(12)):
            return
    raise AssertionError("somebody has not heard of it")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_all_answers_finish(mortal: Proxy, gateway: Gateway, number: signal.Signals) -> None:
    gateway.script({"pieces": ["one", "two"], "piece_delay_s": 0.2, "match": "/streamchat/", "times": 20})
    streams = [mortal.raw(said(something_new(), stream=True)) for _ in range(20)]
    begun = [read_until(stream, b"one") for stream in streams]
    for pid in [*workers(mortal), mortal.process.pid]:  # as a terminal or systemd does, to all of the group
        os.kill(pid, number)
    for beginning, stream in zip(begun, streams, strict=True):
        assert b"[DONE]" in beginning + rest_of(stream)
    assert mortal.wait() == 0


def test_a_second_signal_ends_them_at_once(mortal: Proxy, gateway: Gateway) -> None:
    streams = stalled(mortal, gateway, 10)
    mortal.process.send_signal(signal.SIGTERM)
    mortal.process.send_signal(signal.SIGINT)
    for stream in streams:
        assert b"[DONE]" not in rest_of(stream)
    assert mortal.wait() == 0


def test_they_end_with_their_supervisor(mortal: Proxy) -> None:
    pids = workers(mortal)
    mortal.process.kill()
    mortal.process.wait()
    mortal.log.close()
    for pid in pids:
        assert not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text()


def test_several_share_a_unix_socket(tmp_path: Path, gateway_url: str) -> None:
    path = tmp_path / "private" / "s.sock"
    with proxying(tmp_path, gateway_url, socket=str(path), **shared(tmp_path)) as proxy:
        assert len(workers(proxy)) == 2
        assert path.is_socket()
    assert not path.exists()


def test_what_cannot_be_shared_is_refused(tmp_path: Path, gateway_url: str) -> None:
    proxy = launch(tmp_path, settings_for(gateway_url, workers=2))
    assert proxy.wait() == 2
    assert "workers: more than one cannot share responses that are stored in memory" in proxy.log.close()


def test_a_busy_port_is_told_by_the_supervisor(tmp_path: Path, gateway_url: str, running_gateway: Gateway) -> None:
    proxy = launch(tmp_path, settings_for(gateway_url, **shared(tmp_path)) | {"port": running_gateway.port})
    assert proxy.wait() == 1
    assert "another program has this port" in proxy.log.close()
