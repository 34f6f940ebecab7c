"""Which store a `state_url` stands for."""

from __future__ import annotations

from pathlib import Path

import pytest

from argo_proxy.state import Limits, MemoryStore, StateError, open_store

LIMITS = Limits(1024, 60)


def test_memory_is_a_store_in_memory() -> None:
    assert isinstance(open_store("memory:", LIMITS), MemoryStore)


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("sqlite:///state.db", "here/state.db"),
        ("sqlite:///sub/state.db", "here/sub/state.db"),
        ("sqlite:///~/state.db", "home/state.db"),
        ("sqlite:///{root}/else/state.db", "else/state.db"),
    ],
)
def test_the_path_of_a_file_is_relative_absolute_or_at_home(
    url: str, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    store = open_store(url.format(root=tmp_path), LIMITS)
    monkeypatch.chdir(tmp_path)
    assert (tmp_path / place).is_file()
    store.close()


def test_a_file_that_cannot_be_used_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StateError, match=r"file/state\.db: .*`state_url`"):
        open_store(f"sqlite:///{tmp_path}/file/state.db", LIMITS)
