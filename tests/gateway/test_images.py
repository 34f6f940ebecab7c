"""Which addresses an image may come from, and what may come from them."""

from __future__ import annotations

import asyncio
import base64
import gzip
import ipaddress
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argo_proxy.canonical.chat import ChatRequest, Image, ImageLink, Message, Text, ToolCall, ToolResult
from argo_proxy.canonical.errors import BadRequest
from argo_proxy.gateway import images
from argo_proxy.gateway.images import MAX_IMAGE_BYTES, MAX_IMAGES, ImageFetcher
from tests.gateway.loopback import Visit, answering, both_loops, run_on_asyncio, serving, until

Run = Callable[..., Any]
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


def request(*urls: str) -> ChatRequest:
    links = tuple(ImageLink(url, "low") for url in urls)
    return ChatRequest("m", (Message("user", (Text("look"), *links)), Message("assistant", (Text("and"),))))


def answer(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def redirect(location: str, status: str = "302 Found") -> bytes:
    return answer(b"", status, f"Location: {location}")


async def inlined(*urls: str, allow_private: bool = True) -> ChatRequest:
    return await ImageFetcher(allow_private=allow_private, ca_file=None).inline(request(*urls))


async def reason(*urls: str, allow_private: bool = True) -> str:
    """Why these links cannot be used."""
    with pytest.raises(BadRequest) as caught:
        await inlined(*urls, allow_private=allow_private)
    assert caught.value.http_status == 400
    return caught.value.message


@both_loops
def test_links_are_replaced_by_what_they_lead_to_and_all_else_stays(run: Run) -> None:
    async def scene() -> None:
        async with serving(answering([answer(PNG)])) as server:
            url = f"http://{server.origin}/a.png?b=c"
            found = await inlined(url, url)
        image = Image("image/png", base64.b64encode(PNG).decode(), "low")
        assert found.messages[0].parts == (Text("look"), image, image)
        assert found.messages[1:] == request().messages[1:]
        head = server.requests[0].split(b"\r\n")
        assert len(server.requests) == 1, "the same link is fetched once"
        assert head[0] == b"GET /a.png?b=c HTTP/1.1"
        assert b"Accept: image/*" in head

    run(scene())


@both_loops
def test_links_inside_the_results_of_tools_are_followed_too(run: Run) -> None:
    async def scene() -> None:
        async with serving(answering([answer(PNG)])) as server:
            link = ImageLink(f"http://{server.origin}/a.png", "high")
            called = Message("assistant", (Text("I look"), ToolCall("call_1", "look", "{}")))
            results = (ToolResult("call_1", (Text("it"), link)), ToolResult("call_2", (Text("nothing"),)))
            asked = ChatRequest("m", (Message("user", (link,)), called, Message("tool", results)))
            found = await ImageFetcher(allow_private=True, ca_file=None).inline(asked)
        image = Image("image/png", base64.b64encode(PNG).decode(), "high")
        assert found.messages == (
            Message("user", (image,)),
            called,
            Message("tool", (ToolResult("call_1", (Text("it"), image)), results[1])),
        )
        assert len(server.requests) == 1, "the same link is fetched once, wherever it stands"

    run(scene())


def test_a_link_inside_a_result_leads_into_no_private_network() -> None:
    async def scene() -> None:
        results = (ToolResult("call_1", (ImageLink("http://127.0.0.1/a.png"),)),)
        with pytest.raises(BadRequest, match="private network"):
            await ImageFetcher(allow_private=False, ca_file=None).inline(ChatRequest("m", (Message("tool", results),)))

    run_on_asyncio(scene())


def test_a_request_without_links_is_given_back_as_it_is() -> None:
    async def scene() -> None:
        asked = request()
        assert await ImageFetcher(allow_private=False, ca_file=None).inline(asked) is asked

    run_on_asyncio(scene())


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_redirects_are_followed_relative_ones_too(status: str) -> None:
    async def scene() -> None:
        async with serving(answering([redirect("../b.png", status), answer(PNG)])) as server:
            found = await inlined(f"http://{server.origin}/x/a.png")
        assert isinstance(found.messages[0].parts[1], Image)
        assert server.requests[1].startswith(b"GET /b.png ")

    run_on_asyncio(scene())


def test_endless_redirects_are_given_up() -> None:
    async def scene() -> None:
        async with serving(answering(default=redirect("/again"))) as server:
            assert "too many redirects" in await reason(f"http://{server.origin}/")
            assert len(server.requests) == 4

    run_on_asyncio(scene())


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("file:///etc/passwd", "no plain http(s) address"),
        ("ftp://127.0.0.1/a", "no plain http(s) address"),
        ("http://user:pw@127.0.0.1/", "no plain http(s) address"),
        ("http://127.0.0.1:99999/", "no plain http(s) address"),
    ],
)
def test_a_redirect_leads_nowhere_a_link_could_not(location: str, expected: str) -> None:
    async def scene() -> None:
        async with serving(answering([redirect(location)])) as server:
            assert expected in await reason(f"http://{server.origin}/")

    run_on_asyncio(scene())


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (answer(b"<html>"), "none of PNG, JPEG, GIF and WebP"),
        (answer(b""), "none of PNG, JPEG, GIF and WebP"),
        (answer(b"<svg/>", "200 OK", "Content-Type: image/png"), "none of PNG, JPEG, GIF and WebP"),
        (answer(PNG, "404 Not Found"), "its server answered 404"),
        (answer(PNG, "302 Found"), "its server answered 302"),
        (b"junk\r\n\r\n", "not valid HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + PNG, "closed the connection"),
    ],
)
def test_what_is_no_image_is_refused_with_the_link_that_is_at_fault(reply: bytes, expected: str) -> None:
    async def once(visit: Visit) -> None:
        await visit.request()
        visit.say(reply)
        await visit.hang_up()

    async def scene() -> None:
        async with serving(once) as server:
            url = f"http://{server.origin}/a.png"
            told = await reason(url)
        assert url in told
        assert expected in told
        assert "ARGO" not in told

    run_on_asyncio(scene())


