"""Which path is answered by what, and the name in it."""

from __future__ import annotations

import pytest

from argo_proxy.web.http import Http
from argo_proxy.web.routes import Routes
from tests.web.test_access import NoWire


async def _handle(_: Http) -> None:
    raise AssertionError("nobody answers here")


PATHS = ("/v1/things", "/v1/things/count", "/v1/things/{}/parts", "/v1/things/{}", "/v1/models/{}")
ROUTES = Routes({path: {path: _handle} for path in PATHS})


def found(path: str) -> tuple[str | None, str]:
    """The path as it was given to the routes, and the name that was found in it."""
    http = Http(NoWire(), "GET", path, {})
    methods = ROUTES.find(http)
    return next(iter(methods)) if methods else None, http.target


@pytest.mark.parametrize(
    ("path", "answering", "name"),
    [
        ("/v1/things", "/v1/things", ""),
        ("/v1/things/count", "/v1/things/count", ""),
        ("/v1/things/a", "/v1/things/{}", "a"),
        ("/v1/things/a/parts", "/v1/things/{}/parts", "a"),
        ("/v1/things/parts/parts", "/v1/things/{}/parts", "parts"),
        ("/v1/models/argo:gpt-4o", "/v1/models/{}", "argo:gpt-4o"),
        ("/v1/models/org/model", "/v1/models/{}", "org/model"),
        ("/v1/models/a\nb", "/v1/models/{}", "a\nb"),
    ],
)
def test_a_path_is_found_as_it_is_and_else_with_the_name_in_it(path: str, answering: str, name: str) -> None:
    assert found(path) == (answering, name)


@pytest.mark.parametrize("path", ["/", "/v1/thing", "/v1/models/", "/v1/models", "/x/v1/things"])
def test_other_paths_are_found_nowhere(path: str) -> None:
    assert found(path) == (None, "")


def test_a_name_between_slashes_has_none() -> None:
    assert found("/v1/things/a/b/parts") == ("/v1/things/{}", "a/b/parts")
