"""Everything that is ever asked, and the only place that does: on a terminal, where somebody can answer.

Ctrl-C and the end of input leave from every question, and nothing has been written by then.
"""

import os
import sys
from typing import NamedTuple, TextIO

from argo_proxy.cli.ports import port_of, random_port, trouble
from argo_proxy.cli.terminal import write
from argo_proxy.settings import Settings, checks
from argo_proxy.settings.problems import CheckError
from argo_proxy.settings.resolution import quoted

YES, NO = ("", "y", "yes"), ("n", "no")


class Answers(NamedTuple):
    """What only the user knows; named as the settings are."""

    user: str
    port: int
    verbose: bool


class EndOfInput(Exception):
    """There is nobody to answer any more."""

    def __init__(self) -> None:
        super().__init__("the input has ended before the last answer; nothing more is done")


def screen() -> TextIO | None:
    """The terminal to ask on: stderr, so that stdout stays for results; None where nobody could answer."""
    if not (sys.stdin.isatty() and is_in_foreground(sys.stdin)):
        return None
    return next((stream for stream in (sys.stderr, sys.stdout) if stream.isatty()), None)


def is_in_foreground(stream: TextIO) -> bool:
    """A job that the shell runs in the background is stopped when it reads from the terminal."""
    if sys.platform == "win32":
        return True
    try:
        return os.tcgetpgrp(stream.fileno()) == os.getpgrp()
    except OSError:  # a terminal, but not the one that controls this process
        return True


def wants_file(terminal: TextIO, path: str) -> bool:
    write(terminal, f"There is no configuration yet. A few questions make one, in {path}\n(Ctrl-C leaves).\n")
    return agrees(terminal, "Would you like to create it from config.sample.yaml? [Y/n]")


def ask_all(terminal: TextIO, given: Settings) -> Answers:
    """`given` tells the address to listen on, and a port that was asked for already."""
    port = choose_port(terminal, given.host, given.port)
    user = ask_user(terminal)
    return Answers(user=user, port=port, verbose=agrees(terminal, "Enable verbose mode? [Y/n]"))


def goes_on(terminal: TextIO) -> bool:
    return agrees(terminal, "Continue despite connectivity issue? [Y/n]")


def choose_port(terminal: TextIO, host: str, suggested: int = 0) -> int:
    """A port that can be had; `n` asks for another suggestion."""
    port = suggested or random_port(host)
    while True:
        answer = ask(terminal, f"Use port [{port}]? [Y/n/<port>]").lower()
        if answer in NO:
            port = random_port(host)
            continue
        try:
            chosen = port if answer in YES else port_of(answer)
        except CheckError as wrong:
            write(terminal, f"  found {quoted(answer)}, expected {wrong.expected}, or y, or n for another suggestion")
            continue
        if (problem := trouble(host, chosen)) is None:
            return chosen
        write(terminal, f"  {problem}")
        port = random_port(host)


def ask_user(terminal: TextIO) -> str:
    while True:
        answer = ask(terminal, "Enter your username:")
        try:
            return checks.user_name(answer)
        except CheckError as wrong:
            write(terminal, f"  found {quoted(answer)}, expected {wrong.expected}")


def agrees(terminal: TextIO, question: str) -> bool:
    while True:
        answer = ask(terminal, question).lower()
        if answer in YES + NO:
            return answer in YES
        write(terminal, "  please answer y or n; Enter alone means y")


def ask(terminal: TextIO, question: str) -> str:
    """One line, without the space around it. Raises EndOfInput and KeyboardInterrupt, on a line of their own."""
    try:
        terminal.write(f"{question} ")
        terminal.flush()
        line = sys.stdin.readline()  # input() waits for a second line after one with a zero byte
    except UnicodeDecodeError:  # a terminal whose encoding is not the one it claims
        return "\ufffd"
    except KeyboardInterrupt:
        write(terminal, "")
        raise
    if not line:
        write(terminal, "")
        raise EndOfInput
    return line.strip()
