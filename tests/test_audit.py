"""The audit needs the network; what it does without is all that can be tested here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

UV = Path(sys.executable).parent / "uv"
AUDIT = Path(__file__).parent / "audit.py"


@pytest.mark.skipif(not UV.exists(), reason="uv is where the tools are")
def test_without_a_network_the_audit_says_so_and_is_no_failure() -> None:
    nowhere = {"https_proxy": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9", "no_proxy": "", "NO_PROXY": ""}
    done = subprocess.run(
        [sys.executable, str(AUDIT)], capture_output=True, text=True, check=False, env={**os.environ, **nowhere}
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.startswith("audit: left out, for PyPI's list of vulnerabilities cannot be read (")
