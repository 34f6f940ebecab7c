"""What an independent judge says: llm-comply holds every answer against the published schemas."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.clients.programs import run
from tests.integration.proxying import Proxy

PROGRAM = Path(sys.executable).parent / "llm-comply"
# ARGO does not tell how many tokens a model reasoned; the judge takes their absence as a hint, not as a fault.
UNTOLD = "usage.completion_tokens_details.reasoning_tokens is 0 (model may not support reasoning)"


@pytest.mark.parametrize("model", ["argo:gpt-5", "argo:gpt-4o", "argo:claude-sonnet-4", "argo:gemini-2.5-pro"])
@pytest.mark.parametrize("form", ["openai-chat", "open-responses"])
def test_every_case_passes(strict: Proxy, tmp_path: Path, form: str, model: str) -> None:
    """Only a reasoning model is tried with all of them."""
    said = run([str(PROGRAM), "--json", "--format", form, "-u", strict.url, "-k", "any", "-m", model], tmp_path)
    results = json.loads(said.stdout)["results"]
    assert [result for result in results if result["status"] == "failed"] == []
    skipped = [result["id"] for result in results if result["status"] == "skipped"]
    assert all("reasoning" in name for name in skipped)
    assert skipped == [] or "gpt-5" not in model
    assert {warning for result in results for warning in result.get("warnings", ())} <= {UNTOLD}
    assert said.returncode == 0
