"""What TLS to the gateway costs, on connections that are kept and on new ones: `python -m benchmarks.tls`.

CPU time a request of nginx as a raw proxy and of this proxy, both of which check the certificate, in interleaved
rounds; and from the gateway's log how many connections there were, and how many took up an earlier session.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from itertools import product
from pathlib import Path

import trustme
from msgspec import Struct

from benchmarks import nginx, questions
from benchmarks.figures import comparison, table
from benchmarks.nginx import NAME, Certificate
from benchmarks.processes import require, running
from benchmarks.targets import LIMIT, Gateway, Subject, free_port, raw_nginx, serving, this_proxy, wait_until_open
from benchmarks.wrk import load

ROUNDS = min(3, int(os.environ.get("BENCH_ROUNDS", "3")))
CONNECTIONS, SECONDS = 16, 1


class Way(Struct, frozen=True):
    """How a gateway is reached."""

    name: str
    secure: bool
    keeps: bool


WAYS = (
    Way("plain, kept connections", secure=False, keeps=True),
    Way("TLS, kept connections", secure=True, keeps=True),
    Way("plain, new connections", secure=False, keeps=False),
    Way("TLS, new connections", secure=True, keeps=False),
)


class Handshakes(Struct, frozen=True):
    """`resumed`: those that took up an earlier session, which spares the certificate and a signature."""

    requests: int
    connections: int
    resumed: int
    protocol: str


def issued(folder: Path) -> Certificate:
    """A certificate for the gateway, of an authority of its own."""
    authority = trustme.CA()
    own = authority.issue_cert(NAME)
    files = Certificate(folder / "chain.pem", folder / "key.pem", folder / "authority.pem")
    authority.cert_pem.write_to_path(str(files.authority))
    own.private_key_pem.write_to_path(str(files.key))
    files.chain.write_bytes(b"".join(blob.bytes() for blob in own.cert_chain_pems))
    return files


@contextmanager
def gateway(way: Way, certificate: Certificate, folder: Path) -> Iterator[Gateway]:
    folder.mkdir()
    shown = certificate if way.secure else None
    port = free_port()
    with running(nginx.gateway(folder, port, shown, keeps=way.keeps), folder / "log") as session:
        wait_until_open(port, session)
        yield Gateway(port, port, shown)


def handshakes(log: str) -> Handshakes:
    """What nginx has written: a line for each request, with its connection, `r` if that resumed a session, and how."""
    lines = [line.split() for line in log.splitlines()]
    resumed = {connection: reused == "r" for connection, reused, _ in lines}
    protocol = lines[-1][2] if lines else "-"
    return Handshakes(len(lines), len(resumed), sum(resumed.values()), protocol)


class Scene(Struct, frozen=True):
    """One target on one way; `log` is where the gateway tells of it, if that is behind TLS."""

    way: Way
    subject: Subject
    log: Path


def measure(scene: Scene, folder: Path) -> tuple[float, Handshakes]:
    """Microseconds a request, and what the gateway saw of them."""
    session, raw = scene.subject.session, scene.subject.target.raw
    seen = size(scene.log)
    before_s = session.cpu_s()
    loaded = load(scene.subject.port, questions.chat(raw=raw), CONNECTIONS, SECONDS, folder)
    cpu_us = (session.cpu_s() - before_s) * 1e6
    if loaded.wrong:
        raise SystemExit(f"{loaded.wrong} wrong answers of {scene.subject.target.name}: {scene.way.name}")
    return cpu_us / loaded.requests, handshakes(scene.log.read_text()[seen:] if scene.way.secure else "")


def size(log: Path) -> int:
    return log.stat().st_size if log.exists() else 0


@contextmanager
def scenes(folder: Path) -> Iterator[list[Scene]]:
    """Every target on every way, each warm and with a gateway of its own."""
    certificate = issued(folder)
    with ExitStack() as stack:
        made: list[Scene] = []
        for way, target in product(WAYS, (raw_nginx(), this_proxy())):
            place = folder / f"gateway-{len(made)}"
            through = stack.enter_context(gateway(way, certificate, place))
            subject = stack.enter_context(serving(target, through, folder / f"{target.name}-{len(made)}"))
            load(subject.port, questions.chat(raw=target.raw), CONNECTIONS, SECONDS, folder)
            made.append(Scene(way, subject, place / nginx.REACHED))
        yield made


def main() -> None:
    require("wrk", "nginx")
    costs: defaultdict[str, defaultdict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    seen: dict[tuple[str, str], Handshakes] = {}
    with tempfile.TemporaryDirectory() as name, scenes(Path(name)) as made:
        for scene in made * ROUNDS:
            figure, target = f"{scene.way.name}, µs a request", scene.subject.target.name
            cost_us, told = measure(scene, Path(name))
            costs[figure][target].append(cost_us)
            if scene.way.secure:
                seen[scene.way.name, target] = told
    sys.stdout.write(f"{comparison(costs, LIMIT)}\n\n{shown(seen)}\n")


def shown(seen: Mapping[tuple[str, str], Handshakes]) -> str:
    """Of the last round."""
    head = ["in one round", "by", "requests", "connections", "of which resumed", "protocol"]
    rows = [
        [way, target, f"{told.requests:,}", f"{told.connections:,}", f"{told.resumed:,}", told.protocol]
        for (way, target), told in seen.items()
    ]
    return table(head, rows)


if __name__ == "__main__":
    main()
