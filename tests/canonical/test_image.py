import base64

import pytest

from argo_proxy.canonical.chat import Image
from argo_proxy.canonical.errors import BadRequest
from argo_proxy.canonical.image import image_from_data_url, media_type

STARTS = {
    "image/png": b"\x89PNG\r\n\x1a\n" + bytes(4),
    "image/jpeg": b"\xff\xd8\xff\xe0" + bytes(8),
    "image/gif": b"GIF89a" + bytes(6),
    "image/webp": b"RIFF\x00\x00\x00\x00WEBP",
}


def data_url(data: bytes, head: str = "data:image/png;base64") -> str:
    return f"{head},{base64.b64encode(data).decode()}"


@pytest.mark.parametrize(("kind", "start"), STARTS.items())
def test_an_image_is_known_by_its_first_bytes(kind: str, start: bytes) -> None:
    assert media_type(start) == kind
    assert media_type(start + bytes(1000)) == kind


def test_the_older_gif_is_a_gif_too() -> None:
    assert media_type(b"GIF87a" + bytes(6)) == "image/gif"


@pytest.mark.parametrize("data", [b"", b"\x89PN", b"GIF88a", b"RIFF\x00\x00\x00\x00WAVE", b"<svg>", b"BM" + bytes(20)])
def test_anything_else_is_no_image(data: bytes) -> None:
    assert media_type(data) is None


@pytest.mark.parametrize(("kind", "start"), STARTS.items())
def test_an_image_is_named_by_what_it_is_not_by_what_it_claims(kind: str, start: bytes) -> None:
    url = data_url(start, "data:image/tiff;base64")
    assert image_from_data_url(url, "x") == Image(kind, url.partition(",")[2])


@pytest.mark.parametrize("head", ["DATA:IMAGE/PNG;BASE64", "data:;base64", "data:image/png;charset=utf-8;base64"])
def test_the_head_of_a_data_url_may_be_written_in_any_way(head: str) -> None:
    assert image_from_data_url(data_url(STARTS["image/png"], head), "x").media_type == "image/png"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "must be a data URL"),
        ("data:image/png;base64", "must be a data URL"),
        ("data:image/png,AAAA", "must be a data URL"),
        ("ftp://x.example/y.png", "must be a data URL"),
        (data_url(STARTS["image/png"], "file:;base64"), "must be a data URL"),
        ("data:image/png;base64,", "none of PNG, JPEG, GIF and WebP"),
        (data_url(b"hello, this is text"), "none of PNG, JPEG, GIF and WebP"),
        ("data:image/png;base64,iVBORw0KGg", "not valid base64"),
        ("data:image/png;base64,iVBORw0KGgo*", "not valid base64"),
        ("data:image/png;base64,iVBORw0\nKGgo=", "not valid base64"),
        ("data:image/png;base64,_-8=", "not valid base64"),
        ("data:image/png;base64,é===", "not valid base64"),
    ],
)
def test_what_is_no_inline_image_is_refused_by_name(url: str, says: str) -> None:
    with pytest.raises(BadRequest, match=says) as caught:
        image_from_data_url(url, "messages[0].content[1].image_url.url")
    assert caught.value.param == "messages[0].content[1].image_url.url"


def test_all_of_a_long_image_is_checked_and_none_of_it_is_changed() -> None:
    url = data_url(STARTS["image/png"] + bytes(300_000))
    assert image_from_data_url(url, "x").data == url.partition(",")[2]
    with pytest.raises(BadRequest, match="not valid base64"):
        image_from_data_url(url[:200_000] + "!" + url[200_001:], "x")


@pytest.mark.parametrize("at", [2**20 - 2, 2**20 - 1, 2**20, 2**21 + 3])
def test_the_end_mark_of_base64_stands_only_at_the_end(at: int) -> None:
    whole = data_url(STARTS["image/png"] + bytes(2_000_000))
    head, _, data = whole.partition(",")
    with pytest.raises(BadRequest, match="not valid base64"):
        image_from_data_url(f"{head},{data[:at]}={data[at + 1 :]}", "x")
    assert image_from_data_url(whole, "x").data == data
