"""`argo-proxy doctor`: everything that serving needs, checked one by one, with the cure beside each failure."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import msgspec
from msgspec import Struct

from argo_proxy.cli import checkup
from argo_proxy.cli.briefly import briefly
from argo_proxy.cli.checkup import Check
from argo_proxy.cli.checkup_network import network, version
from argo_proxy.cli.commands import Doctor
from argo_proxy.cli.terminal import tell
from argo_proxy.cli.userless import resolve_userless, search_config
from argo_proxy.cli.version import newest
from argo_proxy.settings import Settings, SettingsError

STYLES = {"ok": "green", "note": "yellow", "failed": "bold red", "skipped": "dim"}
STATE_WIDTH = 7
NAME_WIDTH = 13


class Report(Struct, frozen=True):
    """What `--json` prints."""

    healthy: bool
    checks: tuple[Check, ...]


def examine(command: Doctor) -> int:
    """The exit code: 0 when nothing has failed, else 1."""
    if command.as_json:
        checks = tuple(examination(command))
        healthy = not failures(checks)
        tell(msgspec.json.format(msgspec.json.encode(Report(healthy, checks))).decode())
        return 0 if healthy else 1
    return show(examination(command))


def examination(command: Doctor) -> Iterator[Check]:
    """Every check, as soon as it is made. What rests on settings is left out when they will not do."""
    yield checkup.python()
    search = search_config(command.config)
    try:
        settings, warnings = resolve_userless(search, command.flags)
    except SettingsError as error:
        yield from checkup.configuration(search, None, error.warnings)
        yield from checkup.problems(error)
        yield Check("the rest", "skipped", "until the configuration is valid")
        return
    yield from checkup.configuration(search, settings, warnings)
    yield from local(settings, search.path)
    yield from briefly(network(settings))
    yield version(newest(settings.update_url))


def local(settings: Settings, path: Path | None) -> Iterator[Check]:
    if path is not None and os.name == "posix":
        yield checkup.permissions(path)
    yield checkup.user(settings)
    yield checkup.port(settings)
    yield checkup.store(settings)


def show(checks: Iterable[Check]) -> int:
    """Line by line, as they come, and what they come to."""
    shown: list[Check] = []
    with for_eyes() if sys.stdout.isatty() else nullcontext(for_programs) as show_check:
        for check in checks:
            show_check(check)
            shown.append(check)
    failed = len(failures(shown))
    tell(f"\n{failed} of {len(shown)} checks failed" if failed else "\nall is well")
    return 1 if failed else 0


def failures(checks: Iterable[Check]) -> list[Check]:
    return [check for check in checks if check.state == "failed"]


def for_programs(check: Check) -> None:
    """One line, whole."""
    cure = f"; cure: {check.cure}" if check.cure else ""
    tell(f"{check.state:<{STATE_WIDTH}} {check.name:<{NAME_WIDTH}} {check.found}{cure}")


@contextmanager
def for_eyes() -> Generator[Callable[[Check], None]]:
    """In colours, wrapped beside the name; below, that it goes on."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)

    def show_check(check: Check) -> None:
        text = Text(check.found)
        if check.cure:
            text.append(f"\ncure: {check.cure}", style="bold" if check.state == "failed" else "")
        line = Table.grid(padding=(0, 2, 0, 0))
        line.add_column(width=STATE_WIDTH)
        line.add_column(width=NAME_WIDTH)
        line.add_column(overflow="fold")
        line.add_row(Text(check.state, style=STYLES[check.state]), check.name, text)
        console.print(line)

    with console.status("checking", spinner="line"):
        yield show_check
