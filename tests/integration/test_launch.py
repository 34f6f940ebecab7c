"""`argo-proxy launch`, with programs in place of the agents that show what they were started with."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from argo_proxy.cli.commands import AGENTS
from tests.integration.commanding import run, write_config
from tests.integration.proxying import Proxy, proxying, settings_for

AGENT = f"""#!{sys.executable}
import json, os, sys
print(json.dumps({{"argv": sys.argv[1:], "environ": dict(os.environ), "pid": os.getpid()}}))
sys.exit(7)
"""


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A PATH with every agent on it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in AGENTS:
        (folder / name).write_text(AGENT)
        (folder / name).chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


@pytest.fixture
def config(proxy: Proxy, gateway_url: str, tmp_path: Path) -> Path:
    """The configuration of a proxy that runs."""
    return write_config(tmp_path, settings_for(gateway_url, port=proxy.port))


@pytest.fixture(scope="module")
def locked(gateway_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """A proxy that wants a key."""
    with proxying(tmp_path_factory.mktemp("locked"), gateway_url, api_keys=["first-key", "second-key"]) as running:
        yield running


def launched(done: Any) -> Any:
    """What the agent saw."""
    assert done.returncode == 7, done.stderr
    return json.loads(done.stdout)


@pytest.mark.usefixtures("config")
def test_codex_is_started_with_overrides_and_its_own_arguments_after_them(
    proxy: Proxy, path: str, tmp_path: Path
) -> None:
    done = run(tmp_path, "launch", "codex", "--", "exec", "--json", "say -- hello", PATH=path)
    seen = launched(done)
    assert f'base_url = "{proxy.url}"' in seen["argv"][1]
    assert 'model="argo:gpt-4o"' in seen["argv"]
    assert seen["argv"][-3:] == ["exec", "--json", "say -- hello"]
    assert seen["environ"]["ARGO_API_KEY"] == "any"
    assert done.stderr == (
        f"codex uses {proxy.url} with argo:gpt-4o, for this run only (ARGO_API_KEY, its own flags)\n"
    )


def test_aider_is_started_on_the_model_asked_for(proxy: Proxy, config: Path, path: str, tmp_path: Path) -> None:
    seen = launched(run(tmp_path, "launch", "aider", "--config", str(config), "-m", "argo:o3", PATH=path))
    assert seen["argv"] == ["--model", "openai/argo:o3", "--no-show-model-warnings"]
    assert seen["environ"]["OPENAI_API_BASE"] == proxy.url


@pytest.mark.usefixtures("config")
def test_opencode_is_offered_every_model_that_chats(proxy: Proxy, path: str, tmp_path: Path) -> None:
    seen = launched(run(tmp_path, "launch", "opencode", "-m", "Claude-Sonnet-4", PATH=path))
    content = json.loads(seen["environ"]["OPENCODE_CONFIG_CONTENT"])
    models = content["provider"]["argo"]["models"]
    assert content["provider"]["argo"]["options"]["baseURL"] == proxy.url
    assert content["model"] == "argo/Claude-Sonnet-4"
    assert models["argo:gpt-4o"]["limit"] == {"context": 128_000, "output": 16_384}
    assert "argo:text-embedding-3-small" not in models


@pytest.mark.usefixtures("config")
@pytest.mark.skipif(os.name != "posix", reason="elsewhere the agent is a child")
def test_the_agent_takes_the_place_of_the_command_and_nothing_is_left_behind(path: str, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    process = subprocess.Popen(
        [sys.executable, "-m", "argo_proxy", "launch", "codex"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=tmp_path,
        env={"PATH": path, "HOME": str(tmp_path)},
    )
    output, _ = process.communicate(timeout=60)
    assert json.loads(output)["pid"] == process.pid
    assert sorted(tmp_path.rglob("*")) == before


def test_a_proxy_with_keys_is_shown_the_first(locked: Proxy, path: str, gateway_url: str, tmp_path: Path) -> None:
    write_config(tmp_path, settings_for(gateway_url, port=locked.port, api_keys=["first-key", "second-key"]))
    seen = launched(run(tmp_path, "launch", "aider", PATH=path))
    assert seen["environ"]["OPENAI_API_KEY"] == "first-key"


def test_one_key_of_several_may_be_chosen(locked: Proxy, path: str, gateway_url: str, tmp_path: Path) -> None:
    write_config(tmp_path, settings_for(gateway_url, port=locked.port, api_keys=["first-key", "second-key"]))
    seen = launched(run(tmp_path, "launch", "aider", PATH=path, ARGO_API_KEY="second-key"))
    assert seen["environ"]["OPENAI_API_KEY"] == "second-key"


def test_where_keys_are_known_by_their_hashes_alone_one_has_to_be_given(
    locked: Proxy, path: str, gateway_url: str, tmp_path: Path
) -> None:
    hashes = [f"sha256:{sha256(key).hexdigest()}" for key in (b"first-key", b"second-key")]
    write_config(tmp_path, settings_for(gateway_url, port=locked.port, api_keys=hashes))
    done = run(tmp_path, "launch", "aider", PATH=path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "error: the configuration has only hashes of its keys; put yours into ARGO_API_KEY first\n"
    seen = launched(run(tmp_path, "launch", "aider", PATH=path, ARGO_API_KEY="second-key"))
    assert seen["environ"]["OPENAI_API_KEY"] == "second-key"


def test_a_key_that_is_not_the_proxys_is_told(locked: Proxy, path: str, gateway_url: str, tmp_path: Path) -> None:
    write_config(tmp_path, settings_for(gateway_url, port=locked.port, api_keys=["old-key"]))
    done = run(tmp_path, "launch", "aider", PATH=path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: this proxy needs an API key")


def test_where_names_are_passed_through_the_key_is_the_user(
    proxy: Proxy, path: str, gateway_url: str, tmp_path: Path
) -> None:
    write_config(tmp_path, settings_for(gateway_url, port=proxy.port, username_passthrough=True))
    assert launched(run(tmp_path, "launch", "aider", PATH=path))["environ"]["OPENAI_API_KEY"] == "jdoe"


def test_without_a_file_the_flags_say_where_the_proxy_is(proxy: Proxy, path: str, tmp_path: Path) -> None:
    words = ("launch", "aider", "-H", "127.0.0.1", "-p", str(proxy.port))
    assert launched(run(tmp_path, *words, PATH=path))["environ"]["OPENAI_API_BASE"] == proxy.url


@pytest.mark.usefixtures("config")
@pytest.mark.parametrize("variable", ["http_proxy", "HTTPS_PROXY"])
def test_an_http_proxy_of_the_environment_is_passed_by(variable: str, path: str, tmp_path: Path) -> None:
    lab = {variable: "http://127.0.0.1:9", "NO_PROXY": "lab.gov"}
    environ = launched(run(tmp_path, "launch", "codex", PATH=path, **lab))["environ"]
    assert environ["no_proxy"] == environ["NO_PROXY"] == "lab.gov,127.0.0.1"
    assert "no_proxy" not in launched(run(tmp_path, "launch", "codex", PATH=path))["environ"]


@pytest.mark.usefixtures("config")
@pytest.mark.parametrize("name", AGENTS)
def test_an_agent_that_is_missing_is_told_with_the_way_to_get_it(name: str, tmp_path: Path) -> None:
    done = run(tmp_path, "launch", name, PATH=str(tmp_path))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"error: {name} is not on the PATH; install it: ")


@pytest.mark.usefixtures("config")
@pytest.mark.parametrize("content", ["no program\n", "#!/nowhere/at/all\n"])
def test_an_agent_that_is_no_program_is_told(content: str, tmp_path: Path) -> None:
    agent = tmp_path / "codex"
    agent.write_text(content)
    agent.chmod(0o755)
    done = run(tmp_path, "launch", "codex", PATH=str(tmp_path))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1].startswith(f"error: {agent} cannot be started: ")


@pytest.mark.usefixtures("config")
def test_an_unknown_model_is_told_with_close_ones(path: str, tmp_path: Path) -> None:
    done = run(tmp_path, "launch", "codex", "--model", "argo:gpt-4p", PATH=path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: model 'argo:gpt-4p' is not on ARGO; did you mean argo:gpt-4")
    assert done.stderr.endswith("`argo-proxy models` lists all\n")


def test_a_proxy_that_does_not_run_is_told_with_the_way_to_start_it(
    gateway_url: str, path: str, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    config = write_config(tmp_path, settings_for(gateway_url, port=1))
    done = run(tmp_path, "launch", "codex", "--config", str(config), "-p", str(port), PATH=path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"error: no proxy listens at http://127.0.0.1:{port}; start it in another terminal:"
        f" argo-proxy {config} --port={port}\n"
    )


def test_a_stranger_on_the_port_is_not_mistaken_for_a_proxy(gateway_url: str, path: str, tmp_path: Path) -> None:
    gateway_port = int(gateway_url.rpartition(":")[2])
    write_config(tmp_path, settings_for(gateway_url, port=gateway_port))
    done = run(tmp_path, "launch", "codex", PATH=path)
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: what listens at {gateway_url} is no argo-proxy; ")


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"port": 0}, "error: the configuration names no port; "),
        ({"socket": "~/private/socket"}, "error: agents cannot use a Unix socket; "),
    ],
)
def test_what_no_agent_can_reach_is_told(
    more: dict[str, object], told: str, gateway_url: str, path: str, tmp_path: Path
) -> None:
    write_config(tmp_path, settings_for(gateway_url, **more))
    done = run(tmp_path, "launch", "codex", PATH=path)
    assert done.returncode == 1
    assert done.stderr.startswith(told)


def test_without_a_default_a_model_has_to_be_named(proxy: Proxy, gateway_url: str, path: str, tmp_path: Path) -> None:
    write_config(tmp_path, settings_for(gateway_url, port=proxy.port, default_chat_model=""))
    assert run(tmp_path, "launch", "codex", PATH=path).stderr.startswith(
        "error: the configuration has no default model"
    )
    launched(run(tmp_path, "launch", "codex", "-m", "gpt-4o", PATH=path))


def test_a_bad_configuration_is_refused(path: str, tmp_path: Path) -> None:
    write_config(tmp_path, {"port": "many"})
    assert run(tmp_path, "launch", "codex", PATH=path).returncode == 2