def test_an_image_too_big_is_refused_before_it_fills_the_memory() -> None:
    sent = 0

    async def flood(visit: Visit) -> None:
        nonlocal sent
        await visit.request()
        visit.say(b"HTTP/1.1 200 OK\r\n\r\n" + PNG)
        while True:
            visit.say(bytes(2**20))
            await visit.writer.drain()
            sent += 2**20

    async def scene() -> None:
        async with serving(flood) as server:
            assert f"longer than {MAX_IMAGE_BYTES} bytes" in await reason(f"http://{server.origin}/")
            await until(server.visits[0].closed.is_set)
        assert sent < 2 * MAX_IMAGE_BYTES

    run_on_asyncio(scene())


def test_a_slow_server_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "_FETCH_TIMEOUT_S", 0.05)

    async def scene() -> None:
        async with serving(lambda visit: visit.until_left()) as server:
            assert "0.05 s" in await reason(f"http://{server.origin}/")
            await until(server.visits[0].closed.is_set)

    run_on_asyncio(scene())


def test_a_server_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte in time is not the whole in time."""
    monkeypatch.setattr(images, "_FETCH_TIMEOUT_S", 0.1)

    async def drip(visit: Visit) -> None:
        await visit.request()
        visit.say(b"HTTP/1.1 200 OK\r\n\r\n" + PNG)
        while not visit.writer.is_closing():
            visit.say(b"x")
            await asyncio.sleep(0.01)

    async def scene() -> None:
        async with serving(drip) as server:
            assert "0.1 s" in await reason(f"http://{server.origin}/")
            await until(server.visits[0].closed.is_set)

    run_on_asyncio(scene())


def test_all_images_together_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MAX_ALL_BYTES", 2 * len(PNG))

    async def scene() -> None:
        async with serving(answering(default=answer(PNG))) as server:
            urls = [f"http://{server.origin}/{number}" for number in range(3)]
            assert len((await inlined(*urls[:2])).messages) == 2
            assert f"more than {2 * len(PNG)} bytes together" in await reason(*urls)

    run_on_asyncio(scene())


def test_a_bomb_is_refused_before_it_fills_the_memory() -> None:
    bomb = gzip.compress(PNG + bytes(MAX_IMAGE_BYTES + 1))

    async def scene() -> None:
        async with serving(answering(default=answer(bomb, "200 OK", "Content-Encoding: gzip"))) as server:
            told = await reason(f"http://{server.origin}/")
        assert "longer than" in told or "swells beyond measure" in told

    run_on_asyncio(scene())


def test_when_one_link_fails_the_others_are_not_fetched_any_longer() -> None:
    async def scene() -> None:
        async with serving(lambda visit: visit.until_left()) as slow, serving(answering([answer(b"")])) as bad:

            async def behave() -> str:
                return await reason(f"http://{slow.origin}/", f"http://{bad.origin}/")

            assert "none of PNG" in await behave()
            await until(lambda: all(visit.closed.is_set() for visit in slow.visits))

    run_on_asyncio(scene())


def test_a_client_that_leaves_ends_the_fetching() -> None:
    async def scene() -> None:
        async with serving(lambda visit: visit.until_left()) as server:
            call = asyncio.ensure_future(inlined(f"http://{server.origin}/"))
            await until(lambda: bool(server.visits))
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)
            await until(server.visits[0].closed.is_set)

    run_on_asyncio(scene())


def test_so_many_links_and_no_more() -> None:
    async def scene() -> None:
        urls = [f"http://127.0.0.1/{number}" for number in range(MAX_IMAGES + 1)]
        assert f"at most {MAX_IMAGES} images" in await reason(*urls)

    run_on_asyncio(scene())


@both_loops
@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0.0.0.0",
        "localhost",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "[fe80::1]",
        "[fc00::1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "224.0.0.1",
        "255.255.255.255",
        "[ff02::1]",
    ],
)
def test_no_spelling_of_a_private_address_is_asked(run: Run, host: str) -> None:
    async def scene() -> None:
        async with serving(answering(default=answer(PNG))) as server:
            told = await reason(f"http://{host}:{server.origin.port}/a.png", allow_private=False)
            assert "private network" in told or "host is not known" in told
            assert server.visits == []

    run(scene())


def resolving(
    loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch, names: dict[str, Sequence[str]]
) -> None:
    """Let names resolve as no name server on earth would have them; addresses resolve to themselves."""
    real = loop.getaddrinfo

    async def resolve(host: str, port: int, **options: Any) -> list[Any]:
        found = [await real(address, port, **options) for address in names.get(host, [host])]
        return [entry for entries in found for entry in entries]

    monkeypatch.setattr(loop, "getaddrinfo", resolve)


def pretend_public(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """127.0.0.1 stands in for a public address, since tests ask nothing outside."""
    real = images._is_public
    monkeypatch.setattr(images, "_is_public", lambda address: address in addresses or real(address))


def test_a_name_of_which_any_address_is_private_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        names = {"mixed.example": ["8.8.8.8", "10.0.0.1"], "odd.example": ["::ffff:192.168.0.1"]}
        resolving(asyncio.get_running_loop(), monkeypatch, names)
        for name in names:
            assert "private network" in await reason(f"http://{name}/", allow_private=False)

    run_on_asyncio(scene())


def test_a_redirect_into_the_private_network_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend_public(monkeypatch, "127.0.0.1")

    async def scene() -> None:
        async with serving(answering(default=answer(PNG))) as inside:
            resolving(asyncio.get_running_loop(), monkeypatch, {"inside.example": ["127.0.0.2"]})
            to_name, to_address = f"http://inside.example:{inside.origin.port}/", f"http://[::1]:{inside.origin.port}/"
            async with serving(answering([redirect(to_name), redirect(to_address)])) as outside:
                for _ in range(2):
                    url = f"http://{outside.origin}/a.png"
                    assert f"{url} cannot be used: it leads into a private network" in await reason(
                        url, allow_private=False
                    )
            assert inside.visits == []

    run_on_asyncio(scene())


def test_the_address_that_was_checked_is_the_one_that_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a name server could answer the check with one address and the connection with another."""
    pretend_public(monkeypatch, "127.0.0.1")

    async def scene() -> None:
        answers = [["127.0.0.1"], ["10.0.0.1"]]
        loop = asyncio.get_running_loop()
        real = loop.getaddrinfo

        async def resolve(host: str, port: int, **options: Any) -> Any:
            return await real(answers.pop(0)[0] if host == "moving.example" else host, port, **options)

        monkeypatch.setattr(loop, "getaddrinfo", resolve)
        async with serving(answering([answer(PNG)])) as server:
            found = await inlined(f"http://moving.example:{server.origin.port}/", allow_private=False)
        assert isinstance(found.messages[0].parts[1], Image)
        assert b"Host: moving.example:" in server.requests[0]
        assert answers == [["10.0.0.1"]]

    run_on_asyncio(scene())


