import pytest

from argo_proxy.transforms.overlap import overlap


@pytest.mark.parametrize(
    ("text", "markers", "size"),
    [
        ("", ["END"], 0),
        ("the EN", ["END"], 2),
        ("the END", ["END"], 0),
        ("the ENE", ["END"], 1),
        ("aaaa", ["aab"], 2),
        ("aab", ["aab"], 0),
        ("abab", ["ababc", "b"], 4),
        ("xab", ["b", "abc"], 2),
        ("ab", ["abc", "bcd"], 2),
        ("EN", ["END"], 2),
        ("x", ["x"], 0),
        ("x", [], 0),
    ],
)
def test_what_may_begin_a_marker_has_to_wait(text: str, markers: list[str], size: int) -> None:
    assert overlap(text, markers) == size
