"""Plays a story through the pure parts of the proxy, in the order in which the relay and the web edge join them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from argo_proxy.canonical.caller import Caller
from argo_proxy.canonical.chat import ChatRequest, Reply
from argo_proxy.canonical.collector import collect
from argo_proxy.canonical.errors import ProxyError, UpstreamError
from argo_proxy.canonical.events import Events, ReplyFailed
from argo_proxy.canonical.spokes import Dialect, Mismatch
from argo_proxy.dialects import DIALECTS
from argo_proxy.relay.answer import Pipeline
from argo_proxy.relay.checked import checked, mended, told
from argo_proxy.relay.prepared import Prepared
from argo_proxy.relay.shaping import prepare, stages_for, told_again
from argo_proxy.upstreams import UPSTREAMS
from argo_proxy.upstreams.faults import error_from
from tests.cases.story import Answer, Story, laid_out, paragraphs
from tests.known import catalog, counter, shaped

ID, CREATED_S = "1a2b3c", 1_800_000_000
DEFAULT_MODEL = "argo:gpt-4o"


def played(story: Story) -> Story:
    """The story as the proxy tells it now."""
    route, _, body = story.request.partition("\n\n")
    dialect = DIALECTS[route.removeprefix("POST ")]
    try:
        prepared = _prepared(dialect.parse(body.encode()), story.settings.splitlines())
    except ProxyError as error:
        return story.retold(_error(dialect, error))
    argo = Argo(story.answers)
    tell = _stream if prepared.request.stream else _whole
    reply = tell(dialect, prepared, argo)
    assert argo.answers == [], "the proxy asks for every answer of the story"
    return story.retold(reply, *argo.calls)


class Argo:
    """Gives its answers one after the other, and keeps the calls; those of several choices are the same."""

    def __init__(self, answers: Sequence[Answer]) -> None:
        self.answers = list(answers)
        self.calls: list[str] = []

    def ask(self, prepared: Prepared) -> Iterator[Events]:
        call = paragraphs("POST streamchat" if prepared.streamed else "POST chat", laid_out(json.loads(prepared.body)))
        if call not in self.calls:
            self.calls.append(call)
        return _batches(prepared, self.answers.pop(0))


def _prepared(request: ChatRequest, settings: Sequence[str]) -> Prepared:
    request = replace(request, model=request.model or DEFAULT_MODEL)
    card = catalog().chat(request.model or "")
    if "tool_prompting: true" in settings:
        card = replace(card, tools=False)
    return prepare(shaped(request, card), Caller("jdoe"), real_stream="real_stream: false" not in settings)


def _whole(dialect: Dialect, prepared: Prepared, argo: Argo) -> str:
    try:
        replies = [_collected(_choice(prepared, argo)) for _ in range(prepared.request.choices)]
    except ProxyError as error:
        return _error(dialect, error, _adjusted(prepared))
    body = dialect.render_whole(prepared.request, replies, ID, CREATED_S)
    return paragraphs("200 application/json" + _adjusted(prepared), laid_out(json.loads(body)))


def _stream(dialect: Dialect, prepared: Prepared, argo: Argo) -> str:
    renderer = dialect.render_stream(prepared.request, ID, CREATED_S)
    sent = b""
    try:
        for choice in range(prepared.request.choices):
            for batch in _choice(prepared, argo):
                failed = [event.error for event in batch if isinstance(event, ReplyFailed)]
                if failed:
                    raise failed[0]
                sent += b"".join(renderer.feed(choice, event) for event in batch)
        sent += renderer.finish()
    except ProxyError as error:
        if not sent:
            return _error(dialect, error, _adjusted(prepared))
        sent += renderer.feed(0, ReplyFailed(error))
    return paragraphs("200 text/event-stream" + _adjusted(prepared), sent.decode().rstrip("\n"))


def _choice(prepared: Prepared, argo: Argo) -> Iterator[Events]:
    """The events of one choice as they come; all at once where they are checked."""
    if prepared.checks:
        yield told(_checked_reply(prepared, argo), in_pieces=prepared.request.stream)
    else:
        yield from argo.ask(prepared)


def _checked_reply(prepared: Prepared, argo: Argo) -> Reply:
    checks = prepared.checks
    first = _collected(argo.ask(prepared))
    try:
        return checked(first, checks)
    except Mismatch as mismatch:
        second = _collected(argo.ask(told_again(prepared, first, mismatch.complaint)))
    return mended(first, second, checks)


def _collected(batches: Iterator[Events]) -> Reply:
    return collect(event for batch in batches for event in batch)


def _batches(prepared: Prepared, answer: Answer) -> Iterator[Events]:
    """The events of one answer as they come. Raises the error that it tells by its status."""
    if answer.status != 200:
        raise error_from(answer.status, b"".join(answer.pieces), answer.retry_after)
    counting = counter(prepared.card.tokenizer)
    stages = stages_for(prepared, counting.metered(prepared.request))
    upstream = UPSTREAMS[prepared.card.upstream]
    whole = not prepared.streamed or answer.content_type == "application/json"
    pipeline = Pipeline(upstream.decode_whole() if whole else upstream.decode_stream(), stages)
    for piece in answer.pieces:
        if not pipeline.ended:
            yield pipeline.feed(piece)
    if answer.broken and not pipeline.ended:
        yield pipeline.fail(UpstreamError(answer.broken, code="connection_lost"))
    yield pipeline.finish()


def _error(dialect: Dialect, error: ProxyError, headers: str = "") -> str:
    retry_after = f"\nretry-after: {error.retry_after}" if error.retry_after else ""
    body = laid_out(json.loads(dialect.render_error(error)))
    return paragraphs(f"{error.http_status} application/json{headers}{retry_after}", body)


def _adjusted(prepared: Prepared) -> str:
    changed = ", ".join(prepared.request.adjusted)
    return f"\nx-argo-proxy-adjusted: {changed}" if changed else ""
