"""Scripts: what a test makes the gateway do instead of its ordinary answer, act by act."""

import base64
import binascii
from collections.abc import Sequence
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

from argo_proxy.simulator.shapes import JsonObject

Drop: TypeAlias = Literal[
    "before_headers", "in_headers", "after_headers", "mid_body", "in_chunk", "bad_chunk", "not_http"
]
Then: TypeAlias = Literal["second_answer", "idle_close"]
Stall: TypeAlias = Literal["before_headers", "mid_body"]
Count: TypeAlias = Annotated[int, Meta(ge=0)]
Seconds: TypeAlias = Annotated[float, Meta(ge=0)]

FOREVER: Final = -1
IN_CHUNKS: Final = ("in_chunk", "bad_chunk")


class ScriptedCall(Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    arguments: JsonObject = {}
    id: str | None = None


class Act(Struct, frozen=True, forbid_unknown_fields=True):
    """One scripted answer: what is sent (at most one content), how it is sent, and where it breaks off."""

    match: str | None = None
    times: int = 1

    status: Annotated[int, Meta(ge=200, le=599)] | None = None
    body: str | None = None
    content_type: str | None = None
    headers: dict[str, str] = {}
    text: str | None = None
    calls: tuple[ScriptedCall, ...] = ()
    pieces: tuple[str, ...] | None = None
    pieces_base64: tuple[str, ...] | None = None
    bad_json: bool = False
    truncated_json: bool = False
    html: bool = False
    empty: bool = False
    authentication_notice: bool = False
    big_body_mb: Annotated[int, Meta(ge=1, le=1024)] | None = None

    gzip: bool = False
    wrong_content_type: bool = False
    huge_header: Annotated[int, Meta(ge=1)] | None = None
    drip: bool = False

    delay_s: Seconds = 0
    piece_delay_s: Seconds = 0
    drop: Drop | None = None
    stall: Stall | None = None
    after_pieces: Count | None = None
    reset: bool = False
    then: Then | None = None

    def __post_init__(self) -> None:
        """Raise ValueError for what cannot be meant."""
        if self.times != FOREVER and self.times < 1:
            raise ValueError("times must be positive, or -1 for ever")
        if len(given := self.contents) > 1:
            raise ValueError(f"only one of {' and '.join(given)} can be the content")
        if self.drop and self.stall:
            raise ValueError("drop and stall exclude each other")
        if self.after_pieces is not None and not self.breaks_off:
            raise ValueError("after_pieces needs a drop or a stall in the body")
        if self.reset and not self.drop:
            raise ValueError("reset needs drop")
        if self.then and (self.drop or self.stall):
            raise ValueError("then needs an answer that is whole")
        _check_wire_values(self)

    @property
    def breaks_off(self) -> bool:
        """Whether a part of the body is sent, and no more."""
        return self.stall == "mid_body" or self.drop in ("mid_body", *IN_CHUNKS)

    @property
    def contents(self) -> list[str]:
        """The names of the contents that were given; text and calls are one."""
        given = {
            "body": self.body is not None,
            "text or calls": self.text is not None or bool(self.calls),
            "pieces": self.pieces is not None,
            "pieces_base64": self.pieces_base64 is not None,
            "bad_json": self.bad_json,
            "truncated_json": self.truncated_json,
            "html": self.html,
            "empty": self.empty,
            "authentication_notice": self.authentication_notice,
            "big_body_mb": self.big_body_mb is not None,
        }
        return [name for name, is_given in given.items() if is_given]

    @property
    def raw_pieces(self) -> tuple[bytes, ...] | None:
        if self.pieces_base64 is not None:
            return tuple(base64.b64decode(piece, validate=True) for piece in self.pieces_base64)
        return None if self.pieces is None else tuple(piece.encode() for piece in self.pieces)


class Script:
    """The queue of acts; each act is used up after its `times`."""

    def __init__(self) -> None:
        self._queue: list[tuple[Act, int]] = []

    def append(self, acts: Sequence[Act]) -> None:
        self._queue += [(act, act.times) for act in acts]

    def clear(self) -> None:
        self._queue.clear()

    def take(self, path: str, body: bytes) -> Act | None:
        """The first act that matches the request; it is removed when it was its last time."""
        for index, (act, times) in enumerate(self._queue):
            if _matches(act, path, body):
                self._queue[index : index + 1] = [] if times == 1 else [(act, max(times - 1, FOREVER))]
                return act
        return None

    def __len__(self) -> int:
        return len(self._queue)


def read_acts(raw: bytes) -> tuple[Act, ...]:
    """One act or a list of them; raises msgspec's errors for anything that is not an act to the letter."""
    decoded: Act | tuple[Act, ...] = msgspec.json.decode(raw, type=Act | tuple[Act, ...])
    return (decoded,) if isinstance(decoded, Act) else decoded


def _matches(act: Act, path: str, body: bytes) -> bool:
    return act.match is None or act.match in path or act.match.encode() in body


def _check_wire_values(act: Act) -> None:
    for name in act.headers:
        if name.lower() in ("content-length", "transfer-encoding"):
            raise ValueError(f"the header {name} is set by the simulator itself")
    try:
        act.raw_pieces  # noqa: B018 - decodes
    except binascii.Error as error:
        raise ValueError(f"pieces_base64: {error}") from None


ORDINARY: Final = Act()
