"""Whether version, changelog, packages and tag agree: `python -m publishing.release dist [v1.2.3]`."""

from __future__ import annotations

import re
import sys
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from zipfile import ZipFile

from argo_proxy import __version__

ROOT = Path(__file__).parent.parent
UNRELEASED = "Unreleased"
FOR_ALL = ("-py3-none-any.whl", ".tar.gz")
"""What is installed where no compiled wheel fits."""
_HEADING = re.compile(r"^## \[(\d+\.\d+\.\d+[^\]]*|Unreleased)\](?: - \d{4}-\d\d-\d\d)?$", re.MULTILINE)


def versions(changelog: str) -> list[str]:
    """What the changelog tells of, the newest first."""
    return _HEADING.findall(changelog)


def complaints(version: str, changelog: str, packages: Mapping[str, str], tag: str | None) -> Iterator[str]:
    """What does not agree. `packages` are those that were built: by the name of its file, the version of each."""
    released = [told for told in versions(changelog) if told != UNRELEASED]
    if missing := [kind for kind in FOR_ALL if not any(name.endswith(kind) for name in packages)]:
        yield f"what is for every system is not whole: no file ends in {' or in '.join(missing)}"
    if others := sorted({*packages.values()} - {version}):
        yield f"there are packages of {', '.join(others)}, and the version is {version}"
    if released and number(version) < number(released[0]):
        yield f"the changelog tells of {released[0]} already, and the code is still {version}"
    if tag is not None and tag != f"v{version}":
        yield f"the tag is {tag}, and the version {version}"
    if tag is not None and released[:1] != [version]:
        yield f"the changelog does not tell of {version}"


def number(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)[:3]))


def built(folder: Path) -> dict[str, str]:
    """The packages in a folder, with the version that each says it is of."""
    texts = {path.name: of_wheel(path) for path in sorted(folder.glob("*.whl"))}
    texts |= {path.name: of_archive(path) for path in sorted(folder.glob("*.tar.gz"))}
    return {name: re.findall(r"^Version: (.+)$", text, re.MULTILINE)[0] for name, text in texts.items()}


def of_wheel(path: Path) -> str:
    with ZipFile(path) as wheel:
        [name] = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
        return wheel.read(name).decode()


def of_archive(path: Path) -> str:
    with tarfile.open(path) as archive:
        [name] = [name for name in archive.getnames() if re.fullmatch(r"[^/]+/PKG-INFO", name)]
        found = archive.extractfile(name)
        return "" if found is None else found.read().decode()


def main(folder: str, tag: str | None = None) -> int:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    found = [*complaints(__version__, changelog, built(ROOT / folder), tag or None)]
    for line in found:
        sys.stderr.write(f"{line}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
