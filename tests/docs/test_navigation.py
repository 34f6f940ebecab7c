from pathlib import Path

from publishing.navigation import expanded


def test_a_folder_stands_for_its_pages_that_are_not_named(tmp_path: Path) -> None:
    for page in ("index.md", "guide/b.md", "guide/a.md", "guide/index.md", "guide/first.md"):
        (tmp_path / page).parent.mkdir(exist_ok=True)
        (tmp_path / page).touch()
    nav = expanded(
        ["index.md", {"Guide": ["guide/first.md", "guide/unwritten.md", "guide/"]}, {"None": "none/"}], tmp_path
    )
    assert nav == ["index.md", {"Guide": ["guide/first.md", "guide/index.md", "guide/a.md", "guide/b.md"]}]
