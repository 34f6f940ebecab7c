"""The check of ARGO's URLs as it is shown: a line that moves while it goes on, then what was found, with the cures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from argo_proxy.cli.connectivity import Finding, check
from argo_proxy.cli.terminal import write
from argo_proxy.settings import Settings
from argo_proxy.settings.table import URL_PATHS


def is_reached(settings: Settings, stream: TextIO) -> bool:
    """Check all URLs and show what was found. Whether every one has been reached."""
    findings = watch(settings, stream)
    write(stream, "\n".join(report(findings)))
    return all(finding.problem is None for finding in findings)


def watch(settings: Settings, stream: TextIO) -> Sequence[Finding]:
    """On a terminal one sees that it goes on, and how far it is; on a simple one, that it does."""
    if not stream.isatty():
        return check(settings)
    from rich.console import Console

    console, done = Console(file=stream), list[Finding]()
    if console.is_dumb_terminal:
        write(stream, progress(0))
    with console.status(progress(0), spinner="line") as status:

        def told(finding: Finding) -> None:
            done.append(finding)
            status.update(progress(len(done)))

        return check(settings, told)


def progress(done: int) -> str:
    return f"Checking the URLs of ARGO: {done} of {len(URL_PATHS)}"


def report(findings: Sequence[Finding]) -> list[str]:
    """A line for each URL, then each trouble once, with whom it is about, and its cure."""
    lines = [f"  {'failed' if one.problem else 'ok':6}  {one.key:18}  {one.url}" for one in findings]
    troubles = dict.fromkeys((one.problem, one.cure) for one in findings if one.problem)
    told = [f"\n  {keys_with(findings, problem)}: {problem}\n  cure: {cure}" for problem, cure in troubles]
    return ["ARGO's URLs:", *lines, *told, ""]


def keys_with(findings: Sequence[Finding], problem: str | None) -> str:
    keys = [one.key for one in findings if one.problem == problem]
    return "all" if len(keys) == len(findings) else ", ".join(keys)
