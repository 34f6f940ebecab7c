"""The first minutes: nothing is configured, and somebody sits at a terminal, or nobody does."""

from __future__ import annotations

import http.client
import re
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from argo_proxy.settings import load_config
from argo_proxy.settings.writing import sample
from tests.integration.screen import (
    CONTINUE,
    CREATE,
    CTRL_C,
    CTRL_D,
    DEADLINE_S,
    USER,
    VERBOSE,
    Screen,
    on_screen,
    on_shell,
)

NOWHERE = "http://127.0.0.1:9/argoapi"
MADE = ".config/argoproxy/config.yaml"
WRONG_NAMES = [
    ("", "found '', expected your ANL user name"),
    ("a\0b", "found 'a\\x00b', expected text"),
    ("\x1b[200~jdoe\x1b[201~", "found '\\x1b[200~jdoe\\x1b[201~', expected text"),
    ("x" * 3000, f"found '{'x' * 59}..., expected your ANL user name, at most 64 characters"),
    ("j doe", "found 'j doe', expected your ANL user name, without spaces"),
    ("cels", "found 'cels', expected your own ANL user name"),
    ("j\u00fcrgen", "found 'j\u00fcrgen', expected your ANL user name, in plain ASCII letters"),
]


@pytest.fixture
def at_home(gateway_url: str) -> dict[str, str]:
    """An environment in which the simulator is ARGO, and the proxy is for this machine alone."""
    return {"ARGO_PROXY_ARGO_BASE_URL": f"{gateway_url}/argoapi", "ARGO_PROXY_HOST": "127.0.0.1"}


def answer_all(screen: Screen) -> int:
    """Enter for everything but the name; the port."""
    screen.answers(CREATE, "")
    port = screen.is_offered_port()
    screen.types("")
    screen.answers(USER, "jdoe")
    screen.answers(VERBOSE, "")
    return port


def values(home: Path) -> dict[str, object]:
    return {name: entry.value for name, entry in load_config(home / MADE).entries.items()}


def test_four_answers_lead_to_a_proxy_that_serves(tmp_path: Path, at_home: dict[str, str]) -> None:
    with on_screen(tmp_path, **at_home) as screen:
        port = answer_all(screen)
        shown = screen.sees(f"serves http://127.0.0.1:{port}/v1 as user jdoe")
        screen.sees("Ctrl-C stops")
        assert is_healthy(port)
        screen.presses(CTRL_C)
        code, rest = screen.ends()
    assert (code, "Traceback" in rest) == (0, False)
    assert values(tmp_path) == {"user": "jdoe", "port": port, "verbose": True}
    assert [line.split()[0] for line in shown.splitlines() if "/argoapi/" in line and "failed" not in line] == [
        "ok", "ok", "ok", "ok", "argo_url:", "argo_stream_url:", "argo_embedding_url:", "argo_model_url:",
    ]  # fmt: skip
    assert f"port: {port}\r\n" in shown


def is_healthy(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE_S)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    finally:
        connection.close()


def test_the_file_is_for_its_owner_alone_and_keeps_every_comment(tmp_path: Path, at_home: dict[str, str]) -> None:
    with on_screen(tmp_path, **at_home) as screen:
        port = answer_all(screen)
        screen.sees("Ctrl-C stops")
    made = tmp_path / MADE
    assert [stat.S_IMODE(path.stat().st_mode) for path in (made, made.parent)] == [0o600, 0o700]
    assert [path.name for path in made.parent.iterdir()] == ["config.yaml"]
    changed = {"user:": "user: jdoe", "# port: 0": f"port: {port}", "# verbose: true": "verbose: true"}
    assert made.read_text().splitlines() == [changed.get(line, line) for line in sample().splitlines()]


def test_the_second_start_asks_nothing(tmp_path: Path, at_home: dict[str, str]) -> None:
    with on_screen(tmp_path, **at_home) as screen:
        port = answer_all(screen)
        screen.sees("Ctrl-C stops")
    with on_screen(tmp_path, **at_home) as screen:
        assert "?" not in screen.sees(f"serves http://127.0.0.1:{port}/v1")


