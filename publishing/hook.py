"""What MkDocs is told beyond mkdocs.yml: folders in the navigation, and links to files outside docs/.

A page may link to any file of the repository, as on a code host. The site gets a copy of each, so that it is whole
without the repository: a page of text as a page, all else as it is.
"""

from __future__ import annotations

from pathlib import Path
from typing import cast

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

from publishing.navigation import Entry, expanded
from publishing.outside import ROOT, linked_files, place_of, relinked


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    config.nav = expanded(cast("list[Entry]", config.nav or []), Path(config.docs_dir))
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    for path in linked_files():
        copy = File.generated(
            config, place_of(path), abs_src_path=str(ROOT / path), inclusion=InclusionLevel.NOT_IN_NAV
        )
        files.append(copy)
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    del config, files
    return relinked(markdown, page.file.src_uri)
