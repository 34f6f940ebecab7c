"""What the users' guide shows for LlamaIndex."""

from __future__ import annotations

import pytest

from tests.docs.guide import Block, blocks
from tests.integration.proxying import Proxy


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.parametrize("block", blocks("python", "clients/llama-index.md"), ids=str)
def test_a_block_runs_as_it_is(block: Block, proxy: Proxy, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(block.at(proxy.port), str(block), "exec"), {"__name__": "__main__"})
    assert capsys.readouterr().out.strip().startswith(("You said: Say hello to the lab.", "1536"))
