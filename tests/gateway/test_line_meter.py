"""What a connection may bring before it is known what it is."""

from argo_proxy.gateway.line_meter import MAX_HEAD_BYTES, MAX_PARTS, LineMeter


def test_a_head_is_short_enough_up_to_its_last_byte_and_each_is_measured_anew() -> None:
    meter = LineMeter()
    assert meter.add(MAX_HEAD_BYTES - 1)
    assert meter.add(1)
    assert not meter.add(1)
    meter.begin()
    assert meter.add(MAX_HEAD_BYTES)


def test_a_line_without_end_is_too_long_however_it_is_cut_and_a_part_ends_it() -> None:
    meter = LineMeter()
    assert all(meter.keep(1024) for _ in range(MAX_HEAD_BYTES // 1024))
    assert not meter.keep(1)
    meter.parts += 1
    assert meter.keep(MAX_HEAD_BYTES + 1)
    assert meter.keep(MAX_HEAD_BYTES)


def test_a_block_of_very_many_parts_is_crowded_and_the_next_need_not_be() -> None:
    meter = LineMeter()
    meter.parts += MAX_PARTS
    meter.keep(10)
    assert not meter.crowded
    meter.parts += MAX_PARTS + 1
    meter.keep(10)
    assert meter.crowded
    meter.keep(10)
    assert not meter.crowded
