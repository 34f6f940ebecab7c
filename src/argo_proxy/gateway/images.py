"""Fetches the images that a request only links to, for ARGO cannot.

The addresses come from strangers: nothing on the proxy's own machine or network is ever asked, whatever a name
resolves to and wherever a server redirects to. The address that was checked is the address that is used.
"""

from __future__ import annotations

import asyncio
import binascii
import ipaddress
from collections.abc import Iterable, Iterator
from urllib.parse import urljoin, urlsplit

from msgspec.structs import replace

from argo_proxy.canonical.chat import (
    ChatRequest,
    Content,
    Image,
    ImageLink,
    Message,
    Part,
    Text,
    ToolCall,
    ToolResult,
)
from argo_proxy.canonical.errors import BadRequest, UpstreamError
from argo_proxy.canonical.image import media_type
from argo_proxy.gateway.endpoint import Endpoint, Origin
from argo_proxy.gateway.lookups import Lookups
from argo_proxy.gateway.pool import Pool
from argo_proxy.gateway.response import Response
from argo_proxy.gateway.together import together
from argo_proxy.gateway.trust import Trust

MAX_IMAGE_BYTES = 20 * 1024 * 1024
MAX_IMAGES = 64
MAX_ALL_BYTES = 100 * 1024 * 1024
"""All images of one request together."""
_FETCH_TIMEOUT_S = 30.0
_CONNECT_TIMEOUT_S = 10.0
_REDIRECTS = 3
_SIDE_BY_SIDE = 8
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
"""All that has been given out (RFC 4291, 2.4); what embeds an IPv4 address in older or local ways lies elsewhere."""


class ImageFetcher:
    """Replaces links by what they lead to. `allow_private` lets them lead into the own network."""

    def __init__(self, *, allow_private: bool, ca_file: str | None) -> None:
        self._allow_private = allow_private
        self._trust = Trust(ca_file)
        self._lookups = Lookups()

    async def inline(self, request: ChatRequest) -> ChatRequest:
        """The request with every image in it. Raises BadRequest that names the link at fault."""
        links = {link.url: link for link in links_in(request)}
        if not links:
            return request
        if len(links) > MAX_IMAGES:
            raise BadRequest(f"at most {MAX_IMAGES} images can be linked to, not {len(links)}", param="messages")
        found = dict(zip(links, await self._fetch_all(links), strict=True))
        return replace(request, messages=tuple(_inlined(message, found) for message in request.messages))

    async def _fetch_all(self, urls: Iterable[str]) -> list[Image]:
        """Side by side; when one fails, the others are given up."""
        slots, room = asyncio.Semaphore(_SIDE_BY_SIDE), _Room()
        return await together(self._fetch(url, slots, room) for url in urls)

    async def _fetch(self, url: str, slots: asyncio.Semaphore, room: _Room) -> Image:
        async with slots:
            try:
                data = await asyncio.wait_for(self._follow(url), _FETCH_TIMEOUT_S)
            except asyncio.TimeoutError as error:
                raise _fault(url, f"not there within {_FETCH_TIMEOUT_S:g} s") from error
            except UpstreamError as error:
                raise _fault(url, error.message.replace("ARGO", "its server")) from error
        room.take(len(data))
        found = media_type(data)
        if found is None:
            raise _fault(url, "it is none of PNG, JPEG, GIF and WebP")
        return Image(found, binascii.b2a_base64(data, newline=False).decode("ascii"))

    async def _follow(self, url: str) -> bytes:
        target = url
        for _ in range(_REDIRECTS + 1):
            answer = await self._get(url, target)
            if isinstance(answer, bytes):
                return answer
            target = answer
        raise _fault(url, "too many redirects")

    async def _get(self, url: str, target: str) -> bytes | str:
        """The bytes at an address, or the address that it redirects to."""
        endpoint = _endpoint(url, target)
        address = await self._address(url, endpoint.origin)
        pool = Pool(
            connect_timeout_s=_CONNECT_TIMEOUT_S,
            idle_timeout_s=_FETCH_TIMEOUT_S,
            resolve_overrides={str(endpoint.origin): address},
            trust=self._trust,
        )
        try:
            response = await pool.send(endpoint.origin, endpoint.get())
            return await _read(url, target, response)
        finally:
            pool.close()

    async def _address(self, url: str, origin: Origin) -> str:
        """An address of the host, of which none is private."""
        try:
            addresses = await self._lookups.addresses(origin.host, origin.port)
        except (OSError, UnicodeError) as error:
            raise _fault(url, "its host is not known") from error
        if not self._allow_private and not all(map(_is_public, addresses)):
            raise _fault(url, "it leads into a private network")
        address = addresses[0]
        return f"[{address}]" if ":" in address else address


class _Room:
    """What is left for the images of one request."""

    def __init__(self) -> None:
        self._left_bytes = MAX_ALL_BYTES

    def take(self, size: int) -> None:
        """Raises BadRequest when there is no room for so many bytes."""
        self._left_bytes -= size
        if self._left_bytes < 0:
            message = f"the images that are linked to have more than {MAX_ALL_BYTES} bytes together"
            raise BadRequest(message, param="messages")


async def _read(url: str, target: str, response: Response) -> bytes | str:
    location = response.headers.get(b"location")
    if response.status in (301, 302, 303, 307, 308) and location:
        return urljoin(target, location.decode("latin-1"))
    if response.status != 200:
        raise _fault(url, f"its server answered {response.status}")
    return await response.read_all(MAX_IMAGE_BYTES)


def _endpoint(url: str, target: str) -> Endpoint:
    try:
        parts = urlsplit(target)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
            raise _fault(url, "it is no plain http(s) address")
        return Endpoint(parts._replace(fragment="").geturl(), accept="image/*")
    except ValueError as error:
        raise _fault(url, "it is no plain http(s) address") from error


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    inner = _inner(ip) if isinstance(ip, ipaddress.IPv6Address) else ip
    if inner is None:
        return ip in _GLOBAL_UNICAST and ip.is_global
    return inner.is_global and not inner.is_multicast


def _inner(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that this one leads to, if it is of that kind: mapped, 6to4, or NAT64 (RFC 6052)."""
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour


def links_in(request: ChatRequest) -> list[ImageLink]:
    """The links to images, those in results of calls too."""
    others = [part for message in request.messages for part in message.parts if type(part) is not Text]
    return list(_links(others)) if others else []


def _links(parts: Iterable[Part]) -> Iterator[ImageLink]:
    for part in parts:
        match part:
            case ImageLink():
                yield part
            case ToolResult(_, content):
                yield from _links(content)
            case Text() | Image() | ToolCall():
                pass


def _inlined(message: Message, found: dict[str, Image]) -> Message:
    return replace(message, parts=tuple(_inlined_part(part, found) for part in message.parts))


def _inlined_part(part: Part, found: dict[str, Image]) -> Part:
    match part:
        case ToolResult(_, content):
            return replace(part, content=tuple(_inlined_content(inner, found) for inner in content))
        case Text() | Image() | ImageLink():
            return _inlined_content(part, found)
        case ToolCall():
            return part


def _inlined_content(part: Content, found: dict[str, Image]) -> Content:
    return replace(found[part.url], detail=part.detail) if isinstance(part, ImageLink) else part


def _fault(url: str, reason: str) -> BadRequest:
    shown = url if len(url) <= 200 else url[:200] + "…"
    return BadRequest(f"the image at {shown} cannot be used: {reason}", code="invalid_image_url")
