"""Lines to the terminal: results to stdout, everything about them to stderr."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import TextIO, cast

STREAMS = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))  # in the order of their descriptors


class Unwritten(Exception):
    """A result has not reached standard output; the text says why."""


def prepare_streams() -> None:
    """From now on every standard stream is there, and takes every text: what its encoding lacks, in ASCII.

    Some daemons start a process with them closed. The first sockets would get their descriptors, and end in the hands
    of who writes to standard error; libuv even aborts the process when it closes one of those.
    """
    for name, mode in STREAMS:
        if getattr(sys, name) is None:
            lowest_free = os.open(os.devnull, os.O_RDWR)
            os.set_inheritable(lowest_free, True)
            setattr(sys, name, os.fdopen(lowest_free, mode, encoding="utf-8", closefd=False))
    output = cast("object", sys.stdout)
    if isinstance(output, TextIOWrapper) and output.errors == "strict":
        output.reconfigure(errors="backslashreplace")


def tell(text: str) -> None:
    """Raises Unwritten, or BrokenPipeError when nobody reads any more."""
    with written():
        write(sys.stdout, text)


def complain(text: str) -> None:
    """Where it cannot be heard, what it is about goes on."""
    try:
        write(sys.stderr, text)
    except OSError:
        silence(sys.stderr)


def write(stream: TextIO, text: str) -> None:
    stream.write(f"{text}\n")
    stream.flush()


def flush() -> None:
    """What others have printed. Raises what `tell` does; Python would report it in its own words at the exit."""
    with written():
        sys.stdout.flush()


@contextmanager
def written() -> Generator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Unwritten(f"standard output cannot be written: {error.strerror}") from error


def silence(stream: TextIO) -> None:
    """What is left to flush goes nowhere, as does all that follows."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
