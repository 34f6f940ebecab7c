"""The clients of a soak: what each does again and again, and what it must get."""

from __future__ import annotations

import asyncio
import json
import time
from itertools import count
from typing import Any

from tests.chaos.faults import FAULTS, NOTHING
from tests.chaos.judge import Request
from tests.chaos.line import Answer, Line
from tests.chaos.run import Report, play_one
from tests.integration.proxying import Proxy
from tests.simulator.running import Gateway

RESPONSES, CHAT = "/v1/responses", "/v1/chat/completions"
MODEL = "argo:gpt-4o"
TURNS = 5
LOOKS, LOOK_S = 200, 0.05


class Soak:
    """What the clients share."""

    def __init__(self, proxy: Proxy, gateway: Gateway, minutes: float) -> None:
        self.proxy = proxy
        self.gateway = gateway
        self.report = Report()
        self.requests = 0
        self.latencies_ms: list[float] = []
        self.image_url = ""
        self.end_s = time.monotonic() + minutes * 60
        self._numbers = count(1)

    def prompt(self) -> str:
        """One that has not been before."""
        return f"é日🚀 number {next(self._numbers)} " * 10

    def expect(self, what: str, found: object, wanted: object) -> None:
        if found != wanted:
            self.report.complaints.append(f"{what}: {found!r} is not {wanted!r}"[:400])

    def is_over(self) -> bool:
        return time.monotonic() >= self.end_s


async def mixed(soak: Soak, line: Line, control: Line, request: Request) -> None:
    """One of the chaos; those that go well are timed."""
    started_s = time.monotonic()
    await play_one(request, line, control, soak.report)
    if request.fault is NOTHING:
        soak.latencies_ms.append((time.monotonic() - started_s) * 1000)


async def leaving(soak: Soak, line: Line) -> None:
    """A client that leaves in the middle of a slow stream, and one that leaves before it."""
    drip = next(fault.mark for fault in FAULTS if fault.name == "drip")
    asked: dict[str, object] = {"model": MODEL, "stream": True}
    messages = [{"role": "user", "content": f"{drip} {soak.prompt()}"}]
    await line.leave(CHAT, {**asked, "messages": messages}, b'content":"Y')
    silence = next(fault.mark for fault in FAULTS if fault.name == "silence")
    unheard = {**asked, "input": f"{silence} {soak.prompt()}", "store": False}
    try:
        await asyncio.wait_for(line.leave(RESPONSES, unheard, b"never"), 0.2)
    except asyncio.TimeoutError:
        line.close()


async def background(soak: Soak, line: Line) -> None:
    """A response in the background: asked for, looked at until it is there, deleted."""
    prompt = soak.prompt()
    found = json.loads((await line.ask(RESPONSES, {"model": MODEL, "input": prompt, "background": True})).body)
    path = f"{RESPONSES}/{found['id']}"
    for _ in range(LOOKS):
        if found["status"] not in ("queued", "in_progress"):
            break
        await asyncio.sleep(LOOK_S)
        found = json.loads((await line.ask(path, method="GET")).body)
    soak.expect("a background response", (found["status"], _text(found)), ("completed", f"You said: {prompt}"))
    soak.expect("its deletion", (await line.ask(path, method="DELETE")).status, 200)


async def conversation(soak: Soak, line: Line) -> None:
    """Responses that go on from each other, and stay stored."""
    before: str | None = None
    for turn in range(TURNS):
        prompt = soak.prompt()
        asked = {"model": MODEL, "input": prompt, "previous_response_id": before, "store": True}
        found = json.loads((await line.ask(RESPONSES, asked)).body)
        soak.expect(f"turn {turn}", _text(found), f"You said: {prompt}")
        before = found["id"]


async def picture(soak: Soak, line: Line) -> None:
    """An image that the proxy has to fetch."""
    prompt = soak.prompt()
    parts = [{"type": "text", "text": prompt}, {"type": "image_url", "image_url": {"url": soak.image_url}}]
    answer = await line.ask(CHAT, {"model": MODEL, "messages": [{"role": "user", "content": parts}]})
    soak.expect("a chat with an image", _chat_text(answer), f"You said: {prompt}")


def _text(response: dict[str, Any]) -> str:
    return "".join(part["text"] for item in response.get("output", ()) for part in item.get("content", ()))


def _chat_text(answer: Answer) -> object:
    return json.loads(answer.body)["choices"][0]["message"]["content"] if answer.status == 200 else answer.body
