"""No link of a page leads nowhere, neither in the sources nor in the built site."""

from __future__ import annotations

from pathlib import Path

import pytest
from publishing.links import complaints
from publishing.markdown import anchors, links
from publishing.outside import ROOT, linked_files, relinked, target_of

PAGES = sorted(
    str(page.relative_to(ROOT))
    for page in (
        *ROOT.glob("*.md"),
        *ROOT.glob("benchmarks/*.md"),
        *ROOT.glob("examples/*.md"),
        *ROOT.glob("docs/**/*.md"),
    )
)


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_every_file_and_anchor_that_is_linked_to_exists(page: str) -> None:
    assert [
        f"{number}: {target}#{anchor}"
        for number, target, anchor in links(text_of(page))
        if not leads(page, target, anchor)
    ] == []


def leads(page: str, target: str, anchor: str) -> bool:
    if "://" in target:
        return target.startswith(("https://", "http://"))
    path = target_of(page, target) if target else page
    exists = (ROOT / path).is_file()
    return exists and (not anchor or anchor in anchors(text_of(path)))


def test_a_page_outside_is_copied_with_what_it_links_to_itself() -> None:
    assert {"LICENSE", "CHANGELOG.md", "examples/README.md", "examples/sdk/chat.py"} <= {*linked_files()}


def test_links_out_of_the_pages_lead_to_the_copies_and_back() -> None:
    assert relinked("[x](../LICENSE)\n", "licences.md") == "[x](repository/LICENSE)\n"
    assert relinked("[x](docs/licences.md)\n", "repository/README.md") == "[x](../licences.md)\n"
    assert relinked("[x](docs/decisions)\n", "repository/README.md") == "[x](../decisions/README.md)\n"


@pytest.mark.parametrize(
    ("html", "complaint"),
    [
        ('<a href="gone.html">', "gone.html: no such file"),
        ('<a href="#gone">', "#gone: no such anchor"),
        ('<a href="other.html#gone">', "other.html#gone: no such anchor"),
        ('<img src="gone.svg">', "gone.svg: no such file"),
        ('<script src="https://example.org/x.js">', "https://example.org/x.js: fetched from elsewhere"),
        ('<a href="https:///x">', "https:///x: no host"),
        ('<a href="htps://example.org">', "htps://example.org: an unknown kind of link"),
    ],
)
def test_what_is_wrong_in_a_built_page_is_told(tmp_path: Path, html: str, complaint: str) -> None:
    (tmp_path / "other.html").write_text('<p id="there">')
    (tmp_path / "page.html").write_text(f'{html}<a href="other.html#there"><a href="https://example.org/">')
    assert [*complaints(tmp_path)] == [f"page.html: {complaint}"]
