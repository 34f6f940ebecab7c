"""The commands beside serving, run as a user would: with a folder of their own, and nothing of this environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path


def run(folder: Path, *argv: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "argo_proxy", *argv],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        cwd=folder,
        env={"PATH": os.environ.get("PATH", ""), "HOME": str(folder), **environ},
        check=False,
    )


def write_config(folder: Path, settings: dict[str, object], name: str = "config.yaml") -> Path:
    """JSON is YAML, too."""
    path = folder / name
    path.write_text(json.dumps(settings, indent=0))
    path.chmod(0o600)
    return path
