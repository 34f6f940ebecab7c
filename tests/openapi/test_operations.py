import asyncio
import re
from typing import Any

from argo_proxy.openapi.operations import OPERATIONS
from argo_proxy.relay import Calls
from argo_proxy.relay.embedding import Embedder
from argo_proxy.settings import Settings
from argo_proxy.tokens import Tokenizers
from argo_proxy.web.access import Access
from argo_proxy.web.service_pages import ServicePages
from argo_proxy.web.site import OPEN_TO_ALL
from argo_proxy.wiring import description_routes, model_routes, response_routes, service_routes
from tests.gateway.loopback import pooling
from tests.relay.relaying import relaying

NOTHING: Any = None
"""Stands for what handlers need only when they answer."""


async def routes() -> set[tuple[str, str]]:
    settings = Settings(user="jdoe")
    pages = ServicePages(NOTHING, NOTHING, NOTHING, NOTHING, NOTHING)
    access = Access(user="jdoe", api_keys=(), username_passthrough=False)
    async with pooling() as pool:
        relay = relaying(pool, Tokenizers())
        embedder = Embedder(relay, Calls(pool, retries=0, max_concurrency=1), Tokenizers(), settings)
        every = {
            **service_routes(pages),
            **description_routes(settings),
            **model_routes(settings, relay, embedder, NOTHING, access),
            **response_routes(settings, relay, access, NOTHING, NOTHING),
        }
    return {(path, method) for path, methods in every.items() for method in methods}


def test_every_route_is_published_and_every_path_is_a_route() -> None:
    published = {(re.sub(r"\{\w+\}", "{}", one.path), one.method.upper()) for one in OPERATIONS}
    assert published == asyncio.run(routes())


def test_what_is_open_to_all_is_published_as_open() -> None:
    assert {operation.path for operation in OPERATIONS if operation.open} == OPEN_TO_ALL


def test_no_two_operations_have_one_name() -> None:
    assert len({operation.name for operation in OPERATIONS}) == len(OPERATIONS)
