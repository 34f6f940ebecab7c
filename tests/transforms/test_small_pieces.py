from argo_proxy.canonical.chat import UNCOUNTED
from argo_proxy.canonical.events import ArgumentsDelta, PartEnded, ReplyFinished, ReplyStarted, TextDelta, TextStarted
from argo_proxy.transforms.small_pieces import MOST_PIECES, PIECE_CHARS, SmallPiecesStage


def test_a_long_text_is_cut_into_small_pieces() -> None:
    pieces = SmallPiecesStage().feed(TextDelta("x" * (2 * PIECE_CHARS) + "yz"))
    assert [piece.text for piece in pieces] == ["x" * PIECE_CHARS, "x" * PIECE_CHARS, "yz"]


def test_a_short_text_is_left_whole() -> None:
    assert SmallPiecesStage().feed(TextDelta("x" * PIECE_CHARS)) == (TextDelta("x" * PIECE_CHARS),)


def test_everything_else_passes() -> None:
    for event in (ReplyStarted(), TextStarted(), PartEnded(), ReplyFinished("stop", UNCOUNTED)):
        assert SmallPiecesStage().feed(event) == (event,)


def test_long_arguments_are_cut_too() -> None:
    assert SmallPiecesStage().feed(ArgumentsDelta("x" * PIECE_CHARS + "y")) == (
        ArgumentsDelta("x" * PIECE_CHARS),
        ArgumentsDelta("y"),
    )


def test_a_very_long_text_makes_no_more_pieces_only_longer_ones() -> None:
    text = "x" * (MOST_PIECES * PIECE_CHARS * 3 + 1)
    pieces = SmallPiecesStage().feed(TextDelta(text))
    assert len(pieces) <= MOST_PIECES
    assert "".join(piece.text for piece in pieces if isinstance(piece, TextDelta)) == text
