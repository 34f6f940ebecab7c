from __future__ import annotations

from argo_proxy.relay.refusals import MAX_REMEMBERED, REMEMBERED_S, Refusal, Refusals

URL, OTHER = "http://argo/chat/", "http://argo/embed/"
BAD = Refusal(400, b"no")


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def remembering() -> tuple[Refusals, Clock]:
    clock = Clock()
    return Refusals(clock), clock


def test_the_same_again_is_refused_again() -> None:
    refusals, _ = remembering()
    refusals.note(URL, b"body", BAD)
    assert refusals.find(URL, b"body") is BAD


def test_another_body_or_address_is_asked() -> None:
    refusals, _ = remembering()
    refusals.note(URL, b"body", BAD)
    assert refusals.find(URL, b"bodY") is None
    assert refusals.find(OTHER, b"body") is None


def test_a_refusal_is_forgotten_in_time() -> None:
    refusals, clock = remembering()
    refusals.note(URL, b"first", BAD)
    clock.now_s += REMEMBERED_S / 2
    refusals.note(URL, b"second", BAD)
    clock.now_s += REMEMBERED_S / 2
    assert refusals.find(URL, b"first") is None
    assert refusals.find(URL, b"second") is BAD


def test_only_so_many_are_remembered() -> None:
    refusals, _ = remembering()
    for number in range(MAX_REMEMBERED + 1):
        refusals.note(URL, b"%d" % number, BAD)
    assert refusals.find(URL, b"0") is None
    assert refusals.find(URL, b"1") is BAD


def test_what_takes_long_to_tell_apart_is_asked() -> None:
    refusals, _ = remembering()
    huge = bytes(2**20 + 1)
    refusals.note(URL, huge, BAD)
    refusals.note(URL, b"small", BAD)
    assert refusals.find(URL, huge) is None
