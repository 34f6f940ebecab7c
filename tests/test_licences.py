"""Nothing is installed with argo-proxy that its users could not use as they like, and docs/licences.md tells of all."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, requires

import pytest

from tests.licences import PAGE, UV, is_allowed, licence, page, row

TOLD = PAGE.read_text(encoding="utf-8")


def installed(name: str, found: set[str]) -> set[str]:
    """The package's dependencies here, with theirs, but for those of extras."""
    try:
        needs = requires(name) or []
    except PackageNotFoundError:  # it is for another system, or another Python
        return found
    found.add(name)
    for need in needs:
        needed = re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", need)[0]).lower()
        if "extra ==" not in need and needed not in found:
            installed(needed, found)
    return found


NEEDED = sorted(installed("argo-openai-proxy", set()) - {"argo-openai-proxy"})


def test_the_needed_packages_are_found() -> None:
    assert {"uvicorn", "httptools", "msgspec", "tiktoken", "requests"} <= set(NEEDED)


@pytest.mark.parametrize("name", NEEDED)
def test_every_package_has_a_licence_that_leaves_users_free_and_the_page_tells_it(name: str) -> None:
    assert is_allowed(licence(name)), f"{name}: {licence(name)}"
    assert row(name) in TOLD, "make licences"


@pytest.mark.skipif(not UV.exists(), reason="uv is where the tools are")
def test_the_page_tells_of_what_is_locked_and_of_nothing_else() -> None:
    assert page() == TOLD, "make licences"


@pytest.mark.parametrize("expression", ["GPL-3.0-only", "MIT AND AGPL-3.0", "unknown", "", "Proprietary", "LGPL-3.0"])
def test_other_licences_are_not_allowed(expression: str) -> None:
    assert not is_allowed(expression)
