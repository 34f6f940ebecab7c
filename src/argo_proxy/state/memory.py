"""Responses kept in this process, gone when it ends."""

from __future__ import annotations

from collections.abc import Callable

from argo_proxy.state.responses import Limits, StoredResponse, check_size


class MemoryStore:
    """Keeps them in the order in which they were put. `clock` gives the Unix time."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self.limits = limits
        self._clock = clock
        self._responses: dict[tuple[str, str], StoredResponse] = {}
        self._bytes = 0

    async def put(self, response: StoredResponse) -> None:
        """Insert or replace; either way it is now the newest."""
        check_size(response.size, self.limits)
        self._remove((response.id, response.owner))
        self._responses[response.id, response.owner] = response
        self._bytes += response.size
        self._make_room()

    async def get(self, response_id: str, owner: str) -> StoredResponse | None:
        """None when it is not there, too old, or another's."""
        response = self._responses.get((response_id, owner))
        return None if response is None or self._is_old(response) else response

    async def delete(self, response_id: str, owner: str) -> bool:
        """Whether it was there."""
        response = self._remove((response_id, owner))
        return response is not None and not self._is_old(response)

    def close(self) -> None:
        """Forget everything."""
        self._responses.clear()
        self._bytes = 0

    def _make_room(self) -> None:
        while self._responses:
            key, oldest = next(iter(self._responses.items()))
            if self._bytes <= self.limits.max_bytes and not self._is_old(oldest):
                return
            self._remove(key)

    def _remove(self, key: tuple[str, str]) -> StoredResponse | None:
        response = self._responses.pop(key, None)
        if response is not None:
            self._bytes -= response.size
        return response

    def _is_old(self, response: StoredResponse) -> bool:
        return response.created_s < self.limits.oldest_s(self._clock())
