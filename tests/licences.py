"""Writes docs/licences.md: what is installed with argo-proxy, on any system and Python, and under which licence.

`make licences` runs it after a change of the dependencies; a test holds the page against what is installed.
"""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import metadata
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "licences.md"
UV = Path(sys.executable).parent / "uv"
ALLOWED = frozenset({"MIT", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "ISC", "PSF-2.0", "CNRI-Python", "MPL-2.0"})
"""Whoever uses or passes on argo-proxy need do no more than keep the notices. MPL-2.0 asks to share changes of its own
files, of which nobody here makes any."""
CLASSIFIERS = {
    "MIT License": "MIT",
    "Apache Software License": "Apache-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "BSD License": "BSD-3-Clause",
    "Python Software Foundation License": "PSF-2.0",
}
HEAD = """# Licences

argo-proxy is under the [MIT licence](../LICENSE), and so is the tokenizer data of OpenAI in it
([its licence](../src/argo_proxy/tokenizer_data/LICENSE)). These packages are installed with it, on one system or
another; they come from PyPI with their own licences and notices, and none of them is part of this repository.

"""


def locked() -> list[str]:
    """The names of all packages that argo-proxy needs to run, by uv.lock."""
    wanted = ("--no-default-groups", "--no-emit-project", "--no-hashes", "--no-annotate", "--no-header")
    done = subprocess.run(
        [UV, "export", "--quiet", "--frozen", "--offline", *wanted],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return sorted({line.partition("==")[0] for line in done.stdout.splitlines()})


def licence(name: str) -> str:
    """The SPDX expression of an installed package, as far as it says one; what it says otherwise."""
    about = metadata(name)
    if expression := about.get("License-Expression"):
        return expression
    kinds = [line.rpartition(":: ")[2] for line in about.get_all("Classifier", []) if line.startswith("License :: OSI")]
    if kinds:
        return " OR ".join(sorted(CLASSIFIERS.get(kind, kind) for kind in kinds))
    told = (about.get("License") or "unknown").partition("\n")[0].strip()
    return CLASSIFIERS.get(told, told)


def is_allowed(expression: str) -> bool:
    return all(part in ALLOWED for part in re.split(r" (?:AND|OR|WITH) ", expression.strip("()")))


def row(name: str) -> str:
    return f"| [{name}](https://pypi.org/project/{name}/) | {licence(name)} |"


def page() -> str:
    return HEAD + "\n".join(["| package | licence |", "|---|---|", *map(row, locked())]) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
