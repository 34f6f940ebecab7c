"""OpenAI's Responses API. Source of the fields: OpenAI's published schema of 2026 and its SDK's types.

body ──► items, tools ──► request          the conversation, flattened to what a model knows
response, stream ◄── output ◄── reply      the answer, named as the client knows it
"""

from __future__ import annotations

from collections.abc import Sequence

from argo_proxy.canonical.chat import ChatRequest, Reply
from argo_proxy.dialects.openai_responses.compaction import parse_compaction as parse_compaction
from argo_proxy.dialects.openai_responses.compaction import render_compaction as render_compaction
from argo_proxy.dialects.openai_responses.compaction import summarizing as summarizing
from argo_proxy.dialects.openai_responses.items import Item as Item
from argo_proxy.dialects.openai_responses.items import reply_of as reply_of
from argo_proxy.dialects.openai_responses.kept import DEFAULT_PAGE as DEFAULT_PAGE
from argo_proxy.dialects.openai_responses.kept import UNFINISHED as UNFINISHED
from argo_proxy.dialects.openai_responses.kept import cancelled as cancelled
from argo_proxy.dialects.openai_responses.kept import conversation_of as conversation_of
from argo_proxy.dialects.openai_responses.kept import history_of as history_of
from argo_proxy.dialects.openai_responses.kept import interrupted as interrupted
from argo_proxy.dialects.openai_responses.kept import render_deleted as render_deleted
from argo_proxy.dialects.openai_responses.kept import render_page as render_page
from argo_proxy.dialects.openai_responses.kept import stands as stands
from argo_proxy.dialects.openai_responses.request import asked_in as asked_in
from argo_proxy.dialects.openai_responses.request import continued as continued
from argo_proxy.dialects.openai_responses.request import parse as parse
from argo_proxy.dialects.openai_responses.request import referred as referred
from argo_proxy.dialects.openai_responses.response import Response as Response
from argo_proxy.dialects.openai_responses.response import encode as encode
from argo_proxy.dialects.openai_responses.response import render_count as render_count
from argo_proxy.dialects.openai_responses.response import response_id as response_id
from argo_proxy.dialects.openai_responses.response import whole as whole
from argo_proxy.dialects.openai_responses.stream import ResponseStream as ResponseStream
from argo_proxy.dialects.wire import render_error as render_error


def render_whole(request: ChatRequest, replies: Sequence[Reply], reply_id: str, created_s: int) -> bytes:
    """A `response` object, complete at the moment it was made."""
    (reply,) = replies
    return encode(whole(request, reply, reply_id, created_s, created_s))


def render_stream(request: ChatRequest, reply_id: str, created_s: int) -> ResponseStream:
    """A renderer of typed events."""
    return ResponseStream(request, reply_id, created_s)
