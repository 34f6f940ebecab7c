"""Which path is answered by what."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from argo_proxy.web.http import Http

Handler: TypeAlias = Callable[[Http], Awaitable[None]]
Methods: TypeAlias = Mapping[str, Handler]
"""What answers each method."""


class Routes:
    """Paths as they are, and such with a `{}` in them, which stands for the name of one thing."""

    def __init__(self, methods: Mapping[str, Methods]) -> None:
        self._plain = {path: answering for path, answering in methods.items() if "{}" not in path}
        patterns = {path: answering for path, answering in methods.items() if path not in self._plain}
        self._named = [(_pattern(path), answering) for path, answering in patterns.items()]

    def find(self, http: Http) -> Methods | None:
        """What answers at the path of the request, which learns the name in it as its `target`."""
        methods = self._plain.get(http.path)
        return methods if methods is not None else self._find_named(http)

    def _find_named(self, http: Http) -> Methods | None:
        for pattern, methods in self._named:
            if found := pattern.fullmatch(http.path):
                http.target = found[1]
                return methods
        return None


def _pattern(path: str) -> re.Pattern[str]:
    """A name at the end of a path may have slashes in it, as those of models do elsewhere."""
    before, _, after = path.partition("{}")
    name = r"([^/]+)" if after else r"(.+)"
    return re.compile(re.escape(before) + name + re.escape(after), re.DOTALL)
