"""What is released is whole, of one version, and made by what is named."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from publishing.release import ROOT, built, complaints, versions
from ruamel.yaml import YAML

from argo_proxy import __version__

CHANGELOG = "# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 2026-12-01\n\n## [1.1.0] - 2026-11-01\n"
WORKFLOW = ROOT / ".github" / "workflows" / "release.yml"
PURE, SOURCES = "argo-1.2.0-py3-none-any.whl", "argo-1.2.0.tar.gz"
COMPILED = "argo-1.2.0-cp311-cp311-win_amd64.whl"
BOTH = {PURE: "1.2.0", SOURCES: "1.2.0"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("hatchling", reason="the tools are not here")
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [path] = folder.iterdir()
    return path


def test_changelog_code_and_wheel_are_of_one_version(wheel: Path) -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert versions(changelog)
    assert built(wheel.parent) == {wheel.name: __version__}
    assert [*complaints(__version__, changelog, {wheel.name: __version__, SOURCES: __version__}, None)] == []


def test_the_wheel_has_the_program_with_its_data_and_nothing_else(wheel: Path) -> None:
    names = ZipFile(wheel).namelist()
    sources = [str(path.relative_to(ROOT / "src")) for path in (ROOT / "src").rglob("*") if path.is_file()]
    told = {name for name in names if ".dist-info/" not in name}
    assert told == {name for name in sources if not name.endswith(".pyc")}
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_what_agrees_can_be_released() -> None:
    assert [*complaints("1.2.0", CHANGELOG, BOTH, "v1.2.0")] == []
    assert [*complaints("1.2.0", CHANGELOG, {**BOTH, COMPILED: "1.2.0"}, "v1.2.0")] == []


@pytest.mark.parametrize(
    ("version", "packages", "tag", "complaint"),
    [
        ("1.2.0", {PURE: "1.2.0"}, None, "no file ends in .tar.gz"),
        ("1.2.0", {COMPILED: "1.2.0", SOURCES: "1.2.0"}, None, "no file ends in -py3-none-any.whl"),
        ("1.2.0", {}, None, "no file ends in -py3-none-any.whl or in .tar.gz"),
        ("1.2.0", {**BOTH, SOURCES: "1.1.0"}, None, "there are packages of 1.1.0"),
        ("1.2.0", {**BOTH, COMPILED: "1.1.0"}, None, "there are packages of 1.1.0"),
        ("1.1.0", dict.fromkeys(BOTH, "1.1.0"), None, "tells of 1.2.0 already"),
        ("1.2.0", BOTH, "v1.2.1", "the tag is v1.2.1"),
        ("1.3.0", dict.fromkeys(BOTH, "1.3.0"), "v1.3.0", "does not tell of 1.3.0"),
    ],
)
def test_what_does_not_agree_is_told(version: str, packages: dict[str, str], tag: str | None, complaint: str) -> None:
    [told] = complaints(version, CHANGELOG, packages, tag)
    assert complaint in told


def test_every_action_is_named_by_a_commit_and_its_version() -> None:
    used = re.findall(r"uses: (\S+)(.*)", WORKFLOW.read_text(encoding="utf-8"))
    assert len(used) > 4
    assert [action for action, _ in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action)] == []
    assert [action for action, comment in used if not re.fullmatch(r"  # v\d+\.\d+\.\d+", comment)] == []


def test_the_workflow_may_do_no_more_than_it_needs_and_signs_before_it_publishes() -> None:
    workflow = YAML(typ="safe").load(WORKFLOW)
    jobs = workflow["jobs"]
    assert workflow["permissions"] == {}
    for makes in ("build", "compile"):
        assert jobs[makes]["permissions"] == {"contents": "read", "id-token": "write", "attestations": "write"}
    assert jobs["publish"]["permissions"] == {"contents": "read", "id-token": "write"}
    assert jobs["publish"]["needs"] == ["build", "compile"]
    assert in_order(jobs["build"], "make wheel", "make test", "actions/attest", "upload-artifact")
    assert in_order(jobs["compile"], "pypa/cibuildwheel", "actions/attest", "upload-artifact")
    assert in_order(jobs["publish"], "download-artifact", "publishing.release", "uv publish")


def in_order(job: dict[str, list[dict[str, str]]], *wanted: str) -> bool:
    """Whether it has a step for each of these words, and they follow each other."""
    steps = [step.get("uses") or step["run"] for step in job["steps"]]
    order = [at for word in wanted for at, step in enumerate(steps) if word in step]
    return order == sorted(order) and len(order) == len(wanted)
