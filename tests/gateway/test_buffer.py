"""Law: what comes out is what went in, at most so much at once, and the room it takes is told."""

from hypothesis import given, settings
from hypothesis import strategies as st

from argo_proxy.gateway.buffer import PIECE_BYTES, PIECE_COST, Buffer

LAW = settings(deadline=None, derandomize=True, database=None, max_examples=60)
sizes = st.sampled_from([0, 1, 5, PIECE_BYTES - PIECE_COST, PIECE_BYTES, PIECE_BYTES + 1, 5 * PIECE_BYTES])


@LAW
@given(steps=st.lists(st.tuples(st.lists(sizes, max_size=3), st.sampled_from(["take", "take all", "wait"]))))
def test_bytes_come_out_in_the_order_in_which_they_went_in(steps: list[tuple[list[int], str]]) -> None:
    buffer, came, went = Buffer(), b"", b""
    for pieces, step in steps:
        for size in pieces:
            piece = bytes([(len(came) + at) % 251 for at in range(size)])
            came += piece
            buffer.add(piece)
        if step == "take":
            taken = buffer.take()
            assert len(taken) <= PIECE_BYTES
            assert taken or not buffer
            went += taken
        elif step == "take all":
            went += buffer.take_all()
            assert (bool(buffer), buffer.size) == (False, 0)
        assert buffer.size >= len(came) - len(went)
        assert bool(buffer) == (len(went) < len(came))
    assert went + buffer.take_all() == came
