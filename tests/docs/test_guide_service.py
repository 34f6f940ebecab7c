"""The service files that the guide shows are those of `packaging`, which have tests of their own."""

from __future__ import annotations

import configparser
import plistlib

from tests.docs.guide import ROOT, titled

PACKAGING = ROOT / "packaging"
UNIT = "~/.config/systemd/user/argo-proxy.service"
PLIST = "~/Library/LaunchAgents/gov.anl.argo-proxy.plist"


def unit(text: str) -> dict[str, dict[str, str]]:
    read = configparser.ConfigParser(interpolation=None)
    read.optionxform = str  # type: ignore[assignment]
    read.read_string(text)
    return {name: dict(section) for name, section in read.items()}


def test_the_unit_for_systemd_is_that_of_the_package() -> None:
    assert unit(titled(UNIT).code) == unit((PACKAGING / "argo-proxy.service").read_text(encoding="utf-8"))


def test_the_file_for_launchd_is_that_of_the_package() -> None:
    packaged = plistlib.loads((PACKAGING / "gov.anl.argo-proxy.plist").read_bytes())
    assert plistlib.loads(titled(PLIST).code.encode()) == packaged
