"""An HTTP answer as a value, and the few ways to make one."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

import msgspec

Headers: TypeAlias = tuple[tuple[bytes, bytes], ...]

JSON: Final = b"application/json"
PLAIN: Final = b"text/plain; charset=utf-8"
HTML: Final = b"text/html"
SLICE_BYTES: Final = 65_536

NGINX_502: Final = (
    b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    b"<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)


@dataclass(frozen=True, slots=True)
class Reply:
    """`pieces` are sent one by one; not `chunked` means with a Content-Length."""

    status: int
    headers: Headers
    pieces: tuple[bytes, ...]
    chunked: bool = False

    def header(self, name: bytes) -> bytes | None:
        return next((value for key, value in self.headers if key == name), None)


def json_reply(value: object, status: int = 200) -> Reply:
    return body_reply(msgspec.json.encode(value), JSON, status)


def body_reply(body: bytes, content_type: bytes, status: int = 200) -> Reply:
    return Reply(status, ((b"content-type", content_type),), sliced(body))


def sliced(body: bytes) -> tuple[bytes, ...]:
    """In slices, between which the server waits for a slow client; in one write it would buffer all of it."""
    return tuple(body[at : at + SLICE_BYTES] for at in range(0, len(body), SLICE_BYTES)) or (b"",)


def stream_reply(pieces: Iterable[bytes]) -> Reply:
    return Reply(200, ((b"content-type", PLAIN),), tuple(pieces), chunked=True)


def with_header(headers: Headers, name: bytes, value: bytes) -> Headers:
    """`headers` with `name` set to `value`, in place of what it was."""
    return (*((key, old) for key, old in headers if key != name), (name, value))
