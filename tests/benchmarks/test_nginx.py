"""nginx takes the configurations that are made for it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

if shutil.which("nginx") is None:
    pytest.skip("nginx is not installed", allow_module_level=True)

from benchmarks.nginx import gateway, raw_proxy
from benchmarks.targets import free_port
from benchmarks.tls import issued


@pytest.mark.parametrize("secure", [False, True])
def test_both_roles_are_valid_with_and_without_tls(secure: bool, tmp_path: Path) -> None:
    certificate = issued(tmp_path) if secure else None
    for command in (
        raw_proxy(tmp_path, free_port(), 8001, 8002, certificate),
        gateway(tmp_path, free_port(), certificate, keeps=not secure),
    ):
        tested = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
        assert tested.returncode == 0, tested.stderr
        assert "warn" not in tested.stderr
