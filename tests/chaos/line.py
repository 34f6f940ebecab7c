"""A client's connection to the proxy: one request after the other, and what came of each, also if it was cut off."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """`whole`: it came to the end that its framing promises. Status 0: there was none."""

    status: int
    headers: dict[str, str]
    body: bytes
    whole: bool


class Line:
    """Opened at the first request, and anew after an answer that closes it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, path: str, body: object = None, method: str = "POST") -> Answer:
        """The answer, as far as it came."""
        answer = await self._answer(await self._send(method, path, body))
        if not answer.whole or answer.headers.get("connection") == "close":
            self.close()
        return answer

    async def leave(self, path: str, body: object, after: bytes) -> None:
        """Ask, and leave as soon as these bytes of the answer are there."""
        reader = await self._send("POST", path, body)
        try:
            await reader.readuntil(after)
        finally:
            self.close()

    def close(self) -> None:
        """Leave at once."""
        if self._writer is not None:
            self._writer.transport.abort()
        self._reader = self._writer = None

    async def _send(self, method: str, path: str, body: object) -> asyncio.StreamReader:
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port, limit=2**20)
        self._writer.write(_request(method, path, body))
        return self._reader

    async def _answer(self, reader: asyncio.StreamReader) -> Answer:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except (asyncio.IncompleteReadError, ConnectionError):
            return Answer(0, {}, b"", whole=False)
        status_line, *lines = head.rstrip("\r\n").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        pieces: list[bytes] = []
        try:
            await _read_body(reader, headers, pieces)
            whole = True
        except (asyncio.IncompleteReadError, ConnectionError):
            whole = False
        return Answer(int(status_line.split()[1]), headers, b"".join(pieces), whole)


def _request(method: str, path: str, body: object) -> bytes:
    data = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
    head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(data)}"
    return f"{head}\r\n\r\n".encode() + data


async def _read_body(reader: asyncio.StreamReader, headers: dict[str, str], pieces: list[bytes]) -> None:
    """Raises IncompleteReadError or ConnectionError where it breaks off."""
    if "chunked" not in headers.get("transfer-encoding", ""):
        pieces.append(await reader.readexactly(int(headers.get("content-length", "0"))))
        return
    while size := int(await reader.readuntil(b"\r\n"), 16):
        pieces.append(await reader.readexactly(size))
        await reader.readexactly(2)
    await reader.readexactly(2)
