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


def refuse(refusals: Refusals, body: bytes) -> None:
    for _ in range(2):
        refusals.note(URL, body, BAD)


def test_what_was_refused_twice_is_refused_again() -> None:
    refusals, _ = remembering()
    refusals.note(URL, b"body", BAD)
    assert refusals.find(URL, b"body") is None
    refusals.note(URL, b"body", BAD)
    assert refusals.find(URL, b"body") is BAD


def test_another_body_or_address_is_asked() -> None:
    refusals, _ = remembering()
    refuse(refusals, b"body")
    assert refusals.find(URL, b"bodY") is None
    assert refusals.find(OTHER, b"body") is None


def test_a_refusal_is_forgotten_in_time() -> None:
    refusals, clock = remembering()
    refuse(refusals, b"first")
    clock.now_s += REMEMBERED_S / 2
    refuse(refusals, b"second")
    clock.now_s += REMEMBERED_S / 2
    assert refusals.find(URL, b"first") is None
    assert refusals.find(URL, b"second") is BAD


def test_only_so_many_are_remembered() -> None:
    refusals, _ = remembering()
    for number in range(MAX_REMEMBERED + 1):
        refuse(refusals, b"%d" % number)
    assert refusals.find(URL, b"0") is None
    assert refusals.find(URL, b"1") is BAD


def test_what_takes_long_to_tell_apart_is_asked() -> None:
    refusals, _ = remembering()
    huge = bytes(2**20 + 1)
    refuse(refusals, huge)
    refuse(refusals, b"small")
    assert refusals.find(URL, huge) is None


def test_two_refusals_far_apart_are_one_each() -> None:
    refusals, clock = remembering()
    for _ in range(3):
        refusals.note(URL, b"body", BAD)
        assert refusals.find(URL, b"body") is None
        clock.now_s += REMEMBERED_S
        assert refusals.find(URL, b"body") is None
