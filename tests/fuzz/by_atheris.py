"""All targets, played by atheris, which follows what input reaches new code. The first byte chooses the target."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["argo_proxy"]):
    from tests.fuzz.targets import TARGETS, play

LONGEST = 4096
MOST_S = 10
NAMES = list(TARGETS)


def try_one(data: bytes) -> None:
    name = NAMES[data[0] % len(NAMES)] if data else NAMES[0]
    try:
        play(TARGETS[name], data[1:])
    except BaseException:
        sys.stdout.write(f"{name}: {data[1:]!r}\n")
        raise


def main(limit_s: str) -> None:
    """Ends the process: with 0 when nothing was found."""
    with tempfile.TemporaryDirectory() as folder:
        for number, name in enumerate(NAMES):
            for count, seed in enumerate(TARGETS[name].seeds):
                (Path(folder) / f"{number}-{count}").write_bytes(bytes([number]) + seed)
        limits = [f"-max_total_time={limit_s}", f"-max_len={LONGEST}", f"-timeout={MOST_S}", "-print_final_stats=1"]
        atheris.Setup(["fuzz", folder, f"-artifact_prefix={folder}/", "-verbosity=0", *limits], try_one)
        atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
