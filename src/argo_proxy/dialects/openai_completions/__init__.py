"""OpenAI's legacy Completions API. Source of the fields: OpenAI's published schema of 2026."""

from argo_proxy.dialects.openai_completions.render import render_stream as render_stream
from argo_proxy.dialects.openai_completions.render import render_whole as render_whole
from argo_proxy.dialects.openai_completions.request import parse as parse
from argo_proxy.dialects.wire import render_error as render_error
