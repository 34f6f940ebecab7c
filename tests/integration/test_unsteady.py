"""A gateway that fails in passing, that has refused before, that cannot be reached, or has much to do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import openai
import pytest

from tests.integration.proxying import CHAT, Proxy, chats, proxying, read_until, said, sdk, something_new, wait_for
from tests.integration.test_error_surface import EVENTS, PASSED, STREAMED, WHOLE, Ask, with_each
from tests.simulator.running import Gateway

ENDPOINTS = {**WHOLE, **STREAMED, **EVENTS, **PASSED}
BUSY = {"status": 503, "headers": {"Retry-After": "0"}}


@pytest.fixture(scope="module")
def patient(gateway_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    with proxying(tmp_path_factory.mktemp("patient"), gateway_url, retries=2) as running:
        yield running


@pytest.fixture(scope="module")
def asking(patient: Proxy) -> Iterator[openai.OpenAI]:
    with sdk(patient) as opened:
        yield opened


@with_each(ENDPOINTS)
def test_a_failure_that_passes_is_never_seen(asking: openai.OpenAI, gateway: Gateway, ask: Ask) -> None:
    gateway.script(BUSY, BUSY)
    ask(asking)
    assert len(chats(gateway.received())) == 3


@with_each(ENDPOINTS)
def test_a_failure_that_stays_is_told_with_its_status(asking: openai.OpenAI, gateway: Gateway, ask: Ask) -> None:
    gateway.script(BUSY, BUSY, {"status": 429, "headers": {"Retry-After": "77"}})
    with pytest.raises(openai.RateLimitError) as caught:
        ask(asking)
    assert caught.value.response.headers["retry-after"] == "77"
    assert len(chats(gateway.received())) == 3


@with_each({**STREAMED, **EVENTS})
def test_a_stream_that_has_begun_is_not_asked_for_again(patient: Proxy, gateway: Gateway, ask: Ask) -> None:
    gateway.script({"pieces": ["so ", "far", "never"], "drop": "mid_body", "after_pieces": 2})
    with sdk(patient) as client:
        try:
            told = ask(client)
        except openai.APIError:
            told = "broken"
    assert "in the middle of its answer" in str(told) or told == "broken"
    assert len(chats(gateway.received())) == 1


def test_what_was_refused_twice_is_not_asked_again(patient: Proxy, gateway: Gateway) -> None:
    gateway.script({"status": 400, "times": 2})
    body = said(something_new())
    answers = [patient.ask("POST", CHAT, body) for _ in range(9)]
    assert {answer.status for answer in answers} == {400}
    assert len({answer.body for answer in answers}) == 1
    assert len(chats(gateway.received())) == 2
    assert patient.ask("POST", CHAT, said(something_new())).status == 200


def test_an_address_that_cannot_be_reached_fails_at_once_after_a_while(tmp_path: Path, gateway_url: str) -> None:
    with proxying(tmp_path, gateway_url, argo_url="http://127.0.0.1:9/chat/") as proxy:
        answers = [proxy.ask("POST", CHAT, said("hi")) for _ in range(6)]
        assert {answer.status for answer in answers} == {503}
        last = answers[-1]
        assert last.json["error"]["code"] == "gateway_unreachable"
        assert "tries again in" in last.json["error"]["message"]
        assert 1 <= int(last.headers["retry-after"]) <= 5
        ready = proxy.ask("GET", "/health/ready")
        assert (ready.status, ready.json["error"]["code"]) == (503, "gateway_unreachable")
        assert "tries again in" in ready.json["error"]["message"]
        assert proxy.ask("GET", "/health").status == 200


def test_an_address_that_is_not_needed_leaves_it_ready_and_is_told(tmp_path: Path, gateway_url: str) -> None:
    nowhere = "http://127.0.0.1:9/embed/"
    with proxying(tmp_path, gateway_url, argo_embedding_url=nowhere) as proxy:
        assert proxy.ask("GET", "/health/ready").json == {"status": "ready"}
        for _ in range(5):
            proxy.ask("POST", "/v1/embeddings", {"input": "hi"})
        ready = proxy.ask("GET", "/health/ready")
        assert ready.status == 200
        assert "cannot connect" in ready.json["unreachable"][nowhere]


def test_calls_beyond_the_limit_wait_for_their_turn(tmp_path: Path, gateway: Gateway, gateway_url: str) -> None:
    with proxying(tmp_path, gateway_url, max_concurrency=1) as proxy:
        gateway.script({"pieces": ["one", "two"], "stall": "mid_body", "after_pieces": 1})
        first = proxy.raw(said(something_new(), stream=True))
        read_until(first, b"one")
        second = proxy.raw(said(something_new()))
        third = proxy.raw(said(something_new()))
        assert len(chats(gateway.received())) == 1
        third.close()
        first.close()
        assert b'"choices"' in read_until(second, b'"usage"')
        second.close()
        wait_for(gateway, lambda records: len(chats(records)) == 2)
