"""The ledger: every request that was received, and how it ended."""

import time
from collections import deque
from typing import Final, Literal, TypeAlias

import msgspec
from msgspec import Struct

from argo_proxy.simulator.shapes import JsonObject

Outcome: TypeAlias = Literal["open", "answered", "client_left", "dropped", "refused"]

KEPT_BODY_BYTES: Final = 256 * 1024 * 1024
KEPT_RECORDS: Final = 50_000


class Record(Struct, eq=False):
    """One request; `connection` is the same for all requests of one TCP connection."""

    n: int
    method: str
    path: str
    headers: dict[str, str]
    raw_body: bytes
    connection: str
    started_s: float
    outcome: Outcome = "open"
    status: int | None = None
    ended_s: float | None = None

    def end(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.ended_s = time.monotonic()

    def as_json(self) -> JsonObject:
        return {
            "n": self.n,
            "method": self.method,
            "path": self.path,
            "headers": self.headers,
            "body": _readable(self.raw_body),
            "outcome": self.outcome,
            "status": self.status,
            "connection": self.connection,
            "started_s": self.started_s,
            "ended_s": self.ended_s,
        }


class Ledger:
    """The newest records since the last reset; the oldest make room, or a benchmark fills memory."""

    def __init__(self) -> None:
        self._records: deque[Record] = deque()
        self._body_bytes = 0
        self._count = 0

    def open(self, method: str, path: str, headers: dict[str, str], body: bytes, connection: str) -> Record:
        self._count += 1
        record = Record(self._count, method, path, headers, body, connection, time.monotonic())
        self._records.append(record)
        self._body_bytes += len(body)
        while self._body_bytes > KEPT_BODY_BYTES or len(self._records) > KEPT_RECORDS:
            self._body_bytes -= len(self._records.popleft().raw_body)
        return record

    def reset(self) -> None:
        self._records.clear()
        self._body_bytes = self._count = 0

    def listing(self) -> list[JsonObject]:
        return [record.as_json() for record in self._records]

    def stats(self) -> JsonObject:
        outcomes = [record.outcome for record in self._records]
        return {
            "open": outcomes.count("open"),
            "received": self._count,
            "client_left": outcomes.count("client_left"),
        }


def _readable(body: bytes) -> object:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return body.decode("utf-8", "replace")
