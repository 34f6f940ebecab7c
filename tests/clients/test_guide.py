"""What the users' guide shows for clients that the other tests do not have: OpenAI's agents, and those for Node."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clients.programs import NODE_FOLDER, Node, run
from tests.docs.guide import Block, blocks
from tests.integration.proxying import Proxy
from tests.simulator.running import Gateway

WEATHER: dict[str, object] = {"calls": [{"name": "weather", "arguments": {"city": "Oslo"}}]}


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.parametrize("block", blocks("python", "clients/openai-agents.md"), ids=str)
def test_an_agent(block: Block, proxy: Proxy, gateway: Gateway, capsys: pytest.CaptureFixture[str]) -> None:
    gateway.script(WEATHER)
    exec(compile(block.at(proxy.port), str(block), "exec"), {"__name__": "__main__"})
    assert capsys.readouterr().out == "The tool said: It is cold in Oslo.\n"


@pytest.mark.parametrize("block", blocks("js", titled=True), ids=str)
def test_a_script_for_node(block: Block, node: Node, proxy: Proxy, tmp_path: Path) -> None:
    """Beside the packages: Node looks for them where the script is."""
    script = tmp_path / block.title
    script.write_text(block.at(proxy.port), encoding="utf-8")
    (tmp_path / "node_modules").symlink_to(NODE_FOLDER / "node_modules")
    said = run([node.path, str(script)], tmp_path)
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.startswith("You said: Say hello to the lab.\n")
