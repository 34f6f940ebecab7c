"""How the words of the command line are read."""

import pytest

from argo_proxy.cli.commands import COMMANDS, Demo
from argo_proxy.cli.parser import Options, parse
from argo_proxy.settings.table import keys

OWN_FLAGS = ("--edit", "-e", "--validate", "-vv", "--show", "-s", "--version", "-V", "--help", "-h")


def options(*argv: str) -> Options:
    parsed = parse(argv)
    assert isinstance(parsed, Options)
    return parsed


def refused(*argv: str) -> bool:
    with pytest.raises(SystemExit) as caught:
        parse(argv)
    return caught.value.code == 2


@pytest.mark.parametrize(
    ("argv", "flags"),
    [
        (["--host", "::1"], {"host": "::1"}),
        (["-H", "::1"], {"host": "::1"}),
        (["--port", "80"], {"port": "80"}),
        (["--port=80"], {"port": "80"}),
        (["-p", "80"], {"port": "80"}),
        (["-p80"], {"port": "80"}),
        (["--verbose"], {"verbose": True}),
        (["-v"], {"verbose": True}),
        (["--quiet"], {"verbose": False}),
        (["-q"], {"verbose": False}),
        (["--tool-prompting"], {"tool_prompting": True}),
        (["--real-stream"], {"real_stream": True}),
        (["-rs"], {"real_stream": True}),
        (["--pseudo-stream"], {"real_stream": False}),
        (["-ps"], {"real_stream": False}),
        (["-ps", "-p", "s"], {"real_stream": False, "port": "s"}),
        (["--username-passthrough"], {"username_passthrough": True}),
        (["--user", "jdoe"], {"user": "jdoe"}),
        (["-u", "demo"], {"user": "demo"}),
        (["--log-format", "json"], {"log_format": "json"}),
    ],
)
def test_a_flag_gives_the_raw_value_of_its_key_and_nothing_else(argv: list[str], flags: dict[str, str | bool]) -> None:
    assert options(*argv) == Options(config=None, flags=flags, show=False, validate=False)


def test_no_words_give_nothing() -> None:
    assert options() == Options(config=None, flags={}, show=False, validate=False)


def test_double_v_means_validate_and_not_twice_verbose() -> None:
    assert options("-vv") == Options(config=None, flags={}, show=False, validate=True)
    assert options("--validate", "-v").flags == {"verbose": True}


@pytest.mark.parametrize("flag", ["--show", "-s"])
def test_show_goes_with_validate_and_a_file(flag: str) -> None:
    assert options("-vv", flag, "my.yaml") == Options(config="my.yaml", flags={}, show=True, validate=True)


def test_short_flags_can_be_joined() -> None:
    assert options("-sq") == Options(config=None, flags={"verbose": False}, show=True, validate=False)


@pytest.mark.parametrize(
    "argv",
    [
        ["--no-such-flag"],
        ["--verb"],
        ["-vvs"],
        ["-svv"],
        ["-vvv"],
        ["-x"],
        ["one.yaml", "two.yaml"],
        ["-v", "-q"],
        ["-rs", "-ps"],
        ["--port"],
        ["demo", "--port", "80"],
        ["demo", "now"],
        ["--quiet", "demo"],
        ["--port", "80", "models"],
    ],
)
def test_what_is_not_understood_is_refused_with_the_usage(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(*argv)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("usage: argo-proxy")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_file_named_like_a_command_is_given_as_a_path(name: str) -> None:
    assert options(f"./{name}").config == f"./{name}"


def test_a_command_comes_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert parse(["demo"]) == Demo()
    assert refused("-q", "models")
    assert "the command comes first: argo-proxy models ..; " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["--show"], Options(None, {}, show=True)),
        (["-s"], Options(None, {}, show=True)),
        (["--validate"], Options(None, {}, validate=True)),
        (["--edit"], Options(None, {}, edit=True)),
        (["-e", "my.yaml"], Options("my.yaml", {}, edit=True)),
        (["--version"], Options(None, {}, version=True)),
        (["-V"], Options(None, {}, version=True)),
    ],
)
def test_a_flag_that_is_no_setting_says_what_is_wanted(argv: list[str], expected: Options) -> None:
    assert parse(argv) == expected


def test_the_help_tells_of_every_flag_and_of_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["--help"])
    told = capsys.readouterr().out
    flags = [flag for key in keys().values() for flag in (*key.flags, *key.off_flags)]
    expected = [*flags, *OWN_FLAGS, *(f"argo-proxy {name} " for name in COMMANDS)]
    assert [words for words in expected if words not in told] == []
