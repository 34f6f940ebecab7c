"""The table of what goes wrong at the gateway, by the call that it hits, and how a request must end then."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tests.chaos.endings import Broken, Ending, Failed, Handed, Right

WHOLE, STREAMED, EMBED, PASSED, PASSED_STREAM = "whole", "streamed", "embed", "passed", "passed stream"
ALL = (WHOLE, STREAMED, EMBED, PASSED, PASSED_STREAM)
TOLD = (WHOLE, STREAMED, EMBED)
"""Calls whose answers are put into OpenAI's shape."""
HANDED = (PASSED, PASSED_STREAM)
GATHERED = (WHOLE, EMBED, PASSED)
"""Calls whose answers are told once they are whole."""
CHATS = (WHOLE, STREAMED, PASSED_STREAM)
STREAMS = (STREAMED, PASSED_STREAM)

PIECES_BEFORE_THE_BREAK = 3
PIECE_BYTES = 12
"""Of a streamed answer of the simulator."""
BIG_MB = 50
NOTICE = "AUTHENTICATION NOTICE FROM ARGO: the user name in your request is not known."
GATEWAY_FAULT = "Cannot read properties of undefined (reading 'input_tokens')"
DAMAGED = base64.b64encode(b'{"response": "caf\xe9 and more"}').decode()
DAMAGED_TEXT = [base64.b64encode(piece).decode() for piece in (b"caf\xc3", b" and more")]
REPAIRED = "caf\ufffd and more"
PAST = "Wed, 21 Oct 2015 07:28:00 GMT"


@dataclass(frozen=True)
class Fault:
    """`act` is the simulator's script. `again`: a call that ends so is made again; `passing`: and then well."""

    name: str
    hits: Sequence[str]
    act: dict[str, Any]
    ending: Ending
    again: bool = False
    passing: bool = False
    rare: bool = False

    @property
    def mark(self) -> str:
        """What a prompt says to be hit by it; no other has it."""
        return f"<{self.name}: {', '.join(self.hits)}>"

    @property
    def acts(self) -> tuple[dict[str, Any], ...]:
        """For ever, but what passes is scripted with each request."""
        return () if self.passing or not self.act else ({"match": self.mark, "times": -1, **self.act},)


def _statuses() -> Iterator[Fault]:
    told = (
        (400, Failed(None, 400, "invalid_request_error"), False),
        (401, Failed("access_denied", 401, "permission_error"), False),
        (403, Failed("access_denied", 403, "permission_error"), False),
        (500, Failed("bad_gateway", 500), False),
        (502, Failed("bad_gateway", 502), True),
        (503, Failed("service_unavailable", 503), True),
        (504, Failed("upstream_timeout", 504), True),
        (429, Failed("rate_limit_exceeded", 429, "rate_limit_error"), True),
    )
    for status, ending, again in told:
        yield Fault(f"{status}", TOLD, {"status": status}, ending, again)
        part = "502 Bad Gateway" if status == 502 else f"{status} from"
        yield Fault(f"{status}", HANDED, {"status": status}, Handed(status, part), again)
        if again:
            yield Fault(f"{status} once", ALL, {"status": status}, Right(), again, passing=True)


def _waits() -> Iterator[Fault]:
    for name, value, again in (("s", "1", True), ("long", "60", False), ("past", PAST, True), ("bad", "soon", True)):
        told = None if name == "bad" else value
        ending = Failed("rate_limit_exceeded", 429, "rate_limit_error", retry_after=told)
        act = {"status": 429, "headers": {"Retry-After": value}}
        yield Fault(f"429, Retry-After {name}", TOLD, act, ending, again)


def _broken_connections() -> Iterator[Fault]:
    lost, bad = Failed("connection_lost"), Failed("bad_answer")
    nothing = Broken("connection_lost", exact=False)
    for reset in (False, True):
        how = {"reset": reset}
        name = "reset" if reset else "drop"
        cut = Broken("connection_lost", exact=not reset)
        yield Fault(f"{name} before the headers", ALL, {"drop": "before_headers", **how}, lost, again=True)
        yield Fault(f"{name} in the headers", ALL, {"drop": "in_headers", **how}, lost, again=True)
        yield Fault(f"{name} after the headers", (*GATHERED, STREAMED), {"drop": "after_headers", **how}, lost)
        yield Fault(f"{name} after the headers", (PASSED_STREAM,), {"drop": "after_headers", **how}, nothing)
        yield Fault(f"{name} in the middle", GATHERED, {"drop": "mid_body", **how}, lost)
        yield Fault(f"{name} in the middle", STREAMS, _after({"drop": "mid_body", **how}), cut)
    yield Fault("drop once", ALL, {"drop": "before_headers"}, Right(), again=True, passing=True)
    yield Fault("in a chunk", GATHERED, {"drop": "in_chunk"}, lost)
    yield Fault("in a chunk", STREAMS, _after({"drop": "in_chunk"}), Broken("connection_lost", "the rest of"))
    yield Fault("a chunk that is none", GATHERED, {"drop": "bad_chunk"}, bad)
    yield Fault("a chunk that is none", STREAMS, _after({"drop": "bad_chunk"}), Broken("bad_answer"))
    yield Fault("no HTTP", ALL, {"drop": "not_http"}, bad)
    yield Fault("a header of 1 MB", ALL, {"huge_header": 1_000_000}, bad)
    yield Fault("idle close", ALL, {"then": "idle_close"}, Right())
    yield Fault("a second answer", ALL, {"then": "second_answer"}, Right())


