"""From the body of a `POST /v1/responses` to a canonical request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from argo_proxy.canonical import chat
from argo_proxy.canonical.chat import ChatRequest, JsonOutput, Sampling, Text
from argo_proxy.canonical.errors import BadRequest, Unsupported
from argo_proxy.dialects.openai_responses.body import (
    DECODER,
    Body,
    JsonObjectFormat,
    JsonSchemaFormat,
    TextConfig,
    TextFormat,
)
from argo_proxy.dialects.openai_responses.items import Item, ItemReference, left_out, more_tools, read_items, references
from argo_proxy.dialects.openai_responses.messages import read_conversation
from argo_proxy.dialects.openai_responses.tools import Toolbox, check_kinds, hosted, read_choice, read_tools
from argo_proxy.dialects.wire import decode_body

_LOGPROBS = "message.output_text.logprobs"
_REFUSED = {
    "conversation": "there are no stored conversations here; go on from a response with 'previous_response_id'",
    "prompt": "there are no stored prompts here; send the text in 'instructions' and 'input'",
}


class Asked(Struct, frozen=True):
    """What the answer repeats, and what is kept of a request: its own items, and those that they go on from."""

    body: Body
    items: tuple[Item, ...]
    history: tuple[Item, ...]
    toolbox: Toolbox

    @property
    def stored(self) -> bool:
        """Whether the response is to be kept."""
        return self.body.store is not False


def asked_in(request: ChatRequest) -> Asked:
    """What this dialect remembers of a request that it has parsed."""
    asked = request.echo
    assert isinstance(asked, Asked)
    return asked


def parse(body: bytes) -> ChatRequest:
    """The canonical form of a request body. Raises BadRequest, or Unsupported for what would change its meaning.

    A request that goes on from what is stored has no messages as yet: `continued` makes it whole.
    """
    return requested(decode_body(DECODER, body))


def requested(wire: Body) -> ChatRequest:
    """The canonical form of what a body asks. Raises BadRequest, Unsupported."""
    for name, why in _REFUSED.items():
        if getattr(wire, name):
            raise Unsupported(f"'{name}' is not supported: {why}", param=name)
    if wire.background and wire.store is False:
        raise BadRequest("'background' needs the response to be stored: leave out \"store\": false", param="background")
    items = read_items(wire.input if wire.input is not None else [])
    if wire.previous_response_id is None and not tuple(references(items)):
        return _request(wire, items, ())
    return ChatRequest(wire.model, (), echo=Asked(wire, items, (), Toolbox()))


def referred(request: ChatRequest) -> Sequence[str]:
    """The ids of the items that the request only refers to."""
    return tuple(references(asked_in(request).items))


def continued(request: ChatRequest, history: Sequence[Item], found: Sequence[Item]) -> ChatRequest:
    """The request after the items that it goes on from, with those it refers to in place. Raises BadRequest."""
    asked = asked_in(request)
    known = {item.id: item for item in (*history, *found)}
    missing = [item_id for item_id in references(asked.items) if item_id not in known]
    if missing:
        message = f"there is no item '{missing[0][:100]}' here; send the item itself"
        raise BadRequest(message, param="input", status=404, code="item_not_found")
    items = tuple(known[item.id] if isinstance(item, ItemReference) else item for item in asked.items)
    return _request(asked.body, items, tuple(history))


def _request(wire: Body, items: tuple[Item, ...], history: tuple[Item, ...]) -> ChatRequest:
    conversation = (*history, *items)
    tools, found = wire.tools or (), tuple(more_tools(conversation))
    check_kinds((*tools, *found), wire.tool_choice)
    toolbox = read_tools(tools, found)
    messages = read_conversation(conversation, first=-len(history))
    if not messages:
        raise BadRequest("'input' has to say something: it is missing, or empty", param="input")
    if wire.instructions is not None:
        messages = (chat.Message("system", (Text(wire.instructions),)), *messages)
    return ChatRequest(
        model=wire.model,
        messages=messages,
        tools=toolbox.tools,
        tool_choice=read_choice(wire.tool_choice, toolbox),
        parallel_tools=wire.parallel_tool_calls is not False,
        output=_output(wire.text),
        sampling=Sampling(wire.temperature, wire.top_p, wire.max_output_tokens, limit_name="max_output_tokens"),
        stream=bool(wire.stream),
        timeout_s=wire.timeout,
        adjusted=(*_dropped(wire), *hosted((*tools, *found)), *left_out(wire.input or [])),
        echo=Asked(wire, items, history, toolbox),
    )


def _output(text: TextConfig | None) -> JsonOutput | None:
    match text.format if text else None:
        case None | TextFormat():
            return None
        case JsonObjectFormat():
            return JsonOutput(param="text.format")
        case JsonSchemaFormat(_, schema, description):
            return JsonOutput(schema, description, "text.format.schema")


def _dropped(wire: Body) -> Iterator[str]:
    """What ARGO has no place for."""
    reasoning, text = wire.reasoning, wire.text
    given = {
        "reasoning.effort": reasoning and reasoning.effort,
        "reasoning.summary": reasoning and reasoning.summary,
        "text.verbosity": text and text.verbosity not in (None, "medium"),
        "top_logprobs": wire.top_logprobs or _LOGPROBS in (wire.include or ()),
        "truncation": wire.truncation == "auto",
        "context_management": wire.context_management,
        "moderation": wire.moderation,
    }
    return (f"{name} dropped" for name, value in given.items() if value)
