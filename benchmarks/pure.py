"""What looks at single calls runs the sources: Python does not see those that compiled modules make."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import argo_proxy

SOURCES = Path(__file__).parent.parent / "src"


def run_sources() -> None:
    """Starts this command anew with them, unless they are what it has imported; what it starts has them, too."""
    if SOURCES not in Path(argo_proxy.__file__).parents:
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], {**os.environ, "PYTHONPATH": str(SOURCES)})
