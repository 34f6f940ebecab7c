"""Puts the program into this environment as users get it: compiled where a C compiler is, of pure Python elsewhere.

`make .venv` runs `python -m publishing.installing`. When nothing has changed since the last time, nothing is done.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parent.parent
MADE_FROM = ("src", "pyproject.toml", "uv.lock", "hatch_build.py", "publishing/compiling.py")
LOG = ROOT / "build" / "compiling.log"
STAMP = Path(sys.prefix) / "argo-proxy.installed"
PROGRAM = Path(sysconfig.get_path("purelib")) / "argo_proxy" / "__init__.py"
WAIT = "compiling argo-proxy; this takes about half a minute, and only once\n"
PURE = (
    "argo-proxy could not be compiled, so it is of pure Python: all works, at up to twice the CPU time. "
    f"A C compiler and the headers of Python are needed; {LOG.relative_to(ROOT)} says more.\n"
)


def fingerprint() -> str:
    """Of everything that the program is made from."""
    found = hashlib.sha256()
    for path in sorted(path for name in MADE_FROM for path in files(ROOT / name)):
        found.update(f"{path.relative_to(ROOT)} {path.stat().st_size}\n".encode())
        found.update(path.read_bytes())
    return found.hexdigest()


def files(path: Path) -> list[Path]:
    """That one, or all below it but for what Python itself leaves there."""
    below = [path] if path.is_file() else path.rglob("*")
    return [one for one in below if one.is_file() and one.suffix != ".pyc"]


def wheel(folder: Path) -> Path:
    """A compiled wheel, or where that cannot be made, one of pure Python."""
    compiled = hatchling(folder, compiled=True)
    if compiled.returncode:
        LOG.parent.mkdir(exist_ok=True)
        LOG.write_text(compiled.stdout, encoding="utf-8")
        sys.stderr.write(PURE)
        hatchling(folder, compiled=False).check_returncode()
    [made] = folder.glob("*.whl")
    return made


def hatchling(folder: Path, *, compiled: bool) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    environ = {**os.environ, "ARGO_PROXY_COMPILE": "1" if compiled else "0"}
    return subprocess.run(
        command, cwd=ROOT, env=environ, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def install(path: Path) -> None:
    uv = Path(sys.executable).parent / "uv"
    flags = ("--quiet", "--offline", "--no-cache", "--no-deps", "--reinstall", "--compile-bytecode")
    subprocess.run([uv, "pip", "install", *flags, "--python", sys.executable, path], cwd=ROOT, check=True)


def main() -> None:
    now = fingerprint()
    if PROGRAM.exists() and STAMP.exists() and STAMP.read_text(encoding="utf-8") == now:
        return
    sys.stderr.write(WAIT)
    with TemporaryDirectory() as folder:
        install(wheel(Path(folder)))
    STAMP.write_text(now, encoding="utf-8")


if __name__ == "__main__":
    main()
