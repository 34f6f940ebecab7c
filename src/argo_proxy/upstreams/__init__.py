"""ARGO's wire shapes. A model card names the one to speak; a new one is a module and a line here."""

from __future__ import annotations

from collections.abc import Mapping

from argo_proxy.canonical.spokes import Upstream
from argo_proxy.upstreams.resource import anthropic, google, openai

UPSTREAMS: Mapping[str, Upstream] = {
    "resource_openai": openai,
    "resource_anthropic": anthropic,
    "resource_google": google,
}
