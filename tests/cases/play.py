"""Plays a story through the pure parts of the proxy, in the order in which the relay and the web edge join them."""

from __future__ import annotations

import json
from collections.abc import Iterator

from msgspec.structs import replace

from argo_proxy.canonical.chat import ChatRequest
from argo_proxy.canonical.errors import ProxyError, UpstreamError
from argo_proxy.canonical.events import Events, ReplyFailed, collect
from argo_proxy.canonical.spokes import Dialect
from argo_proxy.dialects import DIALECTS
from argo_proxy.relay.answer import Pipeline
from argo_proxy.relay.shaping import Prepared, prepare, stages_for
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
        prepared = _prepared(dialect.parse(body.encode()), real_stream="real_stream: false" not in story.settings)
    except ProxyError as error:
        return story.retold("nothing", _error(dialect, error))
    call = paragraphs("POST streamchat" if prepared.streamed else "POST chat", laid_out(json.loads(prepared.body)))
    told = _stream if prepared.request.stream else _whole
    return story.retold(call, told(dialect, prepared, story.answers))


def _prepared(request: ChatRequest, *, real_stream: bool) -> Prepared:
    request = replace(request, model=request.model or DEFAULT_MODEL)
    card = catalog().chat(request.model or "")
    return prepare(shaped(request, card), "jdoe", real_stream=real_stream)


def _whole(dialect: Dialect, prepared: Prepared, answers: tuple[Answer, ...]) -> str:
    try:
        replies = [collect(event for batch in _batches(prepared, answer) for event in batch) for answer in answers]
    except ProxyError as error:
        return _error(dialect, error, _adjusted(prepared))
    body = dialect.render_whole(prepared.request, replies, ID, CREATED_S)
    return paragraphs("200 application/json" + _adjusted(prepared), laid_out(json.loads(body)))


def _stream(dialect: Dialect, prepared: Prepared, answers: tuple[Answer, ...]) -> str:
    renderer = dialect.render_stream(prepared.request, ID, CREATED_S)
    sent = b""
    try:
        for choice, answer in enumerate(answers):
            for batch in _batches(prepared, answer):
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


def _batches(prepared: Prepared, answer: Answer) -> Iterator[Events]:
    """The events of one answer as they come. Raises the error that it tells by its status."""
    if answer.status != 200:
        raise error_from(answer.status, b"".join(answer.pieces), answer.retry_after)
    counting = counter(prepared.card.tokenizer)
    stages = stages_for(prepared, counting.meter(), counting.count_request(prepared.request))
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
