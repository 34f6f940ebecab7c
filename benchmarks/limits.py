"""What requests and chunks cost beside nginx as a raw proxy, the physical limit: `python -m benchmarks.limits`.

CPU time, user and system, of all processes of a target. A round measures every target once, so drift hits all alike;
ratios are medians of the ratios within a round. Answers are checked: if one of nginx or of this proxy is wrong, so is
the exit code. `--rounds N`; `--only WORDS` for the figures with these words in their names; `--also NAME=CMD` for one
more proxy, a command that is given a configuration file.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import product
from pathlib import Path

from benchmarks import questions
from benchmarks.asking import ask
from benchmarks.figures import comparison
from benchmarks.processes import require
from benchmarks.questions import Question
from benchmarks.streams import stream
from benchmarks.targets import (
    LIMIT,
    OURS,
    Gateway,
    Subject,
    Target,
    gateways,
    other,
    raw_nginx,
    serving,
    this_proxy,
)
from benchmarks.wrk import load

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
STARTS = 3
SECONDS = 2
CHUNKS, PACE_MS = 64, 20
CROWD = 500


class Run:
    """The values of all rounds, by figure and target, and the wrong answers by target."""

    def __init__(self, folder: Path) -> None:
        self.values: defaultdict[str, defaultdict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
        self.wrong: Counter[str] = Counter()
        self._folder = folder

    def note(self, subject: Subject, figure: str, value: float) -> None:
        self.values[figure][subject.target.name].append(value)

    def whole(self, question: Callable[..., Question], connections: int, name: str, subject: Subject) -> None:
        """Requests for whole answers, by wrk."""
        before_s = subject.session.cpu_s()
        loaded = load(subject.port, question(raw=subject.target.raw), connections, SECONDS, self._folder)
        self.note(subject, f"{name}, µs a request", spent_us(subject, before_s) / max(loaded.requests, 1))
        if connections == 1:
            self.note(subject, f"{name}, median latency, ms", loaded.p50_us / 1000)
        self.wrong[subject.target.name] += loaded.wrong

    def streams(self, connections: int, times: int, pace_ms: int, name: str, subject: Subject) -> None:
        """Streams, by a client of our own; memory is looked at while they run."""
        question = questions.stream(CHUNKS, pace_ms, raw=subject.target.raw)
        crowd = connections >= CROWD
        midway = partial(self.memory, f"with {connections} streams", subject) if crowd else None
        before_s = subject.session.cpu_s()
        taken = stream(subject.port, question, connections, times, midway)
        self.note(subject, f"{name}, µs a chunk", spent_us(subject, before_s) / (taken.streams * CHUNKS))
        if pace_ms:
            self.note(subject, f"{name}, first text after, ms", taken.first_text_ms)
        self.wrong[subject.target.name] += taken.wrong

    def memory(self, when: str, subject: Subject) -> None:
        self.note(subject, f"memory, {when}, MB", subject.session.resident_mb())


def spent_us(subject: Subject, before_s: float) -> float:
    return (subject.session.cpu_s() - before_s) * 1e6


def measures(run: Run) -> dict[str, Callable[[str, Subject], None]]:
    """What one round is made of."""
    return {
        "chat, 64 connections": partial(run.whole, questions.chat, 64),
        "chat, 1 connection": partial(run.whole, questions.chat, 1),
        "100 streams without a pace": partial(run.streams, 100, 10, 0),
        "100 streams of 20 ms a chunk": partial(run.streams, 100, 1, PACE_MS),
        "500 streams of 20 ms a chunk": partial(run.streams, CROWD, 1, PACE_MS),
        "embeddings, 16 x 1536 as JSON": partial(run.whole, partial(questions.embed, "float"), 4),
        "embeddings, 16 x 1536 in base64": partial(run.whole, partial(questions.embed, "base64"), 4),
    }


def starts(run: Run, targets: Sequence[Target], gateway: Gateway, folder: Path) -> None:
    """How long it takes until each serves, and what it holds before and after its first answers."""
    for _ in range(STARTS):
        for target in targets:
            with serving(target, gateway, folder / target.name) as subject:
                run.note(subject, "start, s", subject.start_s)
                run.memory("idle", subject)
                for _ in range(20):
                    ask(subject.port, questions.chat(raw=target.raw))
                run.memory("after the first chats", subject)


@contextmanager
def all_serving(targets: Sequence[Target], gateway: Gateway, folder: Path) -> Iterator[list[Subject]]:
    with ExitStack() as stack:
        yield [stack.enter_context(serving(target, gateway, folder / target.name)) for target in targets]


def measure(targets: Sequence[Target], rounds: int, only: str, folder: Path) -> Run:
    run = Run(folder)
    wanted = [partial(one, name) for name, one in measures(run).items() if only in name]
    with gateways(folder / "gateway") as gateway:
        if not only:
            starts(run, targets, gateway, folder)
        with all_serving(targets, gateway, folder) as subjects:
            for subject in subjects:
                ask(subject.port, questions.chat(raw=subject.target.raw))
            for one, subject in product(wanted * rounds, subjects):
                one(subject)
    return run


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--only", default="", metavar="WORDS")
    parser.add_argument("--also", action="append", default=[], metavar="NAME=CMD")
    options = parser.parse_args()
    require("wrk", "nginx")
    targets = [raw_nginx(), this_proxy(), *map(other, options.also)]
    with tempfile.TemporaryDirectory() as folder:
        run = measure(targets, options.rounds, options.only, Path(folder))
    sys.stdout.write(comparison(run.values, LIMIT) + "\n")
    for name, wrong in run.wrong.items():
        sys.stdout.write(f"{name}: {wrong} wrong answers\n")
    return 1 if run.wrong[LIMIT] or run.wrong[OURS] else 0


if __name__ == "__main__":
    sys.exit(main())
