"""No report of a fault shows what was in its hands."""

from __future__ import annotations

import asyncio
import gc
import socket
from collections.abc import Callable, Coroutine

import pytest

from argo_proxy.telemetry.faults import log_fault, loose_end
from argo_proxy.telemetry.request_log import set_up_logging
from tests.gateway.loopback import both_loops, until

PROMPT = "the prompt that was in its hands"
Run = Callable[[Coroutine[object, object, None]], None]


class Failing(asyncio.Protocol):
    def data_received(self, data: bytes) -> None:
        raise ValueError(data.decode())


async def fail_in_a_callback() -> None:
    def fail(text: str) -> None:
        raise ValueError(text)

    asyncio.get_running_loop().call_soon(fail, PROMPT)


async def fail_in_a_task() -> None:
    async def fail(text: str) -> None:
        raise ValueError(text)

    asyncio.ensure_future(fail(PROMPT))  # noqa: RUF006 (nobody keeps it: that is the point)
    await asyncio.sleep(0)
    gc.collect()


async def fail_in_a_protocol() -> None:
    ours, theirs = socket.socketpair()
    transport, _ = await asyncio.get_running_loop().create_connection(Failing, sock=ours)
    theirs.sendall(PROMPT.encode())
    await until(transport.is_closing)
    theirs.close()


@both_loops
@pytest.mark.parametrize("scene", [fail_in_a_callback, fail_in_a_task, fail_in_a_protocol])
@pytest.mark.usefixtures("logger")
def test_what_nobody_waits_for_fails_in_one_line_without_values(
    run: Run, scene: Callable[[], Coroutine[object, object, None]], capfd: pytest.CaptureFixture[str]
) -> None:
    async def whole() -> None:
        asyncio.get_running_loop().set_exception_handler(loose_end)
        await scene()
        await asyncio.sleep(0)

    set_up_logging(verbose=False, log_format="human")
    run(whole())
    told = capfd.readouterr().err
    assert "error: internal error: ValueError at test_faults.py:" in told
    assert PROMPT not in told
    assert told.count("\n") == 1


@pytest.mark.usefixtures("logger")
def test_what_is_no_exception_is_told_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging(verbose=False, log_format="human")
    loop = asyncio.new_event_loop()
    loose_end(loop, {"message": "Task was destroyed but it is pending!", "task": PROMPT})
    log_fault(ValueError(PROMPT))
    loop.close()
    told = capsys.readouterr().err
    assert "internal error: Task was destroyed but it is pending!\n" in told
    assert "internal error: ValueError at an unknown place\n" in told
    assert PROMPT not in told
