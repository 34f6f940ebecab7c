"""Words as the gateway writes them on the wire: chat JSON per family, raw text for streamchat, vectors."""

import array
import hashlib
import math
import sys

import msgspec

from argo_proxy.simulator.models import Family
from argo_proxy.simulator.replies import Reply, json_reply, stream_reply
from argo_proxy.simulator.shapes import JsonObject
from argo_proxy.simulator.words import Call, Words

PIECE_BYTES = 12


def chat_reply(words: Words, family: Family, n: int, *, with_tools: bool) -> Reply:
    """`n` is the number of the request, from which the ids of its calls are made."""
    if not words.calls and (not with_tools or family is Family.GOOGLE):
        return json_reply({"response": words.text or ""})
    calls = [_call(call, family, f"{n:08d}{index:04d}") for index, call in enumerate(words.calls)]
    return json_reply({"response": {"content": words.text, "tool_calls": calls}})


def streamchat_reply(words: Words) -> Reply:
    """Small pieces that may end inside a character; calls are never carried."""
    text = (words.text or "").encode()
    return stream_reply(text[at : at + PIECE_BYTES] for at in range(0, len(text), PIECE_BYTES))


def vector(text: str, dimensions: int) -> list[float]:
    """A vector of unit norm that depends on the text alone."""
    numbers = array.array("h", hashlib.shake_256(text.encode()).digest(2 * dimensions))
    if sys.byteorder == "big":
        numbers.byteswap()
    norm = math.sqrt(sum(number * number for number in numbers))
    return [number / norm for number in numbers]


def _call(call: Call, family: Family, serial: str) -> JsonObject:
    match family:
        case Family.OPENAI:
            arguments = msgspec.json.encode(call.arguments).decode()
            function = {"name": call.name, "arguments": arguments}
            return {"id": call.id or f"call_{serial}", "type": "function", "function": function}
        case Family.ANTHROPIC:
            call_id = call.id or f"toolu_vrtx_{serial}"
            return {"id": call_id, "input": call.arguments, "name": call.name, "type": "tool_use"}
        case Family.GOOGLE:
            return {"id": call.id, "name": call.name, "args": call.arguments}
