"""Refusals in the forms that the real gateway uses (argo_probe_2026.jsonl); they are not uniform."""

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from argo_proxy.simulator.replies import PLAIN, Reply, body_reply, json_reply

ANTHROPIC_REQUEST_ID: Final = "req_vrtx_011CbSimu1atedRequest01"


class Refused(Exception):
    """The request is answered with `reply` and goes no further."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(b"".join(reply.pieces).decode())
        self.reply = reply


Fault: TypeAlias = Callable[[str], Refused]


def body_fault(where: Sequence[str | int], message: str, kind: str = "value_error") -> Refused:
    """FastAPI's form, for bodies that do not fit the schema."""
    return Refused(json_reply({"detail": [{"type": kind, "loc": ["body", *where], "msg": message}]}, 400))


def plain_fault(message: str, status: int = 400) -> Refused:
    return Refused(body_reply(message.encode(), PLAIN, status))


def openai_fault(message: str, param: str | None = None, code: str | None = None) -> Refused:
    """OpenAI's error as a Python repr inside the gateway's own message."""
    inner = {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}
    outer = {"message": f"Error code: 400 - {inner!r}", "type": "BadRequestError", "code": "internal_error"}
    return Refused(json_reply({"error": outer}, 400))


def anthropic_fault(message: str) -> Refused:
    inner = {
        "type": "error",
        "error": {"type": "invalid_request_error", "message": message},
        "request_id": ANTHROPIC_REQUEST_ID,
    }
    return _anthropic_error(f"Error code: 400 - {inner!r}", "invalid_request_error", 400)


def anthropic_needs_streaming() -> Refused:
    """Said by the SDK inside the gateway, so there is no provider's error to quote."""
    message = "Streaming is required for operations that may take longer than 10 minutes"
    return _anthropic_error(message, "api_error", 500)


def google_fault(message: str) -> Refused:
    inner = {"error": {"code": 400, "message": message, "status": "INVALID_ARGUMENT"}}
    outer = {"message": f"400 INVALID_ARGUMENT. {inner!r}", "type": "ClientError", "code": "internal_error"}
    return Refused(json_reply({"error": outer}, 400))


def google_gateway_fault() -> Refused:
    outer = {"message": "'NoneType' object is not iterable", "type": "TypeError", "code": "internal_error"}
    return Refused(json_reply({"error": outer}, 500))


def _anthropic_error(message: str, kind: str, status: int) -> Refused:
    return Refused(json_reply({"type": "error", "error": {"type": kind, "message": message}}, status))
