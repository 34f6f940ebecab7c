"""A new configuration file is the sample with the answers in it, and is there whole or not at all."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_proxy.settings import Settings, load_config, resolve
from argo_proxy.settings.rendering import as_text
from argo_proxy.settings.writing import Unwritable, filled_in, sample, store, values_of, with_value

on_posix = pytest.mark.skipif(os.name != "posix", reason="mode bits")


@pytest.mark.parametrize("user", ["jdoe", "no", "null", "123", "1e3", "a:b", "#x", "'", '"', "\\1", "~"])
def test_an_answer_is_read_as_it_was_given(tmp_path: Path, user: str) -> None:
    store(tmp_path / "c.yaml", filled_in({"user": user, "port": 8080, "verbose": False}))
    settings, warnings = resolve({}, {}, load_config(tmp_path / "c.yaml"))
    assert (settings, warnings) == (Settings(user=user, port=8080, verbose=False), ())


def test_a_value_stands_where_the_sample_tells_of_its_key() -> None:
    lines = filled_in({"host": "127.0.0.1"}).splitlines()
    assert lines == [line.replace("# host: 0.0.0.0", "host: 127.0.0.1") for line in sample().splitlines()]


@on_posix
def test_only_the_owner_can_read_it_or_enter_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "config.yaml"
    store(path, "user: jdoe\n")
    assert [stat.S_IMODE(one.stat().st_mode) for one in (path, path.parent)] == [0o600, 0o700]
    assert not load_config(path).exposed


def test_an_older_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    store(path, "user: a\n" * 100)
    store(path, "user: b\n")
    assert path.read_text() == "user: b\n"
    assert [*tmp_path.iterdir()] == [path]


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.mkdir()
    with pytest.raises(Unwritable, match=r"config\.yaml: cannot be written: "):
        store(path, "user: a\n")
    assert [*tmp_path.iterdir()] == [path]


@on_posix
def test_a_pipe_or_a_device_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    os.mkfifo(path)
    with pytest.raises(Unwritable, match="it is no file"):
        store(path, "user: a\n")
    assert path.is_fifo()


def test_what_breaks_off_leaves_the_older_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    store(path, "user: a\n")
    with pytest.raises(UnicodeEncodeError):
        store(path, "user: b\n" * 10_000 + "\ud800")
    assert path.read_text() == "user: a\n"
    assert [*tmp_path.iterdir()] == [path]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('# a\nuser: ""   # you\nx:\n  - 1\n# b\n', '# a\nuser: "123" # you\nx:\n  - 1\n# b\n'),
        ("port: 1\nuser:\nx:\n- 1\n", "port: 1\nuser: '123'\nx:\n- 1\n"),
        ("# a\n\nport: 1\n# b\n", "# a\n\nuser: '123'\nport: 1\n# b\n"),
        (f"{'x: ' + 'y' * 200}\nuser:\n", f"{'x: ' + 'y' * 200}\nuser: '123'\n"),
        ('{"port": 5, "x": [1, 2]}\n', '{user: \'123\', "port": 5, "x": [1, 2]}\n'),
        ("# a\n---\nport: 1\n", "# a\n---\nuser: '123'\nport: 1\n"),
        ("# only a comment\n", "# only a comment\nuser: '123'\n"),
        ("", "user: '123'\n"),
        ("# nothing\n---\n...\n", "# nothing\nuser: '123'\n"),
        ("# nothing\nnull\n\n# more\n", "# nothing\n\n# more\nuser: '123'\n"),
        ("# a\n--- # b\nport: 1\n", "# a\n--- # b\nuser: '123'\nport: 1\n"),
        ("a: &x 1\nb: &x 2\n", "user: '123'\na: &x 1\nb: &x 2\n"),
        (sample(), sample().replace("user:\n", "user: '123'\n")),
    ],
)
def test_a_value_in_an_older_file_leaves_the_rest_as_it_is(before: str, after: str) -> None:
    assert with_value(before, "user", "123") == after


@pytest.mark.parametrize("text", ["- a\n", "x: *nobody\n", "a: 1\n---\nb: 2\n", "x: [\n"])
def test_a_file_that_cannot_be_changed_is_left_to_its_owner(text: str) -> None:
    with pytest.raises(Unwritable, match=r"write this line into it yourself: user: '123'$"):
        with_value(text, "user", "123")


@given(st.text(alphabet=st.sampled_from("ab:-[]{}&*!|>'\"%@`#,? \n\t019.~<=_\\\ré"), max_size=40))
def test_of_any_text_with_a_value_all_else_stays(text: str) -> None:
    with suppress(Unwritable):
        after = with_value(text, "user", "me")
        assert values_of(after) == {**values_of(text), "user": "me"}


@on_posix
def test_an_older_file_keeps_its_mode_and_a_link_to_it_stays_one(tmp_path: Path) -> None:
    path, link = tmp_path / "dotfiles.yaml", tmp_path / "config.yaml"
    path.write_text("user: a\n")
    path.chmod(0o640)
    link.symlink_to(path)
    store(link, "user: b\n")
    assert (link.is_symlink(), path.read_text(), stat.S_IMODE(path.stat().st_mode)) == (True, "user: b\n", 0o640)


def test_a_long_value_stays_on_its_line() -> None:
    assert as_text({"argo_url": "http://h/" + "a" * 200}) == f"argo_url: http://h/{'a' * 200}\n"
