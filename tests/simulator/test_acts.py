import msgspec
import pytest

from argo_proxy.simulator.acts import Script, read_acts


def script(raw):
    queue = Script()
    queue.append(read_acts(raw))
    return queue


def test_acts_are_used_up_in_order():
    queue = script(b'[{"text": "a", "times": 2}, {"text": "b"}]')
    taken = [queue.take("/p", b"") for _ in range(4)]
    assert [act and act.text for act in taken] == ["a", "a", "b", None]


def test_an_act_without_end_stays():
    queue = script(b'{"text": "a", "times": -1}')
    assert [queue.take("/p", b"").text for _ in range(5)] == ["a"] * 5
    assert len(queue) == 1


def test_an_act_waits_for_the_request_that_it_matches():
    queue = script(b'[{"text": "body", "match": "needle"}, {"text": "path", "match": "/embed"}]')
    assert queue.take("/chat", b"hay") is None
    assert queue.take("/embed", b"hay").text == "path"
    assert queue.take("/chat", b"a needle").text == "body"


@pytest.mark.parametrize(
    "raw",
    [
        b'{"texts": "a"}',
        b'{"calls": [{"name": "f", "args": {}}]}',
        b'{"text": "a", "body": "b"}',
        b'{"html": true, "empty": true}',
        b'{"times": 0}',
        b'{"drop": "sometime"}',
        b'{"drop": "mid_body", "stall": "mid_body"}',
        b'{"drop": "before_headers", "after_pieces": 1}',
        b'{"reset": true}',
        b'{"then": "idle_close", "drop": "mid_body"}',
        b'{"headers": {"Content-Length": "3"}}',
        b'{"pieces_base64": ["@@"]}',
        b'{"status": 99}',
        b"3",
        b"",
    ],
)
def test_an_act_that_cannot_be_meant_is_refused(raw):
    with pytest.raises(msgspec.DecodeError):
        read_acts(raw)
