"""The Codex command line does a piece of work by way of the proxy; the simulator plays the model's part."""

from __future__ import annotations

import json
import re
import subprocess
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tests.clients.programs import NODE_FOLDER, Node, run
from tests.integration.proxying import Proxy, chats
from tests.simulator.running import Gateway

PROGRAM = NODE_FOLDER / "node_modules" / "@openai" / "codex" / "bin" / "codex.js"
every_family = pytest.mark.parametrize("model", ["argo:gpt-4o", "argo:claude-sonnet-4", "argo:gemini-2.5-pro"])
KNOWN_TO_CODEX = "gpt-5.5"  # to which it offers other tools than to a model that it has never heard of
ADD_A_LINE = {"calls": [{"name": "exec_command", "arguments": {"cmd": "echo two >> notes.txt"}}]}
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
PATCH = "*** Begin Patch\n*** Update File: notes.txt\n@@\n one\n+two\n*** End Patch"
README = Path(__file__).parent.parent.parent / "README.md"
ADDRESS = "http://127.0.0.1:8080/v1"
ALONE = """
request_max_retries = 0
stream_max_retries = 0

[analytics]
enabled = false

[features]
plugins = false
"""
NOWHERE = "http://127.0.0.1:9"


@dataclass(frozen=True)
class Codex:
    """Codex at home in one folder, working in another; it talks to nobody but the proxy."""

    node: Node
    home: Path
    work: Path
    model: str

    def ask(self, *arguments: str) -> list[dict[str, Any]]:
        """What it tells of its work, event by event."""
        flags = ["--json", "--dangerously-bypass-approvals-and-sandbox", "-m", self.model]
        command = [self.node.path, str(PROGRAM), "exec", *flags, *arguments]
        said = run(command, self.work, HOME=str(self.home), OPENAI_API_KEY="any", HTTPS_PROXY=NOWHERE)
        return [json.loads(line) for line in said.stdout.splitlines()]

    @property
    def notes(self) -> str:
        return (self.work / "notes.txt").read_text()


Start: TypeAlias = Callable[[str], Codex]


@pytest.fixture
def codex(node: Node, proxy: Proxy, tmp_path: Path) -> Start:
    """Codex with a model of that name, and a folder with one file to work on."""
    home, work = tmp_path / "home", tmp_path / "work"
    (home / ".codex").mkdir(parents=True)
    (home / ".codex" / "config.toml").write_text(settings(proxy))
    work.mkdir()
    (work / "notes.txt").write_text("one\n")
    subprocess.run(["git", "init", "--quiet", str(work)], check=True)
    return partial(Codex, node, home, work)


