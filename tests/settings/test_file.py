"""Which file is found, and what becomes of the text in it, good or bad."""

import os
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_proxy.settings import SettingsError, find_config, load_config
from argo_proxy.settings.file import entries_of

PLACES = ("cwd/config.yaml", "home/.config/argoproxy/config.yaml", "home/.argoproxy/config.yaml")


def write(path: Path, content: str | bytes = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def problem_of(path: Path) -> str:
    with pytest.raises(SettingsError) as caught:
        load_config(path)
    [problem] = caught.value.problems
    return problem


@pytest.mark.parametrize("first", range(3))
def test_the_first_of_the_usual_places_is_found(tmp_path: Path, first: int) -> None:
    for place in PLACES[first:]:
        write(tmp_path / place)
    search = find_config(None, tmp_path / "cwd", tmp_path / "home")
    assert search.path == tmp_path / PLACES[first]
    assert search.warnings == ()


def test_the_places_are_known_when_there_is_no_file(tmp_path: Path) -> None:
    search = find_config(None, tmp_path / "cwd", tmp_path / "home")
    assert search.path is None
    assert search.places == tuple(tmp_path / place for place in PLACES)


def test_the_path_of_the_command_line_comes_first(tmp_path: Path) -> None:
    mine = write(tmp_path / "mine.yaml")
    write(tmp_path / PLACES[0])
    assert find_config(str(mine), tmp_path / "cwd", tmp_path / "home").path == mine


def test_a_path_that_does_not_exist_is_a_warning_then_the_usual_search(tmp_path: Path) -> None:
    usual = write(tmp_path / PLACES[0])
    search = find_config("gone.yaml", tmp_path / "cwd", tmp_path / "home")
    assert search.path == usual
    assert search.warnings == (f"gone.yaml: no such file; using {usual} instead",)


def test_a_path_that_does_not_exist_is_a_warning_though_there_is_no_other(tmp_path: Path) -> None:
    search = find_config("", tmp_path / "cwd", tmp_path / "home")
    assert search.path is None
    assert "using no file instead" in search.warnings[0]


def test_values_come_with_the_lines_of_their_keys(tmp_path: Path) -> None:
    file = load_config(write(tmp_path / "c.yaml", "\ufeff# hello\nuser: jdoe\n\nport: 0x50\nverbose: &v true\n"))
    assert {name: (entry.value, entry.line) for name, entry in file.entries.items()} == {
        "user": ("jdoe", 2),
        "port": (80, 4),
        "verbose": (True, 5),
    }
    assert file.entries["verbose"].value is True


@pytest.mark.parametrize("content", ["", "\n", "# only a comment\n", "---\n", "null\n", "{}\n"])
def test_an_empty_file_gives_nothing(tmp_path: Path, content: str) -> None:
    assert load_config(write(tmp_path / "c.yaml", content)).entries == {}


def test_a_merged_key_has_no_line(tmp_path: Path) -> None:
    file = load_config(write(tmp_path / "c.yaml", "<<: {port: 1}\nuser: jdoe\n"))
    assert (file.entries["port"].value, file.entries["port"].line) == (1, 0)


def test_an_anchor_used_twice_is_legal(tmp_path: Path) -> None:
    file = load_config(write(tmp_path / "c.yaml", "user: &a jdoe\nhost: &a localhost\n"))
    assert file.entries["host"].value == "localhost"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("user: a\nport: 1\nport: 2\n", ":3: port: given twice; keep one"),
        ("1: a\ntrue: b\n", ":2: True: the same to YAML as a key above it; put both in quotes, or remove one"),
        ("1: a\n'1': b\n", ": 1: given twice; keep one"),
        ("user: a\n\tport: 1\n", ":2: found a tab, expected spaces"),
        ("user: a: b\n", ":1: not valid YAML: mapping values are not allowed here"),
        ("user: [a\n", ":2: not valid YAML: "),
        ("user: *nobody\n", ":1: not valid YAML: found undefined alias"),
        ("user: a\n---\nuser: b\n", ":2: not valid YAML: but found another document"),
        (b"user: a\nhost: \xff\n", ":2: found a byte that is not UTF-8; save the file as UTF-8"),
        ("!!timestamp a\u2028b\n", ":1: not valid YAML: '"),
        (b"user: a\x00\n", ": not valid YAML: found a control character"),
        ("- user\n", ": found no keys, expected lines such as `user: "),
        ("just text\n", ": found no keys, expected lines such as `user: "),
        ("port: 2020-99-99\n", ": found a value that is not valid YAML; put it in quotes"),
        ("port: " + "[" * 600 + "\n", ": found values nested too deeply"),
        ("port: " + "[" * 100_000 + "\n", ": found more than 1000 brackets"),
        (b"#" * (1 << 18) + b"\n", ": found more than 262144 bytes, expected a configuration file"),
    ],
)
def test_a_file_that_is_no_configuration_is_told_by_line(tmp_path: Path, content: str | bytes, problem: str) -> None:
    path = write(tmp_path / "c.yaml", content)
    assert problem_of(path).startswith(f"{path}{problem}")


