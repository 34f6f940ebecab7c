"""What is shown of the models, and how."""

from __future__ import annotations

import re

import msgspec
import pytest

from argo_proxy.catalog.catalog import built_in
from argo_proxy.catalog.facts import load_facts
from argo_proxy.cli.models import plain_table, rounded, row, show_table, source_line

CARDS = {card.id: card for card in built_in(load_facts()).cards}


def test_a_row_tells_how_tools_reach_the_model() -> None:
    assert row(CARDS["gpt4o"], False).tools == "native"
    assert row(CARDS["gpt4o"], True).tools == "prompted"
    assert row(CARDS["gpto1mini"], False).tools == "prompted"
    assert row(CARDS["v3small"], True).tools is None


def test_an_embedding_model_neither_streams_nor_does_not() -> None:
    assert [row(CARDS[name], False).streaming for name in ("gpt4o", "gpto1mini", "v3small")] == [True, False, None]


def test_the_plain_table_has_a_line_for_each_alias() -> None:
    one = row(CARDS["gpto1"], False)
    unknown = msgspec.structs.replace(one, aliases=("argo:new",), id="new", context_tokens=None)
    assert plain_table((one, unknown)) == (
        "ALIAS        ID     PROVIDER  CONTEXT  TOOLS   STREAMS\n"
        "argo:gpt-o1  gpto1  openai    200000   native  yes\n"
        "argo:o1      gpto1  openai    200000   native  yes\n"
        "argo:new     new    openai    -        native  yes"
    )


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_the_table_for_eyes_cuts_no_name_and_fits_a_terminal_of_ordinary_width(
    columns: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    rows = tuple(row(card, False) for card in CARDS.values())
    show_table(rows)
    told = capsys.readouterr().out
    assert [alias for one in rows for alias in one.aliases if alias not in told] == []
    assert [one.id for one in rows if not re.search(rf" {one.id} ", told)] == []
    assert max(map(len, told.splitlines())) <= max(columns, 80)


@pytest.mark.parametrize(
    ("tokens", "shown"), [(None, "-"), (8191, "8k"), (128_000, "128k"), (1_000_000, "1M"), (1_048_576, "1M")]
)
def test_limits_are_rounded_for_eyes(tokens: int | None, shown: str) -> None:
    assert rounded(tokens) == shown


def test_it_says_which_list_it_is() -> None:
    assert source_line(7, None) == "7 models, as ARGO lists them now"
    assert source_line(7, "ARGO is away") == "7 models, from the built-in table: ARGO is away"
