"""A relay over a pool of real connections."""

from __future__ import annotations

from argo_proxy.gateway.images import ImageFetcher
from argo_proxy.gateway.pool import Pool
from argo_proxy.relay import Calls, Relay
from argo_proxy.settings import Settings
from argo_proxy.tokens import Tokenizers
from tests.known import catalog


def relaying(pool: Pool, tokenizers: Tokenizers, **settings: str) -> Relay:
    return Relay(
        catalog=catalog(),
        calls=Calls(pool, retries=0, max_concurrency=1),
        images=ImageFetcher(allow_private=False, ca_file=None),
        tokenizers=tokenizers,
        settings=Settings(user="jdoe", **settings),
    )
