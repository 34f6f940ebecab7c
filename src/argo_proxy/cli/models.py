"""`argo-proxy models`: what ARGO offers now, or, when it does not say in time, what this version knows of."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
from msgspec import Struct

from argo_proxy.canonical.card import ModelCard
from argo_proxy.canonical.errors import ProxyError
from argo_proxy.catalog.catalog import PREFIX, Catalog, built_in
from argo_proxy.catalog.facts import Facts, load_facts
from argo_proxy.cli.briefly import brief_pool, briefly
from argo_proxy.cli.commands import Models
from argo_proxy.cli.terminal import complain, tell
from argo_proxy.cli.userless import settings_for_command
from argo_proxy.model_list import fetch_catalog, list_endpoint
from argo_proxy.settings import Settings

LIMIT_S = 3.0
COLUMNS = ("ALIAS", "ID", "PROVIDER", "CONTEXT", "TOOLS", "STREAMS")
NEEDED, WIDE = 80, 100  # columns of a terminal in which no name is cut, and of one that has room to spare
NONE = "-"


@dataclass(frozen=True, slots=True)
class Found:
    """`why_built_in` says why the gateway's own list could not be had; None: this is it."""

    catalog: Catalog
    why_built_in: str | None


class Row(Struct, frozen=True):
    """One model. `tools`: in its provider's own form, or put into words; None for one that makes embeddings."""

    aliases: tuple[str, ...]
    id: str
    provider: str
    kind: str
    context_tokens: int | None
    output_tokens: int | None
    tools: str | None
    streaming: bool | None


class Listing(Struct, frozen=True):
    """What `--json` prints."""

    source: str
    reason: str | None
    models: tuple[Row, ...]


def show_models(command: Models) -> int:
    """The exit code: 0, or 2 for a bad configuration."""
    settings = settings_for_command(command.config, {})
    if settings is None:
        return 2
    found = briefly(find_models(settings, load_facts()))
    rows = tuple(row(card, settings.tool_prompting) for card in found.catalog.cards)
    if command.as_json:
        tell(as_json(rows, found.why_built_in))
        return 0
    show_table(rows) if sys.stdout.isatty() else tell(plain_table(rows))
    complain(source_line(len(rows), found.why_built_in))
    return 0


async def find_models(settings: Settings, facts: Facts) -> Found:
    pool = brief_pool(settings, LIMIT_S)
    try:
        listed = await asyncio.wait_for(fetch_catalog(pool, list_endpoint(settings.argo_model_url), facts), LIMIT_S)
    except ProxyError as error:
        return Found(built_in(facts), error.message)
    except asyncio.TimeoutError:
        return Found(built_in(facts), f"ARGO did not answer within {LIMIT_S:g} s")
    finally:
        pool.close()
    return Found(listed, None)


def row(card: ModelCard, prompting: bool) -> Row:
    chats = card.kind == "chat"
    tools = "native" if card.tools and not prompting else "prompted"
    return Row(
        aliases=tuple(PREFIX + name for name in card.names),
        id=card.id,
        provider=card.provider,
        kind=card.kind,
        context_tokens=card.context_tokens,
        output_tokens=card.output_tokens,
        tools=tools if chats else None,
        streaming=card.streams if chats else None,
    )


def as_json(rows: tuple[Row, ...], why_built_in: str | None) -> str:
    source = "built-in" if why_built_in else "gateway"
    return msgspec.json.format(msgspec.json.encode(Listing(source, why_built_in, rows))).decode()


def source_line(count: int, why_built_in: str | None) -> str:
    if why_built_in is None:
        return f"{count} models, as ARGO lists them now"
    return f"{count} models, from the built-in table: {why_built_in}"


def cells(one: Row, context: str) -> tuple[str, ...]:
    """What stands beside the aliases."""
    streaming = {True: "yes", False: "no", None: NONE}[one.streaming]
    return (one.id, one.provider, context, one.tools or NONE, streaming)


def plain_table(rows: tuple[Row, ...]) -> str:
    """A line for each alias, to be searched and cut by other programs."""
    lines = [COLUMNS, *plain_lines(rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)


def plain_lines(rows: tuple[Row, ...]) -> Iterator[tuple[str, ...]]:
    for one in rows:
        for alias in one.aliases:
            yield (alias, *cells(one, str(one.context_tokens or NONE)))


def show_table(rows: tuple[Row, ...]) -> None:
    """For eyes: a line for each model, its further names below the first. A narrow terminal wraps lines, rather than
    that names were cut.
    """
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    console.width = max(console.width, NEEDED)
    table = Table(box=None, padding=(0, 3 if console.width >= WIDE else 1, 0, 0), pad_edge=False)
    for name in COLUMNS:
        table.add_column(name, no_wrap=True, justify="right" if name == "CONTEXT" else "left")
    for one in rows:
        style = "dim" if one.kind == "embedding" else ""
        table.add_row("\n".join(one.aliases), *cells(one, rounded(one.context_tokens)), style=style)
    console.print(table)


def rounded(tokens: int | None) -> str:
    """`128k`, `1M`."""
    if tokens is None:
        return NONE
    return f"{tokens / 1_000_000:.0f}M" if tokens >= 1_000_000 else f"{tokens / 1000:.0f}k"
