"""No link of the guide leads nowhere: a page that is not there, or a heading that it does not have."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.guide import GUIDE, PAGES

GENERATED = ("../endpoints.md", "../errors.md", "../pictures/")
"""What the site has beside the guide, and looks after itself."""


def headings(page: Path) -> set[str]:
    """The anchors that a page has, as mkdocs makes them."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    found = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower()) for heading in found}


@pytest.mark.parametrize("page", PAGES)
def test_no_link_leads_nowhere(page: str) -> None:
    text = re.sub(r"^```.*?^```", "", PAGES[page], flags=re.DOTALL | re.MULTILINE)
    for target in re.findall(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)", text):
        if "://" in target or any(place in target for place in GENERATED):
            continue
        path, _, anchor = target.partition("#")
        there = (GUIDE / page).parent / path if path else GUIDE / page
        assert there.exists(), f"{page}: {target}"
        assert not anchor or anchor in headings(there), f"{page}: {target}"
