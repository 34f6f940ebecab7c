"""What answers where: the handlers, joined to what they need, by path and method."""

from __future__ import annotations

from collections.abc import Mapping

from argo_proxy.dialects import DIALECTS
from argo_proxy.gateway.endpoint import Endpoint
from argo_proxy.openapi.page import Description
from argo_proxy.relay import Calls, Relay
from argo_proxy.relay.embedding import Embedder
from argo_proxy.settings import Settings
from argo_proxy.web.access import Access
from argo_proxy.web.background import Background
from argo_proxy.web.delivery import Delivery
from argo_proxy.web.embeddings import EmbeddingsExchange
from argo_proxy.web.exchange import Exchange
from argo_proxy.web.memory import Memory
from argo_proxy.web.passthrough import Call, Passthrough
from argo_proxy.web.responses import Responses
from argo_proxy.web.routes import Methods
from argo_proxy.web.service_pages import ServicePages
from argo_proxy.web.stored_responses import StoredResponses


def service_routes(pages: ServicePages) -> Mapping[str, Methods]:
    """What is about the proxy and its models."""
    landing = {"GET": pages.landing}
    return {
        "/v1/models": {"GET": pages.list_models},
        "/v1/models/{}": {"GET": pages.show_model},
        "/refresh": {"POST": pages.refresh},
        "/health": {"GET": pages.health},
        "/health/ready": {"GET": pages.ready},
        "/version": {"GET": pages.version},
        "/": landing,
        "/v1": landing,
        "/v1/docs": landing,
    }


def description_routes(settings: Settings) -> Mapping[str, Methods]:
    """What tells programs of all the others."""
    return {"/openapi.json": {"GET": Description(keyed=bool(settings.api_keys)).show}}


def model_routes(
    settings: Settings, relay: Relay, embedder: Embedder, calls: Calls, access: Access
) -> Mapping[str, Methods]:
    """What asks a model, and remembers nothing."""
    body = settings.max_body_mb * 2**20
    delivery = Delivery(relay, keep_alive_s=settings.keep_alive_s)
    chat = Call(Endpoint(settings.argo_url), Endpoint(settings.argo_stream_url), settings.default_chat_model)
    embed = Call(Endpoint(settings.argo_embedding_url), None, settings.default_embedding_model)
    dialects = {path: Exchange(dialect, delivery, access, max_body_bytes=body) for path, dialect in DIALECTS.items()}
    handlers = {
        **dialects,
        "/v1/embeddings": EmbeddingsExchange(embedder, access, max_body_bytes=body),
        "/v1/chat": Passthrough(chat, relay, calls, access, max_body_bytes=body),
        "/v1/embed": Passthrough(embed, relay, calls, access, max_body_bytes=body),
    }
    return {path: {"POST": handler.handle} for path, handler in handlers.items()}


def response_routes(
    settings: Settings, relay: Relay, access: Access, memory: Memory, background: Background
) -> Mapping[str, Methods]:
    """OpenAI's Responses, which go on from each other."""
    delivery = Delivery(relay, keep_alive_s=settings.keep_alive_s)
    body = settings.max_body_mb * 2**20
    responses = Responses(relay, delivery, access, memory, background, max_body_bytes=body)
    stored = StoredResponses(delivery, access, memory, background)
    return {
        "/v1/responses": {"POST": responses.create},
        "/v1/responses/input_tokens": {"POST": responses.count},
        "/v1/responses/compact": {"POST": responses.compact},
        "/v1/responses/{}/input_items": {"GET": stored.list_items},
        "/v1/responses/{}/cancel": {"POST": stored.cancel},
        "/v1/responses/{}": {"GET": stored.show, "DELETE": stored.delete},
    }
