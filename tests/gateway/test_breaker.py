from __future__ import annotations

import pytest

from argo_proxy.canonical.errors import Unavailable, UpstreamError, UpstreamTimeout
from argo_proxy.gateway.breaker import FAILURES, PAUSE_S, Breaker

REFUSED = Unavailable("cannot connect to argo:443: connection refused", code="connect_error")
BROKEN = UpstreamError("ARGO closed the connection before its answer", code="connection_lost")


def opened(at_s: float = 100.0, error: UpstreamError = REFUSED) -> Breaker:
    breaker = Breaker()
    for _ in range(FAILURES):
        breaker.admit(at_s)
        breaker.failed(error, at_s)
    return breaker


def test_failures_in_a_row_keep_the_next_call_from_trying() -> None:
    breaker = opened()
    with pytest.raises(Unavailable, match="connection refused; argo-proxy tries again in 5 s") as caught:
        breaker.admit(100.0)
    assert (caught.value.http_status, caught.value.http_code) == (503, "gateway_unreachable")
    assert caught.value.retry_after == "5"
    assert breaker.trouble == REFUSED.message


def test_the_time_to_wait_gets_shorter() -> None:
    with pytest.raises(Unavailable, match="in 1 s"):
        opened().admit(104.5)


def test_after_a_while_one_call_tries_and_the_others_wait_for_it() -> None:
    breaker = opened()
    breaker.admit(100.0 + PAUSE_S)
    with pytest.raises(Unavailable):
        breaker.admit(100.0 + PAUSE_S)


def test_a_call_that_gets_through_lets_all_others_follow() -> None:
    breaker = opened()
    breaker.admit(100.0 + PAUSE_S)
    breaker.reached()
    breaker.admit(100.0 + PAUSE_S)
    assert breaker.trouble is None


def test_a_trial_that_fails_begins_another_pause() -> None:
    breaker = opened()
    breaker.admit(106.0)
    breaker.failed(UpstreamTimeout("no connection", code="connect_timeout"), 116.0)
    with pytest.raises(Unavailable, match="no connection; argo-proxy tries again in 5 s"):
        breaker.admit(116.0)


def test_fewer_failures_and_failures_with_success_between_change_nothing() -> None:
    breaker = Breaker()
    for _ in range(3):
        for _ in range(FAILURES - 1):
            breaker.failed(REFUSED, 100.0)
        breaker.admit(100.0)
        breaker.reached()
    assert breaker.trouble is None


def test_failures_after_the_connection_do_not_count() -> None:
    assert opened(error=BROKEN).trouble is None
