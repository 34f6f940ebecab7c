"""What is said of ARGO's URLs, of the clock, and of the newest version."""

from __future__ import annotations

import asyncio
from email.utils import formatdate
from time import time

import pytest

from argo_proxy import __version__
from argo_proxy.cli.checkup import Check
from argo_proxy.cli.checkup_network import NAMES, clock, clock_skew_s, reached, version
from argo_proxy.cli.connectivity import Finding
from argo_proxy.settings.table import URL_PATHS
from tests.gateway.loopback import answering, pooling, run_on_asyncio, serving

URL = "http://127.0.0.1/models/"


def test_every_url_has_a_name() -> None:
    assert {*NAMES} == {*URL_PATHS}


def test_a_url_that_answers_is_well_and_one_that_does_not_is_told_with_its_cure() -> None:
    assert reached(Finding("argo_url", URL, 45)) == Check("chat URL", "ok", f"{URL} answers in 45 ms")
    assert reached(Finding("argo_model_url", URL, 45, "no answer", "wait")) == Check(
        "models URL", "failed", f"{URL}: no answer", "wait"
    )


@pytest.mark.parametrize(
    ("skew_s", "state", "found"),
    [
        (0.2, "ok", "within 1 s of ARGO's"),
        (-42.0, "ok", "within 42 s of ARGO's"),
        (420.0, "failed", "7 min ahead of ARGO's"),
        (-7300.0, "failed", "121 min behind ARGO's"),
        (None, "skipped", "ARGO does not tell the time"),
    ],
)
def test_a_clock_that_is_minutes_off_is_a_failure(skew_s: float | None, state: str, found: str) -> None:
    check = clock(skew_s)
    assert (check.state, check.found) == (state, found)
    assert (check.cure is not None) == (state == "failed")


def skew_told_by(*headers: str) -> float | None:
    """What is made of an answer with these headers."""
    head = "".join(f"{header}\r\n" for header in ("HTTP/1.1 404 Not Found", *headers, "Content-Length: 0", ""))

    async def play() -> float | None:
        async with serving(answering([head.encode()])) as server, pooling() as pool:
            return await clock_skew_s(pool, f"http://{server.origin}/")

    return asyncio.run(play())


@pytest.mark.parametrize("skew_s", [7200, -600])
def test_the_time_is_read_from_the_answer(skew_s: int) -> None:
    assert skew_told_by(f"Date: {formatdate(time() - skew_s, usegmt=True)}") == pytest.approx(skew_s, abs=60)


def test_an_answer_that_tells_no_time_tells_no_skew() -> None:
    assert skew_told_by("Date: yesterday") is None
    assert skew_told_by() is None


def test_where_nothing_answers_there_is_no_time() -> None:
    async def play() -> None:
        async with pooling() as pool:
            assert await clock_skew_s(pool, "http://127.0.0.1:9/") is None

    run_on_asyncio(play())


def test_a_newer_version_is_no_failure_but_worth_knowing() -> None:
    assert version("999.0") == Check(
        "version", "note", f"{__version__}; 999.0 is published", "pip install --upgrade argo-openai-proxy"
    )
    assert version(__version__) == Check("version", "ok", f"{__version__}, the newest")
    assert version(None).state == "ok"
