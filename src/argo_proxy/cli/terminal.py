"""Lines to the terminal: results to stdout, everything about them to stderr."""

import os
import sys
from typing import TextIO


def tell(text: str) -> None:
    write(sys.stdout, text)


def complain(text: str) -> None:
    write(sys.stderr, text)


def write(stream: TextIO | None, text: str) -> None:
    """A stream is None when the process was started with it closed, as some daemons are."""
    if stream is not None:
        stream.write(f"{text}\n")
        stream.flush()


def flush() -> None:
    """What argparse has printed. Left to the exit of Python, a broken pipe would be reported in its words."""
    stream: TextIO | None = sys.stdout
    if stream is not None:
        stream.flush()


def silence_stdout() -> None:
    """Nobody reads any more: what is left to flush goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
