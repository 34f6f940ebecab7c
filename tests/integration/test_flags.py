"""Every flag does what it says, on a terminal and off it."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from argo_proxy.settings.table import keys
from tests.integration.screen import on_screen, on_shell, write_config

NOWHERE = "http://127.0.0.1:9"
LINES: list[dict[str, tuple[str, object]]] = [
    {
        "--host 127.0.0.2": ("host", "127.0.0.2"),
        "--port 8123": ("port", 8123),
        "--user mine": ("user", "mine"),
        "--verbose": ("verbose", True),
        "--log-format json": ("log_format", "json"),
        "--real-stream": ("real_stream", True),
        "--tool-prompting": ("tool_prompting", True),
        "--username-passthrough": ("username_passthrough", True),
    },
    {
        "-H ::1": ("host", "::1"),
        "-p 8123": ("port", 8123),
        "-u mine": ("user", "mine"),
        "-v": ("verbose", True),
        "-rs": ("real_stream", True),
    },
    {"--quiet": ("verbose", False), "--pseudo-stream": ("real_stream", False)},
    {"-q": ("verbose", False), "-ps": ("real_stream", False)},
]
"""Command lines, by their flags: the key that each sets, and to what."""


@pytest.fixture
def config(tmp_path: Path, gateway_url: str) -> Path:
    return write_config(tmp_path, gateway_url)


def shown(folder: Path, *flags: str, **environ: str) -> dict[str, object]:
    """The settings that `--show` prints."""
    environ = {"ARGO_PROXY_SKIP_URL_VALIDATION": "1", **environ}
    with on_shell(folder, f"argo-proxy --show --validate {' '.join(flags)} > shown.yaml", environ) as screen:
        code, rest = screen.ends()
    assert code == 0, rest
    return YAML(typ="safe").load((folder / "shown.yaml").read_text())


@pytest.mark.usefixtures("config")
@pytest.mark.parametrize("line", LINES, ids=" ".join)
def test_a_flag_beats_the_environment_and_the_file(tmp_path: Path, line: dict[str, tuple[str, object]]) -> None:
    wanted = dict(line.values())
    otherwise = {key.upper(): "no" if wanted[key] else "yes" for key in ("verbose", "real_stream")}
    settings = shown(tmp_path, *line, PORT="8999", **otherwise)
    assert {key: settings[key] for key in wanted} == wanted


def test_validate_tries_argo_and_says_so(tmp_path: Path, config: Path) -> None:
    with on_screen(tmp_path, "--validate") as screen:
        code, rest = screen.ends()
    assert code == 0
    assert rest.count("  ok  ") == 4
    assert rest.endswith(f"{config.name} is valid\r\n")


@pytest.mark.parametrize("flag", ["--validate", "-vv"])
def test_validate_ends_with_2_where_argo_is_out_of_reach_and_asks_nothing(tmp_path: Path, flag: str) -> None:
    write_config(tmp_path, NOWHERE)
    with on_screen(tmp_path, flag) as screen:
        code, rest = screen.ends()
    assert code == 2
    assert "cannot connect to 127.0.0.1:9: connection refused" in rest
    assert "error: config.yaml: the values are good, but not all of ARGO can be reached" in rest
    assert "[Y/n]" not in rest


def test_validate_needs_no_terminal(tmp_path: Path, config: Path) -> None:
    with on_shell(tmp_path, "argo-proxy --validate < /dev/null > out 2> err", {}) as screen:
        assert screen.ends() == (0, "")
    assert (tmp_path / "out").read_text() == f"{config.name} is valid\n"
    assert "\x1b" not in (tmp_path / "err").read_text()


def test_validate_without_a_file_asks_nothing_either(tmp_path: Path) -> None:
    with on_screen(tmp_path, "--validate") as screen:
        code, rest = screen.ends()
    assert (code, "[Y/n]" in rest) == (2, False)


def test_every_flag_of_every_key_is_tried_here() -> None:
    tried = {words.partition(" ")[0]: key for line in LINES for words, (key, _) in line.items()}
    assert tried == {flag: name for name, key in keys().items() for flag in (*key.flags, *key.off_flags)}
