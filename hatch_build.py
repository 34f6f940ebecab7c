"""Puts the compiled hot path into the wheel, if ARGO_PROXY_COMPILE=1 asks for it; otherwise the wheel is pure Python.

Which modules are compiled, and what that takes, stands in pyproject.toml. The sources go along: tracebacks show them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class HotPath(BuildHookInterface):  # pyright: ignore[reportMissingTypeArgument]
    """What hatchling asks while it builds a wheel."""

    def dependencies(self) -> list[str]:
        """For a build in an environment of its own, as pip makes it. mypy reads what the program imports, too."""
        return [*self.config["needs"], *self.metadata.core.dependencies] if asked_for() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable" or not asked_for():
            return
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        build_data["force_include"] |= compiled(Path(self.root), self.config["modules"])


def asked_for() -> bool:
    return os.environ.get("ARGO_PROXY_COMPILE") == "1"


def compiled(root: Path, modules: list[str]) -> dict[str, str]:
    """The files that come of these modules, each with its place in the wheel."""
    build = f"build/{sys.implementation.cache_tag}"
    subprocess.run([sys.executable, "publishing/compiling.py", build, *modules], cwd=root, check=True)
    libraries = root / build / "lib"
    return {str(path): str(path.relative_to(libraries)) for path in libraries.rglob("*") if path.is_file()}
