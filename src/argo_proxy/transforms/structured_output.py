"""Answers that have to be JSON: asked for in words, read out of what surrounds them, checked against their schema."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from functools import partial

import msgspec
from msgspec.structs import replace

from argo_proxy.canonical.card import ModelCard
from argo_proxy.canonical.chat import ChatRequest, JsonOutput, Reply, Text
from argo_proxy.canonical.errors import BadRequest, UpstreamError
from argo_proxy.canonical.spokes import Mismatch, Transformed
from argo_proxy.transforms.instructions import instructed
from argo_proxy.transforms.literals import LiteralReader
from argo_proxy.transforms.schema_check import SchemaCheck

MAX_CANDIDATES = 8
"""How many values of one answer are tried, the last one first: thoughts and examples stand before what is meant."""

PATIENCE_CHARS = 1_000_000
ATTEMPT_CHARS = 40
"""How much of what turns out to be no value is read, and what each of those counts beside its length: brackets can be
nested without end."""

MAX_SCHEMA_BYTES = 128 * 1024
"""What a schema may be long: OpenAI allows 120,000 characters, and to check a schema takes a second for each 60 kB."""

_BRACKET = re.compile(r"[{\[]")

_ANY_OBJECT = """\
Answer with one JSON object and nothing else: no text before or after it, no code block."""

_BY_SCHEMA = """\
Answer with one JSON value and nothing else: no text before or after it, no code block. It must be valid against this \
JSON Schema:
{schema}"""

_COMPLAINT = """\
Your answer does not fulfil what was asked for: {problem}. Answer again, with the corrected JSON and nothing else."""


def transform(request: ChatRequest, _: ModelCard) -> Transformed:
    """For requests that want JSON. Raises BadRequest for a schema that is none."""
    output = request.output
    if output is None:
        return Transformed(request)
    if output.schema is not None and len(msgspec.json.encode(output.schema)) > MAX_SCHEMA_BYTES:
        raise BadRequest(f"'{output.param}' is longer than {MAX_SCHEMA_BYTES} bytes", param=output.param)
    check = SchemaCheck({"type": "object"} if output.schema is None else output.schema, output.param)
    told = replace(request, messages=instructed(request.messages, _instruction(output)))
    return Transformed(told, check=partial(must_fit, check))


def must_fit(check: SchemaCheck, reply: Reply) -> Reply:
    """The reply with nothing but JSON that fits. Raises Mismatch.

    One that calls tools, or was cut off, is left as it is: it is no answer yet, or none any more.
    """
    if reply.calls or reply.reason != "stop":
        return reply
    problem = None
    for text, value in _values(reply.text):
        found = check.problem(value)
        if found is None:
            return replace(reply, parts=(Text(text),))
        problem = problem or found
    problem = problem or "it holds no JSON"
    message = f"the model's answer does not fit the response format, not even after one repair: {problem}"
    raise Mismatch(UpstreamError(message, code="invalid_output"), _COMPLAINT.format(problem=problem))


def _instruction(output: JsonOutput) -> str:
    if output.schema is None:
        return _ANY_OBJECT
    text = _BY_SCHEMA.format(schema=msgspec.json.encode(output.schema).decode())
    return f"{text}\n{output.description}" if output.description else text


def _values(text: str) -> Iterator[tuple[str, object]]:
    """The JSON values in the text, each as its text and decoded: the whole, or else the objects and lists in it."""
    whole = text.strip()
    try:
        yield whole, msgspec.json.decode(whole)
    except (msgspec.DecodeError, RecursionError):
        yield from reversed(deque(_embedded(whole), MAX_CANDIDATES))


def _embedded(text: str) -> Iterator[tuple[str, object]]:
    at, patience = 0, PATIENCE_CHARS
    while patience > 0 and (bracket := _BRACKET.search(text, at)):
        start = bracket.start()
        reader = LiteralReader()
        end = reader.feed(text, start)
        if reader.state != "complete":
            at, patience = start + 1, patience - (end - start) - ATTEMPT_CHARS
            continue
        at = end
        try:
            value = msgspec.json.decode(reader.json())
        except msgspec.DecodeError:  # a number out of range
            continue
        yield reader.json(), value
