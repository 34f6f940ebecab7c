"""A gateway that answers at once and costs little: `python -m benchmarks.upstream PORT`. What it takes is not counted.

It reads whole requests. A stream is as long and as fast as its prompt says (`chunks=64 pace_ms=20`); without a pace a
chunk is written in every turn of the loop. All else is answered as ever, and checked by whoever asked.
"""

from __future__ import annotations

import asyncio
import re
import sys
from typing import cast

import msgspec

from argo_proxy.serving import run_in_loop
from benchmarks.questions import PREFIX, WHOLE, WORDS, embeddings, piece

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_ASKED = re.compile(rb"chunks=(\d+) pace_ms=(\d+) ")
_BACKLOG = 4096
_STREAM_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n"
_LAST = b"0\r\n\r\n"

MODELS = {"data": [{"id": "gpt4o", "model_name": "GPT-4o"}, {"id": "v3small", "model_name": "v3small"}]}
BODIES = {
    f"{PREFIX}/resource/chat/": msgspec.json.encode({"response": WHOLE}),
    f"{PREFIX}/resource/embed/": msgspec.json.encode(embeddings()),
    f"{PREFIX}/models/": msgspec.json.encode(MODELS),
}
"""Of all answers that are no streams, by path."""


def whole(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)


ANSWERS = {path.encode(): whole(body) for path, body in BODIES.items()}
CHUNKS = [b"%x\r\n%s\r\n" % (len(piece(at)), piece(at).encode()) for at in range(len(WORDS))]
"""After which the text begins again."""


class Line(asyncio.Protocol):
    """One connection, on which one request follows the other."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self._data = bytearray()
        self._wanted = 0
        self._sent = self._chunks = 0
        self._pace_s = self._due_s = 0.0
        self._held = self._late = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._data += data
        if len(self._data) >= self._wanted and (end := self._data.find(b"\r\n\r\n") + 4) > 3:
            found = _LENGTH.search(self._data, 0, end)
            self._wanted = end + (int(found[1]) if found else 0)
        if 0 < self._wanted <= len(self._data):
            request = bytes(self._data)
            self._data.clear()
            self._wanted = 0
            self._answer(request)

    def pause_writing(self) -> None:
        self._held = True

    def resume_writing(self) -> None:
        self._held = False
        if self._late:
            self._late = False
            self._go_on()

    def _answer(self, request: bytes) -> None:
        path = request.split(b" ", 2)[1]
        asked = _ASKED.search(request) if b"/streamchat/" in path else None
        if asked is None:
            self._transport.write(ANSWERS.get(path) or b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n")
            return
        self._sent, self._chunks, self._pace_s = 0, int(asked[1]), int(asked[2]) / 1000
        self._due_s = self._loop.time()
        self._transport.write(_STREAM_HEAD)
        self._go_on()

    def _go_on(self) -> None:
        """One more chunk, or the end; nothing while the reader is slow or once it has left."""
        if self._held or self._transport.is_closing():
            self._late = self._held
            return
        if self._sent == self._chunks:
            self._transport.write(_LAST)
            return
        self._transport.write(CHUNKS[self._sent % len(CHUNKS)])
        self._sent += 1
        if self._pace_s:
            self._due_s += self._pace_s
            self._loop.call_at(self._due_s, self._go_on)
        else:
            self._loop.call_soon(self._go_on)


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Line, "127.0.0.1", port, backlog=_BACKLOG)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    run_in_loop(serve(int(sys.argv[1])))
