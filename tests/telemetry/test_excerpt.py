"""What is left of a body: short, without secrets, and never more work than its first part."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argo_proxy.telemetry.excerpt import ROOM, excerpt
from argo_proxy.telemetry.redaction import HIDDEN, Redaction

hide = Redaction(["key-of-the-lab"]).hide
SECRET = "x7Qw9Zr2Lm4Tn6Vb"


def told(value: object, *, ensure_ascii: bool = True) -> str:
    return excerpt(json.dumps(value, ensure_ascii=ensure_ascii).encode(), hide)


def test_a_short_body_is_shown_as_it_is() -> None:
    body = {"model": "m", "n": [1, -2.5e3, True, None], "messages": [{"content": 'é "quoted" \\ \n 😀'}], "": {}}
    assert json.loads(told(body)) == body
    assert json.loads(told(body, ensure_ascii=False)) == body


@pytest.mark.parametrize("size", [100, 3_000, 5_000, 12_345, 200_000])
def test_a_data_url_shows_its_kind_and_its_length(size: int) -> None:
    url = f"data:image/png;base64,<{size:,} characters>"
    assert json.loads(told({"url": "data:image/png;base64," + "A" * size, "next": 1})) == {"url": url, "next": 1}


def test_data_urls_and_base64_within_a_text_are_cut_too() -> None:
    text = f"see ![x](data:image/gif;base64,{'R' * 500}) and {'Ab9/' * 100}== there"
    assert json.loads(told([text])) == ["see ![x](data:image/gif;base64,<500 characters>) and <402 characters> there"]


def test_a_long_text_shows_its_beginning_and_how_much_there_is() -> None:
    [shown] = json.loads(told(["word " * 2_000]))
    assert shown.startswith("word word")
    assert shown.endswith(" characters>")
    assert len(shown) < 2_100
    assert told({"a": ["x y " * 900] * 3}).count(" characters>") == 3


def test_long_lists_of_numbers_are_cut() -> None:
    shown = told({"embedding": [0.125] * 3072, "index": 0})
    assert "0.125, 0.125" in shown
    assert shown.endswith('], "index": 0}')
    assert len(shown) < 400


def test_secret_fields_are_hidden_whatever_their_value() -> None:
    shown = told(
        {
            "api_key": SECRET,
            "password": 987654321,
            "nested": {"x-api-key": f'with "quotes" {SECRET}', "kept": "kept 1"},
            "credentials": [SECRET, [SECRET], {"user": SECRET}],
            "after": "kept 2",
            "authorization": "\\" + SECRET,
            "max_tokens": 77,
        }
    )
    assert SECRET not in shown
    assert "987654321" not in shown
    assert ("kept 1" in shown, "kept 2" in shown, "77" in shown) == (True, True, True)


@pytest.mark.parametrize(
    "headers",
    [
        [["X-Api-Key", SECRET], ["accept", "kept"]],
        ["authorization", SECRET, "accept", "kept"],
        [{"name": "Cookie", "value": SECRET}, {"name": "accept", "value": "kept"}],
    ],
)
def test_what_comes_after_the_name_of_a_secret_is_hidden(headers: object) -> None:
    shown = told({"headers": headers})
    assert SECRET not in shown
    assert "kept" in shown


def test_the_schema_of_a_secret_is_none() -> None:
    tool = {"properties": {"password": {"type": "string", "description": "the user's"}}, "required": ["password"]}
    assert json.loads(told(tool)) == tool


def test_secrets_are_found_in_any_spelling() -> None:
    escaped = '{"content": "\\u0073k-' + SECRET + '", "a\\u0070i_key": "' + SECRET + '"}'
    within = told({"arguments": json.dumps({"inner": json.dumps({"token": SECRET})})})
    assert SECRET not in excerpt(escaped.encode(), hide) + within


@pytest.mark.parametrize("before", range(0, 6_000, 997))
def test_no_cut_leaves_half_a_key(before: int) -> None:
    text = ("word " * 1_200)[:before] + f" key-of-the-lab sk-{SECRET} " + "word " * 1_000
    shown = told([text])
    assert "key-of" not in shown
    assert "sk-" not in shown


@pytest.mark.parametrize("at", range(1_980, 2_001, 3))
def test_a_key_at_the_very_edge_is_not_cut_in_two(at: int) -> None:
    assert "sk-x7" not in told([("word " * 400)[:at] + f" sk-{SECRET}" + " word" * 2_000])
    assert "sk-x7" not in told([("word " * 900)[: at + 2_085] + f" sk-{SECRET}" + " word" * 2_000])


@pytest.mark.parametrize(
    "body",
    [
        b'{"api_key": "' + SECRET.encode(),
        b'{"messages": [{"content": "sk-' + SECRET.encode() + b'"',
        b"not JSON: sk-" + SECRET.encode(),
        b"{not JSON: sk-" + SECRET.encode() + b"}",
        b'{"a\nb": "x\ny", sk-' + SECRET.encode() + b" \xff\xfe",
        b"\xef\xbb\xbf" + b'{"password": "' + SECRET.encode() + b'"}',
        b'  [\r\n  "Bearer ' + SECRET.encode() + b'"]',
        b"password=" + SECRET.encode() + b"&x=y",
    ],
)
def test_what_is_no_json_hides_its_secrets_too(body: bytes) -> None:
    shown = excerpt(body, hide)
    assert SECRET not in shown
    assert HIDDEN in shown


def test_no_body_is_shown_at_length() -> None:
    for body in [["text " * 300] * 200, {str(n): n for n in range(50_000)}, ["a"] * 90_000, [[]] * 90_000]:
        assert len(told(body)) <= ROOM + 100
    assert len(excerpt(b"plain text " * 100_000, hide)) <= ROOM + 100
    assert told(["text " * 300] * 200).endswith("<cut, of 300,800 bytes>")


@pytest.mark.parametrize(
    "body",
    [
        b'{"url": "data:image/png;base64,' + b"A" * 8_000_000 + b'", "next": "here"}',
        b'{"a": "' + b'\\"' * 3_000_000,
        b'["' + b"\\" * 5_000_001 + b'"]',
        b"[" + b"1," * 5_000_000,
        b'["",' * 1_000_000,
        b"a" * 8_000_000,
        json.dumps(["-" * 4_000, "pass " * 800, "login a " * 500] * 50).encode(),
        json.dumps(['token: \\"' * 200, "://a:" * 400, "basic " * 400, "data:" * 400] * 50).encode(),
        json.dumps(["-----BEGIN PRIVATE KEY-----" * 80, "password" * 250, "sk" * 1000] * 50).encode(),
    ],
    ids=["image", "quotes", "backslashes", "numbers", "strings", "letters", "dashes", "words", "marks"],
)
def test_the_work_does_not_grow_with_the_body(body: bytes) -> None:
    started_s = time.process_time()
    excerpt(body, hide)
    assert time.process_time() - started_s < 1.0  # a tenth of it, measured


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30) | st.just(f"my sk-{SECRET}!"),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10) | st.just("api_key"), inner, max_size=4)
    ),
    max_leaves=20,
)


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(value=_JSON, ensure_ascii=st.booleans(), end=st.integers(0, 400))
def test_no_secret_shows_however_the_body_is_made_or_cut(value: object, ensure_ascii: bool, end: int) -> None:
    body = json.dumps(value, ensure_ascii=ensure_ascii).encode("utf-8", "surrogatepass")
    for part in (body, body[:end]):
        shown = excerpt(part, hide)
        assert SECRET not in shown
        assert len(shown) <= ROOM + 100
