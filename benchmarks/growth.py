"""How cost grows with what is asked: `python -m benchmarks.growth`. CPU time of the proxy, the least of some rounds.

Linear, or better, where the last column of a table does not stay above 1. Texts are new in every request, so that their
tokens are counted every time; the last table tells what is saved for an agent that sends its whole history again.
"""

from __future__ import annotations

import http.client
import os
import resource
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks import questions
from benchmarks.asking import ask_on
from benchmarks.figures import Point, growth, number, table
from benchmarks.processes import require
from benchmarks.questions import Question, conversation
from benchmarks.streams import stream
from benchmarks.targets import Gateway, Subject, gateways, serving, this_proxy
from benchmarks.wrk import load

ROUNDS = min(3, int(os.environ.get("BENCH_ROUNDS", "3")))
BODIES_KB = {1: 100, 10: 50, 100: 20, 1_000: 4, 10_000: 1}
MESSAGES = {1: 100, 10: 50, 100: 20, 1_000: 4}
CHUNKS = {10: 20, 100: 5, 1_000: 1, 10_000: 1}
"""Each of a size, and how often it is asked for in a round."""
CHUNK_STREAMS, CHUNK_PACE_MS = 5, 1
"""Without a pace, how many chunks arrive together would decide what each of them costs."""
CROWDS = (1, 10, 100, 500, 1_000, 2_000)
CROWD_CHUNKS, CROWD_PACE_MS = 10, 100
WORKERS = (1, 2)
TURNS = (10, 50, 100, 200, 400)
LAST = 5
"""Turns up to one of those, which are measured together."""
SECONDS = 2
MESSAGE_CHARS = 200
SENTENCE = "%s is the name of a thing of which nobody has ever said a word before in this or another way. "


def new_text(chars: int) -> str:
    """That nobody has sent before."""
    sentences = (SENTENCE % os.urandom(6).hex() for _ in range(chars // len(SENTENCE) + 1))
    return "".join(sentences)[:chars]


def spent_s(subject: Subject, asked: Sequence[Question]) -> float:
    """The CPU time for these requests, one after the other; each answer is the right one."""
    connection = http.client.HTTPConnection("127.0.0.1", subject.port)
    before_s = subject.session.cpu_s()
    for question in asked:
        ask_on(connection, question)
    connection.close()
    return subject.session.cpu_s() - before_s


def by_body(subject: Subject) -> Iterator[Point]:
    for kb, times in BODIES_KB.items():
        asked = [questions.chat(raw=False, prompt=new_text(kb * 1000)) for _ in range(times)]
        yield Point(kb, kb * times, spent_s(subject, asked))


def by_messages(subject: Subject) -> Iterator[Point]:
    for messages, times in MESSAGES.items():
        asked = [conversation([new_text(MESSAGE_CHARS) for _ in range(messages)]) for _ in range(times)]
        yield Point(messages, messages * times, spent_s(subject, asked))


def by_chunks(subject: Subject) -> Iterator[Point]:
    for chunks, times in CHUNKS.items():
        yield streamed(
            subject, chunks, questions.stream(chunks, CHUNK_PACE_MS, raw=False), CHUNK_STREAMS, times, chunks
        )


def by_crowd(subject: Subject) -> Iterator[Point]:
    """As many as there may be files for: two for each stream, in the proxy."""
    most = (resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 100) // 2
    question = questions.stream(CROWD_CHUNKS, CROWD_PACE_MS, raw=False)
    for streams in CROWDS:
        if streams <= most:
            yield streamed(subject, streams, question, streams, 1, CROWD_CHUNKS)


def streamed(subject: Subject, size: int, question: Question, connections: int, times: int, chunks: int) -> Point:
    before_s = subject.session.cpu_s()
    taken = stream(subject.port, question, connections, times)
    if taken.wrong:
        raise SystemExit(f"{taken.wrong} of {taken.streams} streams of {chunks} chunks were wrong")
    return Point(size, taken.streams * chunks, subject.session.cpu_s() - before_s)


def least(rounds: Sequence[Sequence[Point]]) -> list[Point]:
    """Of each size the cheapest: what else runs on the machine only adds."""
    return [min(points, key=lambda point: point.unit_us) for points in zip(*rounds, strict=True)]


GROWTHS: tuple[tuple[str, str, Callable[[Subject], Iterator[Point]]], ...] = (
    ("body, kB", "kB", by_body),
    ("messages of 200 characters", "message", by_messages),
    ("chunks in a stream", "chunk", by_chunks),
    ("streams at once, a chunk every 100 ms", "chunk", by_crowd),
)


def by_turns(subject: Subject) -> str:
    """An agent sends everything again at every turn; beside it, what as long a conversation costs that is new."""
    rows: list[list[str]] = []
    said: list[str] = []
    latest: list[Question] = []
    for turn in range(1, TURNS[-1] + 1):
        said += [new_text(MESSAGE_CHARS), new_text(MESSAGE_CHARS)]
        latest.append(conversation(said))
        if turn in TURNS or turn % LAST == 0:
            again_s = spent_s(subject, latest)
            if turn in TURNS:
                new = [conversation([new_text(MESSAGE_CHARS) for _ in said]) for _ in latest]
                rows.append(turn_row(turn, len(latest), again_s, spent_s(subject, new)))
            latest.clear()
    return table(["turn", "messages", "CPU, µs a turn", "µs a message", "all new, µs a turn", "again / new"], rows)


def turn_row(turn: int, turns: int, again_s: float, new_s: float) -> list[str]:
    again_us, new_us = again_s * 1e6 / turns, new_s * 1e6 / turns
    return [
        str(turn),
        str(2 * turn),
        number(again_us),
        number(again_us / (2 * turn)),
        number(new_us),
        f"{again_s / new_s:.2f}",
    ]


def by_workers(gateway: Gateway, folder: Path) -> str:
    """With so many processes, which share the cores with the client and the gateway."""
    rows: list[list[str]] = []
    for workers in WORKERS:
        store = {"state_url": f"sqlite:///{folder / 'state.db'}"} if workers > 1 else {}
        with serving(this_proxy(workers=workers, **store), gateway, folder / f"{workers}") as subject:
            load(subject.port, questions.chat(raw=False), 64, SECONDS, folder)  # each loads what it counts tokens with
            before_s = subject.session.cpu_s()
            loaded = load(subject.port, questions.chat(raw=False), 64, SECONDS, folder)
            cpu_s = subject.session.cpu_s() - before_s
        rows.append([str(workers), number(cpu_s * 1e6 / loaded.requests), number(loaded.requests / SECONDS)])
        if loaded.wrong:
            raise SystemExit(f"{loaded.wrong} wrong answers of {workers} workers")
    return table(["workers", "CPU, µs a request", "requests a second"], rows)


@contextmanager
def measured(folder: Path) -> Iterator[tuple[Subject, Gateway]]:
    """A proxy that lets as many streams in as come, warm, and its gateway, which reads every body to its end."""
    with gateways(folder / "gateway") as both:
        gateway = Gateway(both.streams, both.streams)
        with serving(this_proxy(max_concurrency=4096), gateway, folder / "proxy") as subject:
            spent_s(subject, [questions.chat(raw=False)] * 20)
            yield subject, gateway


def main() -> None:
    require("wrk", "nginx")
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory() as name, measured(Path(name)) as (subject, gateway):
        for what, unit, points in GROWTHS:
            tell(growth(what, unit, least([list(points(subject)) for _ in range(ROUNDS)])))
        tell(by_turns(subject))
        tell(by_workers(gateway, Path(name)))


def tell(text: str) -> None:
    sys.stdout.write(text + "\n\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
