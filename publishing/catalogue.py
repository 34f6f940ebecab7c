"""The errors of the source with what they mean, and the page's part about each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import msgspec
from msgspec import Struct
from ruamel.yaml import YAML

from publishing.error_codes import Made, every_error, of_argo

MEANINGS = Path(__file__).parent / "error_codes.yaml"
MOST_TEXTS = 4
"""Of an error that can say more than that, its own words would not help to find it."""


class Meaning(Struct, frozen=True, forbid_unknown_fields=True):
    """What an error tells, and what its reader can do."""

    means: str
    cure: str


@cache
def meanings() -> Mapping[str, Mapping[str, Meaning]]:
    """By the code, under whose fault it is."""
    loaded: object = YAML(typ="safe").load(MEANINGS)  # pyright: ignore[reportUnknownMemberType]
    return msgspec.convert(loaded, dict[str, dict[str, Meaning]])


@cache
def found() -> Mapping[str, tuple[Made, ...]]:
    """The errors of the source by their code."""
    made = sorted({*every_error(), *of_argo()})
    return {code: tuple(one for one in made if one.code == code) for code in {one.code for one in made}}


def sections() -> Iterator[str]:
    for title, group in meanings().items():
        yield f"### {title}\n"
        for code, meaning in group.items():
            yield section(code, meaning)


def section(code: str, meaning: Meaning) -> str:
    made = found()[code]
    statuses = ", ".join(str(status) for status in sorted({one.status for one in made}))
    [kind] = {one.kind for one in made}
    said = "".join(f'- "{text}"\n' for text in texts(made))
    head = f"#### `{code}`\n\nStatus {statuses}, type `{kind}`. {meaning.means}\n\n**What to do:** {meaning.cure}\n"
    return head + (f"\nIt says:\n\n{said}" if said else "")


def texts(made: tuple[Made, ...]) -> list[str]:
    told = sorted({one.text for one in made} - {""})
    return told if len(told) <= MOST_TEXTS else []