def test_aliases_that_multiply_are_refused_at_once(tmp_path: Path) -> None:
    lines = [f"{name}: &{name} [{', '.join(['*' + before] * 9)}]" for before, name in pairwise("abcdefgh")]
    path = write(tmp_path / "c.yaml", "\n".join(["user: jdoe", "a: &a [x, x, x, x, x, x, x, x, x]", *lines]))
    assert problem_of(path) == f"{path}: found more than 10000 values, expected a configuration file"


def test_aliases_that_nest_too_deeply_are_refused(tmp_path: Path) -> None:
    names = [f"n{count}" for count in range(16)]
    lines = [f"{name}: &{name} {'[' * 60}*{before}{']' * 60}" for before, name in pairwise(names)]
    path = write(tmp_path / "c.yaml", "\n".join(["n0: &n0 x", *lines]))
    assert problem_of(path).startswith(f"{path}: found values nested too deeply")


def test_a_mapping_as_a_key_within_a_value_is_read(tmp_path: Path) -> None:
    file = load_config(write(tmp_path / "c.yaml", "api_keys: {{a: b}: c}\n"))
    assert file.entries["api_keys"].line == 1


def test_a_key_given_twice_does_not_show_its_values(tmp_path: Path) -> None:
    assert "hidden" not in problem_of(write(tmp_path / "c.yaml", "api_keys: hidden1\napi_keys: hidden2\n"))


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    assert problem_of(tmp_path) == f"{tmp_path}: found a directory, expected a YAML file"


@pytest.mark.skipif(not os.path.exists("/dev/fd"), reason="pipes with a name")
def test_a_named_pipe_is_not_waited_for_and_one_of_a_shell_is_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "c.yaml")
    assert problem_of(tmp_path / "c.yaml").startswith(f"{tmp_path}/c.yaml: found a named pipe, ")
    reader, writer = os.pipe()
    os.write(writer, b"user: jdoe\n")
    os.close(writer)
    try:
        assert load_config(Path(f"/dev/fd/{reader}")).entries["user"].value == "jdoe"
    finally:
        os.close(reader)


def test_a_file_that_has_vanished_is_told(tmp_path: Path) -> None:
    assert problem_of(tmp_path / "gone.yaml").endswith("gone.yaml: cannot be read: No such file or directory")


@pytest.mark.skipif(os.name != "posix", reason="mode bits")
@pytest.mark.parametrize(("mode", "exposed"), [(0o600, False), (0o640, True), (0o604, True)])
def test_a_file_that_others_can_read_is_noticed(tmp_path: Path, mode: int, exposed: bool) -> None:
    path = write(tmp_path / "c.yaml")
    path.chmod(mode)
    assert load_config(path).exposed is exposed


@given(st.text(alphabet=st.sampled_from("ab:-[]{}&*!|>'\"%@`#,? \n\t019.~<=_\\e\x1bé"), max_size=40))
def test_no_text_makes_anything_but_entries_or_a_settings_error(content: str) -> None:
    assert all(line.isprintable() for line in names_or_problems(content))


def names_or_problems(content: str) -> tuple[str, ...]:
    try:
        return tuple(entries_of("c.yaml", content))
    except SettingsError as error:
        return error.problems


def test_values_are_of_pythons_own_types(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("port: 0\nuser: 'quoted'\nkeep_alive_s: 1.50\nresolve_overrides:\n  host: 127.0.0.1\n")
    entries = load_config(path).entries
    assert [type(entries[name].value) for name in ("port", "user", "keep_alive_s", "resolve_overrides")] == [
        int,
        str,
        float,
        dict,
    ]