def test_a_file_that_does_not_say_who_you_are_is_completed(tmp_path: Path, at_home: dict[str, str]) -> None:
    (tmp_path / "config.yaml").write_text("# mine\nport: 0  # any\nuser: ''  # put your name here\n")
    with on_screen(tmp_path, **at_home) as screen:
        assert (
            screen.sees(USER)
            == "config.yaml does not say who you are; your answer is written there (Ctrl-C leaves).\r\n"
        )
        screen.types("jdoe")
        screen.sees("as user jdoe")
    assert (tmp_path / "config.yaml").read_text() == "# mine\nport: 0  # any\nuser: 'jdoe' # put your name here\n"


def test_a_port_can_be_typed_or_another_suggested_until_one_can_be_had(tmp_path: Path, at_home: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, on_screen(tmp_path, **at_home) as screen:
        screen.answers(CREATE, "y")
        first = screen.is_offered_port()
        screen.types("n")
        second = screen.is_offered_port()
        for answer, told in (
            ("abc", "found 'abc', expected a whole number from 1 to 65535"),
            ("0", "expected a whole number from 1 to 65535"),
            (str(taken.getsockname()[1]), "another program has this port"),
        ):
            screen.types(answer)
            screen.sees(told)
            mine = screen.is_offered_port()
        screen.types(str(mine + 1))
        screen.answers(USER, "jdoe")
        screen.answers(VERBOSE, "N")
        screen.sees(f"Written to {tmp_path / MADE}")
    assert first != second
    assert (values(tmp_path)["port"], values(tmp_path)["verbose"]) == (mine + 1, False)


def test_a_port_of_the_command_line_is_the_one_that_is_suggested(tmp_path: Path, at_home: dict[str, str]) -> None:
    with on_screen(tmp_path, "--port", "18473", **at_home) as screen:
        screen.answers(CREATE, "")
        assert screen.is_offered_port() == 18473


def test_a_wrong_user_name_is_asked_for_again_with_the_reason(tmp_path: Path, at_home: dict[str, str]) -> None:
    with on_screen(tmp_path, **at_home, PYTHONUTF8="1") as screen:
        screen.answers(CREATE, "")
        screen.is_offered_port()
        screen.types("")
        for name, reason in WRONG_NAMES:
            screen.answers(USER, name)
            assert "found" not in screen.sees(reason)
        screen.answers(USER, " no ")
        screen.answers(VERBOSE, "maybe")
        screen.sees("please answer y or n")
        screen.answers(VERBOSE, "yes")
        screen.sees("Written to ")
        screen.sees("Ctrl-C stops")
    assert values(tmp_path)["user"] == "no"


def at_create(screen: Screen) -> None:
    screen.sees(CREATE)


def at_port(screen: Screen) -> None:
    screen.answers(CREATE, "")
    screen.is_offered_port()


def at_user(screen: Screen) -> None:
    at_port(screen)
    screen.types("")
    screen.sees(USER)


def at_verbose(screen: Screen) -> None:
    at_user(screen)
    screen.types("jdoe")
    screen.sees(VERBOSE)


@pytest.mark.parametrize(("key", "expected"), [(CTRL_C, 130), (CTRL_D, 1)], ids=["ctrl-c", "end-of-input"])
@pytest.mark.parametrize("reach", [at_create, at_port, at_user, at_verbose])
def test_every_question_can_be_left_and_nothing_is_written(
    tmp_path: Path, at_home: dict[str, str], reach: Callable[[Screen], None], key: str, expected: int
) -> None:
    with on_screen(tmp_path, **at_home) as screen:
        reach(screen)
        screen.presses(key)
        code, rest = screen.ends()
    assert (code, "Traceback" in rest, [*tmp_path.iterdir()]) == (expected, False, [])
    assert rest.startswith("^C\r\n" if key == CTRL_C else "\r\n"), "the shell's prompt gets a line of its own"


def test_who_wants_no_file_hears_what_is_missing(tmp_path: Path, at_home: dict[str, str]) -> None:
    with on_screen(tmp_path, **at_home) as screen:
        screen.answers(CREATE, "n")
        code, rest = screen.ends()
    assert (code, [*tmp_path.iterdir()]) == (2, [])
    assert "user: missing; give `user: <your ANL user name>` in the file, ARGO_PROXY_USER, or --user" in rest


def test_without_a_way_to_argo_the_reason_is_told_and_one_may_go_on(tmp_path: Path) -> None:
    with on_screen(tmp_path, ARGO_PROXY_ARGO_BASE_URL=NOWHERE, ARGO_PROXY_HOST="127.0.0.1") as screen:
        answer_all(screen)
        shown = screen.sees(CONTINUE)
        screen.types("")
        screen.sees("Ctrl-C stops")
    assert len(re.findall(r"failed +argo_", shown)) == 4
    assert "cannot connect to 127.0.0.1:9: connection refused" in shown
    assert shown.count("cure: does the SSH tunnel run") == 1


@pytest.mark.parametrize(("answer", "expected"), [("n\n", 1), (CTRL_C, 130), (CTRL_D, 1)])
def test_or_one_may_stop_there_and_the_file_is_kept(tmp_path: Path, answer: str, expected: int) -> None:
    with on_screen(tmp_path, ARGO_PROXY_ARGO_BASE_URL=NOWHERE) as screen:
        answer_all(screen)
        screen.sees(CONTINUE)
        screen.presses(answer)
        code, rest = screen.ends()
    assert (code, "Traceback" in rest) == (expected, False)
    assert values(tmp_path)["user"] == "jdoe"


@pytest.mark.parametrize("term", ["xterm", "dumb"])
def test_ctrl_c_ends_a_check_that_hangs(tmp_path: Path, term: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        base = f"http://127.0.0.1:{silent.getsockname()[1]}/argoapi"
        with on_screen(tmp_path, ARGO_PROXY_ARGO_BASE_URL=base, TERM=term) as screen:
            answer_all(screen)
            screen.sees("Checking the URLs of ARGO: 0 of 4")
            screen.presses(CTRL_C)
            code, rest = screen.ends()
    assert (code, "Traceback" in rest) == (130, False)


def test_the_check_can_be_left_out(tmp_path: Path) -> None:
    environ = {"ARGO_PROXY_ARGO_BASE_URL": NOWHERE, "ARGO_PROXY_SKIP_URL_VALIDATION": "true"}
    with on_screen(tmp_path, ARGO_PROXY_HOST="127.0.0.1", **environ) as screen:
        answer_all(screen)
        assert "ARGO's URLs" not in screen.sees("Ctrl-C stops")


def test_a_home_that_cannot_be_written_to_is_told(tmp_path: Path, at_home: dict[str, str]) -> None:
    (tmp_path / ".config").write_text("a file, where a folder has to be")
    with on_screen(tmp_path, **at_home) as screen:
        port = answer_all(screen)
        code, rest = screen.ends()
    assert (code, "Traceback" in rest) == (1, False)
    assert f"error: {tmp_path / MADE}: cannot be written: " in rest
    assert rest.endswith(f"; it needs no file: argo-proxy --user jdoe --port {port}\r\n")


def test_what_is_wrong_elsewhere_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    with on_screen(tmp_path, "--host", "a b") as screen:
        code, rest = screen.ends()
    assert code == 2
    assert "command line: --host: found 'a b'" in rest
    assert "?" not in rest


def test_a_host_that_is_not_here_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    with on_screen(tmp_path, "--host", "192.0.2.1") as screen:
        code, rest = screen.ends()
    assert code == 1
    assert "this machine has no such address" in rest
    assert "?" not in rest


def test_a_job_in_the_background_asks_nothing_and_is_not_stopped(tmp_path: Path, at_home: dict[str, str]) -> None:
    with on_shell(tmp_path, "set -m; argo-proxy & wait $!", at_home) as screen:
        code, rest = screen.ends()
    assert code == 2
    assert "user: missing" in rest


def test_the_questions_leave_stdout_to_results(tmp_path: Path, at_home: dict[str, str]) -> None:
    with on_shell(tmp_path, "argo-proxy --show > shown.yaml", at_home) as screen:
        answer_all(screen)
        screen.sees("Ctrl-C stops")
    assert (tmp_path / "shown.yaml").read_text().startswith(f"# {tmp_path / MADE}\nuser: jdoe\n")


@pytest.mark.parametrize("redirected", ["< /dev/null", "> out 2> err"])
def test_where_nobody_could_answer_nothing_is_asked(tmp_path: Path, at_home: dict[str, str], redirected: str) -> None:
    with on_shell(tmp_path, f"argo-proxy {redirected}", at_home) as screen:
        code, rest = screen.ends()
    told = rest + "".join(path.read_text() for path in tmp_path.glob("err"))
    assert code == 2
    assert "no configuration found; looked for config.yaml, " in told
    assert "user: missing" in told
    assert "Would you like" not in told