def settings(proxy: Proxy) -> str:
    """What the README tells people to write; beside it, nobody is told of it, and nothing is tried again."""
    (told,) = re.findall(r"^```toml\n(.*?)^```", README.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return f"check_for_update_on_startup = false\n{told.replace(ADDRESS, proxy.url)}{ALONE}"


def said_by(events: list[dict[str, Any]]) -> str:
    """The last thing that the agent said."""
    items = [event["item"] for event in events if event["type"] == "item.completed"]
    return next(item["text"] for item in reversed(items) if item["type"] == "agent_message")


def texts(request: dict[str, Any]) -> str:
    """Everything in the body of a request that reached the gateway."""
    return json.dumps(request["body"], ensure_ascii=False)


@every_family
def test_it_edits_a_file_with_a_command(codex: Start, gateway: Gateway, model: str) -> None:
    gateway.script(ADD_A_LINE, {"text": "I added a line."})
    agent = codex(model)
    events = agent.ask("Add a line to notes.txt")
    assert said_by(events) == "I added a line."
    assert agent.notes == "one\ntwo\n"
    assert events[-1]["type"] == "turn.completed"
    assert events[-1]["usage"]["input_tokens"] > 1000
    assert "Process exited with code 0" in texts(chats(gateway.received())[-1])


def test_it_edits_a_file_with_a_patch_which_is_no_function(codex: Start, gateway: Gateway) -> None:
    gateway.script({"calls": [{"name": "apply_patch", "arguments": {"input": PATCH}}]}, {"text": "Patched."})
    agent = codex(KNOWN_TO_CODEX)
    assert said_by(agent.ask("Add a line to notes.txt")) == "Patched."
    assert agent.notes == "one\ntwo\n"
    assert "Success. Updated the following files" in texts(chats(gateway.received())[-1])


def test_it_searches_for_a_tool_and_uses_what_it_finds(codex: Start, gateway: Gateway) -> None:
    gateway.script(
        {"calls": [{"name": "tool_search", "arguments": {"query": "spawn an agent"}}]},
        {"calls": [{"name": "multi_agent_v1__spawn_agent", "arguments": {"message": "Look around."}}]},
        {"text": "Done.", "times": -1},
    )
    events = codex(KNOWN_TO_CODEX).ask("Let somebody else look around.")
    assert said_by(events) == "Done."
    assert "spawn_agent" in tools_used(events)


@every_family
def test_it_hands_work_to_an_agent_by_a_tool_in_a_namespace(codex: Start, gateway: Gateway, model: str) -> None:
    gateway.script(
        {"calls": [{"name": "multi_agent_v1__spawn_agent", "arguments": {"message": "Look around."}}]},
        {"text": "Done.", "times": -1},
    )
    events = codex(model).ask("Let somebody else look around.")
    assert said_by(events) == "Done."
    assert "spawn_agent" in tools_used(events)


@every_family
def test_it_takes_an_earlier_piece_of_work_up_again(codex: Start, gateway: Gateway, model: str) -> None:
    gateway.script(ADD_A_LINE, {"text": "I added a line."}, {"text": "You are welcome."})
    agent = codex(model)
    agent.ask("Add a line to notes.txt")
    assert said_by(agent.ask("resume", "--last", "Thanks.")) == "You are welcome."
    told = texts(chats(gateway.received())[-1])
    assert all(text in told for text in ("echo two >> notes.txt", "exited with code 0", "I added a line.", "Thanks."))


def test_it_sums_a_long_piece_of_work_up(codex: Start, gateway: Gateway) -> None:
    gateway.script(ADD_A_LINE, {"text": "A line was added."}, {"text": "I added a line."})
    agent = codex("argo:gpt-4o")
    events = agent.ask("-c", "model_auto_compact_token_limit=1000", "Add a line to notes.txt")
    assert said_by(events) == "I added a line."
    last = texts(chats(gateway.received())[-1])
    assert "A line was added." in last
    assert "echo two" not in last


def test_it_answers_in_the_form_of_a_schema(codex: Start, gateway: Gateway, tmp_path: Path) -> None:
    gateway.script({"text": '{"lines": "one"}'}, {"text": '{"lines": 1}'})
    schema = {"type": "object", "properties": {"lines": {"type": "integer"}}, "required": ["lines"]}
    (tmp_path / "schema.json").write_text(json.dumps({**schema, "additionalProperties": False}))
    events = codex("argo:gpt-4o").ask("--output-schema", str(tmp_path / "schema.json"), "How long?")
    assert json.loads(said_by(events)) == {"lines": 1}


@every_family
def test_it_shows_a_picture(codex: Start, gateway: Gateway, tmp_path: Path, model: str) -> None:
    (tmp_path / "pixel.png").write_bytes(b64decode(PIXEL))
    gateway.script({"text": "A red pixel."})
    events = codex(model).ask("-i", str(tmp_path / "pixel.png"), "--", "What is this?")
    assert said_by(events) == "A red pixel."
    assert "iVBORw0KGgo" in texts(chats(gateway.received())[-1])


@pytest.mark.parametrize(
    ("model", "act", "told"),
    [
        ("argo:gpt-4oo", {}, "did you mean argo:gpt-4o"),
        ("argo:gpt-4o", {"status": 503}, "503"),
        ("argo:gpt-4o", {"authentication_notice": True}, "user name"),
        (
            "argo:gpt-4o",
            {"pieces": ["first", "second"], "drop": "mid_body", "after_pieces": 1},
            "closed the connection in the middle",
        ),
    ],
    ids=["unknown-model", "unavailable", "unknown-user", "broken-stream"],
)
def test_what_goes_wrong_is_told(codex: Start, gateway: Gateway, model: str, act: dict[str, object], told: str) -> None:
    gateway.script(act)
    failed = codex(model).ask("hi")[-1]
    assert failed["type"] == "turn.failed"
    assert told in failed["error"]["message"]


def tools_used(events: list[dict[str, Any]]) -> set[str]:
    items = [event["item"] for event in events if event["type"] == "item.completed"]
    return {item["tool"] for item in items if item["type"] == "collab_tool_call"}