@both_loops
@pytest.mark.parametrize(
    "url",
    [
        "http://user@example.org/",
        "http://:pw@example.org/",
        "http:///a.png",
        "http://[::1",
        "http://example.org:99999/",
        "http://exa\0mple.org/",
        "http://" + "a" * 64 + ".org/",
        "http://a..b/",
        "http://127.0.0.1/\u00e9\r\nX: y",
        "https://" + "x" * 5000,
    ],
)
def test_what_is_no_address_is_refused_and_shown_in_part(run: Run, url: str) -> None:
    told = run(reason(url))
    assert "no plain http(s) address" in told or "host is not known" in told
    assert len(told) < 400


@settings(deadline=None, derandomize=True, database=None)
@given(address=st.ip_addresses(v=4))
def test_an_ipv6_form_of_an_ipv4_address_is_judged_as_that(address: ipaddress.IPv4Address) -> None:
    assert images._is_public(f"::ffff:{address}") == images._is_public(str(address))


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.0", "0.1.2.3", "127.0.0.1", "127.255.255.254", "10.0.0.1", "172.31.255.255", "192.168.255.255"),
        *(
            "100.64.0.1",
            "100.127.255.255",
            "169.254.169.254",
            "192.0.0.1",
            "198.18.0.1",
            "240.0.0.1",
            "255.255.255.255",
        ),
        *("224.0.0.1", "239.255.255.255"),
        *("::", "::1", "fe80::1", "febf::1", "fec0::1", "fc00::1", "fdff::1", "ff02::1", "ff0e::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:224.0.0.1"),
        *("::127.0.0.1", "::ffff:0:127.0.0.1", "::8.8.8.8"),  # compatible, translated: older forms
        *("64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::100.64.0.1", "64:ff9b:1::8.8.8.8"),
        *("2002:7f00:1::", "2002:a00:1::1", "2002:c0a8:1::", "2002:a9fe:a9fe::"),
        *("2001::1", "2001:0:7f00:1::", "2001:db8::1", "100::1", "4000::1", "5f00::1"),
    ],
)
def test_other_addresses_are_not(address: str) -> None:
    assert not images._is_public(address)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1", "2620:0:dc0::1"],
)
def test_public_addresses_are_public(address: str) -> None:
    assert images._is_public(address)


def test_scopes_are_no_way_around() -> None:
    assert not images._is_public("fe80::1%eth0")
