"""`POST /v1/responses/compact`: a conversation made short. The user's own words stay, all else becomes their gist."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from argo_proxy.canonical import chat
from argo_proxy.canonical.chat import ChatRequest, Reply, Text, ToolChoice
from argo_proxy.dialects.openai_responses.body import Body, Timeout, WireInput
from argo_proxy.dialects.openai_responses.gist import sealed
from argo_proxy.dialects.openai_responses.items import Compaction, Item, Message, output_id, with_ids
from argo_proxy.dialects.openai_responses.request import asked_in, requested
from argo_proxy.dialects.openai_responses.response import TokenUsage, response_id, token_usage
from argo_proxy.dialects.wire import decode_body

_REQUEST = """\
The conversation above is about to be replaced by your summary of it, and goes on from there. Write that summary now. \
Keep whatever is needed to carry on without the original: what was asked and why, what was decided, what has been done \
and found (names, paths, numbers, code, errors, exactly as they were), what is still open, and what was to come next. \
Leave out pleasantries and what has been superseded. Write nothing but the summary."""


class CompactBody(Struct):
    model: str | None
    input: WireInput | None = None
    instructions: str | None = None
    previous_response_id: str | None = None
    timeout: Timeout | None = None


class Compacted(Struct):
    id: str
    created_at: int
    output: Sequence[Item]
    usage: TokenUsage
    object: str = "response.compaction"


_DECODER = msgspec.json.Decoder(CompactBody)


def parse_compaction(body: bytes) -> ChatRequest:
    """The conversation that is to be compacted, in canonical form. Raises BadRequest."""
    wire = decode_body(_DECODER, body)
    return requested(
        Body(
            input=wire.input,
            model=wire.model,
            instructions=wire.instructions,
            previous_response_id=wire.previous_response_id,
            timeout=wire.timeout,
        )
    )


def summarizing(request: ChatRequest) -> ChatRequest:
    """The request for the gist of the request's conversation."""
    wish = chat.Message("user", (Text(_REQUEST),))
    return replace(request, messages=(*request.messages, wish), tools=(), tool_choice=ToolChoice())


def render_compaction(request: ChatRequest, reply: Reply, reply_id: str, created_s: int) -> bytes:
    """A `response.compaction` object, whose output is what the client goes on with."""
    asked = asked_in(request)
    said = [item for item in (*asked.history, *asked.items) if isinstance(item, Message) and item.role == "user"]
    gist = Compaction(sealed(reply.text), id=output_id("cmp", reply_id, len(said)))
    output = [*with_ids(said, reply_id), gist]
    return msgspec.json.encode(Compacted(response_id(reply_id), created_s, output, token_usage(reply.usage)))
