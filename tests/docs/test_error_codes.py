"""The catalogue has every error that the source can make, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from publishing.catalogue import found, meanings
from publishing.error_codes import NO_CODE, Made, Unreadable, errors_in, failure_codes
from publishing.reference import ROOT

PAGE = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
TOLD = [code for group in meanings().values() for code in group]

SOURCE = """
def ask(name):
    if not name:
        raise Unavailable("nobody is here")
    message = f"no {name}; ask for {other(name)}"
    code = "nobody"
    raise BadRequest(message, status=404, code=code)

def refuse():
    return errors.BadRequest("no")
"""


def errors_of(folder: Path, source: str) -> list[Made]:
    path = folder / "source.py"
    path.write_text(source)
    return [*errors_in(path)]


def test_every_code_of_the_source_is_explained_once_and_no_other_is() -> None:
    assert sorted(TOLD) == sorted(found())


def test_every_code_stands_on_the_page() -> None:
    assert [code for code in found() if f"\n#### `{code}`\n" not in PAGE] == []


def test_every_code_of_a_response_that_failed_stands_on_the_page() -> None:
    table = PAGE.partition("## In a response that failed")[2]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == failure_codes()


def test_errors_are_found_with_what_they_say(tmp_path: Path) -> None:
    assert errors_of(tmp_path, SOURCE) == [
        Made("service_unavailable", 503, "upstream_error", "nobody is here"),
        Made("nobody", 404, "invalid_request_error", "no …; ask for …"),
        Made(NO_CODE, 400, "invalid_request_error", "no"),
    ]


@pytest.mark.parametrize("source", ["raise BadRequest('no', code=told())", "raise problem('no', code='new')"])
def test_a_code_that_cannot_be_read_is_not_passed_over(tmp_path: Path, source: str) -> None:
    with pytest.raises(Unreadable):
        errors_of(tmp_path, source)


def test_well_known_errors_are_among_them() -> None:
    made = {(one.code, one.status) for errors in found().values() for one in errors}
    assert {("model_not_found", 404), ("dns_error", 503), ("null", 422), ("access_denied", 401)} <= made
