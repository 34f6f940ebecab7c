"""A client, the whole proxy and a gateway in one event loop, over sockets: nothing goes on before the step is taken."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from argo_proxy.serving import Serving, open_configured_store
from argo_proxy.settings import Settings
from argo_proxy.web.bulletin import Alone

CHUNK = b"a few words of text "
NUMBER = b"-0.012345678901234567"
INPUTS = 16
END = b"0\r\n\r\n"
_ANSWERS = {
    b"/resource/chat/": b'{"response": "%s"}' % (CHUNK * 40),
    b"/resource/embed/": b'{"embedding": [%s]}' % b", ".join([b"[%s]" % b", ".join([NUMBER] * 8)] * INPUTS),
    b"/models/": b'{"data": [{"id": "gpt4o", "model_name": "GPT-4o"}, {"id": "v3small", "model_name": "v3small"}]}',
}


class Gateway:
    """Answers as ARGO does, but of a stream it sends what it is told, when it is told."""

    def __init__(self) -> None:
        self.url = ""
        self._told: asyncio.Queue[bytes] = asyncio.Queue()

    def send_chunk(self) -> None:
        self._told.put_nowait(b"%x\r\n%s\r\n" % (len(CHUNK), CHUNK))

    def end_stream(self) -> None:
        self._told.put_nowait(END)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, to its end."""
        while head := await head_of(reader):
            await reader.readexactly(length_in(head))
            path = head.split(b" ", 2)[1]
            if b"/streamchat/" in path:
                await self._stream(writer)
            else:
                writer.write(_whole(next(body for known, body in _ANSWERS.items() if path.endswith(known))))
        writer.close()

    async def _stream(self, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n")
        told = b""
        while told != END:
            told = await self._told.get()
            writer.write(told)


@asynccontextmanager
async def serving() -> AsyncIterator[tuple[int, Gateway]]:
    """The port of a proxy that serves, and its gateway."""
    gateway = Gateway()
    server = await asyncio.start_server(gateway.serve, "127.0.0.1", 0)
    settings = _settings(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/argoapi/api/v1")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        proxy = Serving(settings, listener, open_configured_store(settings), Alone(), 0)
        running = asyncio.ensure_future(proxy.run(lambda: None))
        try:
            yield listener.getsockname()[1], gateway
        finally:
            proxy.server.stop()
            await running
            server.close()
            await asyncio.wait(asyncio.all_tasks() - {asyncio.current_task()})  # the gateway sees its callers leave


def request(path: str, body: object) -> bytes:
    data = msgspec.json.encode(body)
    head = f"POST /v1/{path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer k\r\ncontent-type: application/json"
    return f"{head}\r\ncontent-length: {len(data)}\r\n\r\n".encode() + data


async def answer_to(reader: asyncio.StreamReader) -> bytes:
    """The body of a whole answer that is good."""
    head = await head_of(reader)
    body = await reader.readexactly(length_in(head))
    assert head.startswith(b"HTTP/1.1 200 "), head + body
    return body


async def head_of(reader: asyncio.StreamReader) -> bytes:
    """Nothing at the end of the connection."""
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""


def length_in(head: bytes) -> int:
    return int(head.lower().partition(b"content-length:")[2].partition(b"\r")[0] or 0)


def _whole(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)


def _settings(api: str) -> Settings:
    return Settings(
        user="jdoe",
        argo_url=f"{api}/resource/chat/",
        argo_stream_url=f"{api}/resource/streamchat/",
        argo_embedding_url=f"{api}/resource/embed/",
        argo_model_url=f"{api}/models/",
    )