def _silences() -> Iterator[Fault]:
    late = Failed("upstream_timeout", 504)
    yield Fault("silence", ALL, {"stall": "before_headers"}, late)
    yield Fault("silence in the middle", GATHERED, {"stall": "mid_body"}, late)
    yield Fault("silence in the middle", STREAMS, _after({"stall": "mid_body"}), Broken("upstream_timeout"))
    yield Fault("late", ALL, {"delay_s": 0.4}, Right())
    yield Fault("drip", CHATS, {"drip": True, "piece_delay_s": 0.001}, Right())


def _bodies() -> Iterator[Fault]:
    bad, unknown = Failed("bad_answer"), Failed("unknown_user", 403, "permission_error")
    fault = Failed("gateway_fault")
    error = json.dumps({"error": {"message": "no answer", "type": "x"}})
    yield Fault("gzip", ALL, {"gzip": True}, Right())
    yield Fault("wrong type", (*GATHERED, PASSED_STREAM), {"wrong_content_type": True}, Right())
    yield Fault("wrong type", (STREAMED,), {"wrong_content_type": True}, bad)
    yield Fault("damaged UTF-8", (WHOLE,), {"pieces_base64": [DAMAGED]}, Right(REPAIRED))
    yield Fault("damaged UTF-8", (STREAMED,), {"pieces_base64": DAMAGED_TEXT}, Right(REPAIRED))
    yield Fault("bad JSON", (WHOLE, EMBED), {"bad_json": True}, bad)
    yield Fault("bad JSON", (PASSED,), {"bad_json": True}, Handed(200, '{"response": not json}'))
    yield Fault("truncated JSON", (WHOLE, EMBED), {"truncated_json": True}, bad)
    yield Fault("empty", (WHOLE, EMBED), {"empty": True}, bad)
    yield Fault("empty", (STREAMED,), {"empty": True}, Failed("empty_answer"))
    yield Fault("empty", HANDED, {"empty": True}, Handed(200, ""))
    yield Fault("a page", TOLD, {"html": True, "status": 200}, bad)
    yield Fault("a page", HANDED, {"html": True, "status": 200}, Handed(200, "502 Bad Gateway"))
    yield Fault("the notice", TOLD, {"authentication_notice": True}, unknown)
    yield Fault("the notice", HANDED, {"authentication_notice": True}, Handed(200, "AUTHENTICATION NOTICE FROM ARGO"))
    pieces = [NOTICE[at : at + 7] for at in range(0, len(NOTICE), 7)]
    yield Fault("the notice in pieces", (STREAMED,), {"pieces": pieces, "piece_delay_s": 0.002}, unknown)
    yield Fault("a known fault", (WHOLE,), {"body": json.dumps({"response": GATEWAY_FAULT})}, fault)
    yield Fault("a known fault", (STREAMED,), {"pieces": [GATEWAY_FAULT]}, fault)
    yield Fault("an error under 200", (WHOLE,), {"body": error}, Failed("empty_answer"))
    yield Fault("an error under 200", (EMBED,), {"body": error}, bad)
    as_json = {"body": error, "content_type": "application/json"}
    yield Fault("an error under 200", (STREAMED,), as_json, Failed("empty_answer"))
    yield Fault("big", CHATS, {"big_body_mb": BIG_MB}, Right("x" * (BIG_MB * 1_000_000)), rare=True)


def _after(act: dict[str, Any]) -> dict[str, Any]:
    return {"after_pieces": PIECES_BEFORE_THE_BREAK, "piece_delay_s": 0.01, **act}


NOTHING = Fault("nothing", ALL, {}, Right())
FAULTS: tuple[Fault, ...] = (
    *_statuses(),
    *_waits(),
    *_broken_connections(),
    *_silences(),
    *_bodies(),
)
