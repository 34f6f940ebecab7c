"""`--edit` opens the right file in the right editor, and tells what is wrong with it afterwards."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.integration.screen import CREATE, CTRL_C, USER, VERBOSE, on_screen, on_shell, write_config


@pytest.fixture
def config(tmp_path: Path, gateway_url: str) -> Path:
    return write_config(tmp_path, gateway_url)


def editing(folder: Path, content: str = "") -> str:
    """An editor that writes down how it was called, and saves this."""
    script = folder / "my editor.py"
    script.write_text(
        "import pathlib, sys\n"
        f"pathlib.Path({str(folder / 'called')!r}).write_text(repr(sys.argv[1:]))\n"
        f"if {content!r}: pathlib.Path(sys.argv[-1]).write_text({content!r})\n"
    )
    return f"'{sys.executable}' '{script}' --wait"


@pytest.mark.parametrize(("flag", "variable"), [("--edit", "EDITOR"), ("-e", "VISUAL")])
def test_edit_opens_the_file_that_would_be_used_and_checks_it(
    tmp_path: Path, config: Path, flag: str, variable: str
) -> None:
    with on_screen(tmp_path, flag, **{"EDITOR": "false", variable: editing(tmp_path)}) as screen:
        assert screen.ends() == (0, f"{config.name} is valid\r\n")
    assert (tmp_path / "called").read_text() == "['--wait', 'config.yaml']"


def test_edit_tells_what_is_wrong_afterwards(tmp_path: Path, config: Path) -> None:
    with on_screen(tmp_path, "--edit", str(config), EDITOR=editing(tmp_path, "user: jdoe\nport: x\n")) as screen:
        code, rest = screen.ends()
    assert (code, rest) == (
        2,
        f"error: {config}:2: port: found 'x', expected a whole number from 0 to 65535\r\n",
    )


def test_edit_makes_a_file_first_where_there_is_none(tmp_path: Path) -> None:
    with on_screen(tmp_path, "--edit", EDITOR=editing(tmp_path)) as screen:
        screen.answers(CREATE, "")
        screen.is_offered_port()
        screen.types("")
        screen.answers(USER, "jdoe")
        screen.answers(VERBOSE, "")
        code, rest = screen.ends()
    made = tmp_path / ".config/argoproxy/config.yaml"
    assert (code, f"{made} is valid" in rest) == (0, True)
    assert (tmp_path / "called").read_text() == f"['--wait', '{made}']"


def test_what_is_missing_in_a_file_that_was_just_made_is_told_of_that_file(tmp_path: Path) -> None:
    with on_screen(tmp_path, "--edit", EDITOR=editing(tmp_path, "port: 8080\n")) as screen:
        screen.answers(CREATE, "")
        screen.is_offered_port()
        screen.types("")
        screen.answers(USER, "jdoe")
        screen.answers(VERBOSE, "")
        code, rest = screen.ends()
    assert code == 2
    assert rest.splitlines()[-1].startswith("error: user: missing; ")
    assert "no configuration found" not in rest


def test_edit_without_a_file_and_a_terminal_says_so(tmp_path: Path) -> None:
    with on_shell(tmp_path, "argo-proxy --edit < /dev/null", {"EDITOR": editing(tmp_path)}) as screen:
        code, rest = screen.ends()
    assert code == 2
    assert "there is no configuration to edit, and no terminal to ask on" in rest
    assert not (tmp_path / "called").exists()


@pytest.mark.usefixtures("config")
def test_an_editor_that_is_not_there_gives_way_to_the_usual_ones(tmp_path: Path) -> None:
    nano = tmp_path / "bin" / "nano"
    nano.parent.mkdir()
    nano.write_text('#!/bin/sh\necho "nano: $1"\n')
    nano.chmod(0o755)
    with on_screen(tmp_path, "--edit", PATH=str(nano.parent), EDITOR="emacs -nw", VISUAL="'code") as screen:
        code, rest = screen.ends()
    assert code == 0
    assert rest.splitlines() == [
        'warning: VISUAL: found "\'code", expected a command with its quotes closed',
        "warning: the editor 'emacs' is not there; trying another",
        "nano: config.yaml",
        "config.yaml is valid",
    ]


@pytest.mark.usefixtures("config")
def test_without_any_editor_it_says_what_to_do(tmp_path: Path) -> None:
    with on_screen(tmp_path, "--edit", PATH=str(tmp_path)) as screen:
        assert screen.ends() == (
            1,
            "error: no editor found; name one in EDITOR, or change config.yaml in another way\r\n",
        )


@pytest.mark.usefixtures("config")
def test_an_editor_that_fails_is_a_failure(tmp_path: Path) -> None:
    with on_screen(tmp_path, "--edit", EDITOR="false") as screen:
        code, rest = screen.ends()
    assert code == 1
    assert "has failed (1)" in rest


@pytest.mark.usefixtures("config")
def test_an_editor_that_is_no_program_is_a_failure(tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text("no program\n")
    editor.chmod(0o755)
    with on_screen(tmp_path, "--edit", EDITOR=str(editor)) as screen:
        code, rest = screen.ends()
    assert code == 1
    assert rest == (
        f"error: the editor {editor} cannot be started (Exec format error); config.yaml may be as it was\r\n"
    )


def test_a_file_whose_name_begins_with_a_dash_is_no_flag_of_the_editor(tmp_path: Path, config: Path) -> None:
    config.rename(tmp_path / "-dash.yaml")
    with on_screen(tmp_path, "--edit", "--", "-dash.yaml", EDITOR=editing(tmp_path)) as screen:
        assert screen.ends()[0] == 0
    assert (tmp_path / "called").read_text() == "['--wait', './-dash.yaml']"


def test_ctrl_c_is_for_the_editor(tmp_path: Path, config: Path) -> None:
    script = tmp_path / "editor.py"
    script.write_text("try: input('editing')\nexcept KeyboardInterrupt: print('interrupted')\ninput('still editing')\n")
    with on_screen(tmp_path, "--edit", EDITOR=f"'{sys.executable}' '{script}'") as screen:
        screen.sees("editing")
        screen.presses(CTRL_C)
        screen.answers("still editing", "")
        code, rest = screen.ends()
    assert (code, rest.strip()) == (0, f"{config.name} is valid")
