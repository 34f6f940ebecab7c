from __future__ import annotations

import asyncio
import io
import json
import logging
import re

import pytest

from argo_proxy.telemetry.request_log import RequestLog, set_up_logging
from argo_proxy.telemetry.request_record import RequestRecord


def record(**more: object) -> RequestRecord:
    known = RequestRecord("req_1", "POST", "/v1/x")
    for name, value in ({"status": 200, "ms": 12.34, "own_ms": 1.26} | more).items():
        setattr(known, name, value)
    return known


def logged(*records: RequestRecord, verbose: bool = True, as_json: bool = False) -> str:
    async def scene() -> str:
        stream = io.StringIO()
        log = RequestLog(stream, verbose=verbose, as_json=as_json)
        for one in records:
            log.write(one)
        log.flush()
        return stream.getvalue()

    return asyncio.run(scene())


FULL = {"model": "argo:gpt-4o", "family": "openai", "streamed": True, "input_tokens": 3, "output_tokens": 4}


def test_a_line_for_people_tells_it_all() -> None:
    line = logged(record(**FULL, error="bad_answer"))
    assert re.fullmatch(
        r"\d\d:\d\d:\d\d +req_1 +POST +/v1/x +200 +argo:gpt-4o \(openai, streamed\) +12 ms, 1\.3 own +"
        r"3 \+ 4 tokens +\[bad_answer\]\n",
        line,
    )


def test_the_name_of_the_key_that_was_shown_is_told() -> None:
    assert " 200  by alice  " in logged(record(key="alice"))
    assert json.loads(logged(record(key="alice"), as_json=True))["key"] == "alice"


def test_what_is_not_known_is_left_out() -> None:
    assert re.fullmatch(r"\d\d:\d\d:\d\d +req_1 +POST +/v1/x +200 +12 ms, 1\.3 own\n", logged(record()))


def test_a_line_for_machines_is_json_with_every_field() -> None:
    line = json.loads(logged(record(**FULL), as_json=True))
    assert line.keys() >= {"time", "level", *record().fields()}
    assert (line["status"], line["model"], line["error"]) == (200, "argo:gpt-4o", None)


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("text", ["a\nb", "a\r\nb", "\x1b[31m", "\x00", "\u2028", "\u202e", "\x85"])
def test_no_path_or_model_can_forge_a_line(text: str, as_json: bool) -> None:
    told = logged(record(path=text, model=text), as_json=as_json)
    assert told.count("\n") == 1
    assert told.endswith("\n")
    assert as_json or told.rstrip("\n").isprintable()


@pytest.mark.parametrize("as_json", [False, True])
def test_no_path_or_model_can_fill_the_log(as_json: bool) -> None:
    assert len(logged(record(path="x" * 10_000, model="y" * 10_000), as_json=as_json)) < 1000


@pytest.mark.parametrize(("status", "told"), [(200, False), (404, False), (499, False), (500, True), (503, True)])
def test_quiet_tells_only_of_failures_that_are_not_the_clients(status: int, told: bool) -> None:
    assert bool(logged(record(status=status), verbose=False)) is told
    assert logged(record(status=status), verbose=True)


def test_lines_are_written_soon_without_being_asked_for_and_in_order() -> None:
    async def scene() -> str:
        stream = io.StringIO()
        log = RequestLog(stream, verbose=True, as_json=True)
        for number in range(3):
            log.write(record(id=f"req_{number}"))
        deadline_s = asyncio.get_running_loop().time() + 5
        while not stream.getvalue():
            assert asyncio.get_running_loop().time() < deadline_s
            await asyncio.sleep(0)
        return stream.getvalue()

    assert [json.loads(line)["id"] for line in asyncio.run(scene()).splitlines()] == ["req_0", "req_1", "req_2"]


def test_a_stream_that_was_closed_stops_nothing() -> None:
    async def scene() -> None:
        stream = io.StringIO()
        log = RequestLog(stream, verbose=True, as_json=False)
        log.write(record())
        stream.close()
        log.flush()
        log.write(record())
        log.flush()

    asyncio.run(scene())


def test_other_messages_come_in_the_same_forms(logger: logging.Logger, capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging(verbose=False, log_format="human")
    logger.info("for information")
    logger.warning("be %s", "warned")
    assert re.fullmatch(r"\d\d:\d\d:\d\d warning: be warned\n", capsys.readouterr().err)
    set_up_logging(verbose=True, log_format="json")
    logger.info("for %s", "information")
    line = json.loads(capsys.readouterr().err)
    assert (line["level"], line["message"]) == ("info", "for information")


def with_bodies(request: bytes, answer: bytes, *, as_json: bool) -> str:
    async def scene() -> str:
        stream = io.StringIO()
        log = RequestLog(stream, verbose=True, as_json=as_json, with_bodies=True, keys=["key-of-the-lab"])
        heard = log.overhear(b"a-key-that-was-shown")
        heard.ask(request)
        heard.tell(answer)
        log.write(record(), heard)
        log.flush()
        return stream.getvalue()

    return asyncio.run(scene())


def test_bodies_stand_below_their_line_and_the_lines_of_a_text_are_lines() -> None:
    told = with_bodies(b'{"content": "one\\ntwo \\\\n \\t"}', b"three\nfour", as_json=False)
    assert told.splitlines()[1:] == [
        '    > {"content": "one',
        '    > two \\\\n \\t"}',
        "    < three",
        "    < four",
    ]


def test_bodies_are_fields_for_machines() -> None:
    line = json.loads(with_bodies(b'{"content": "one\\ntwo"}', b"three\nfour", as_json=True))
    assert (line["request"], line["answer"]) == ('{"content": "one\\ntwo"}', "three\nfour")
    assert line.keys().isdisjoint(json.loads(logged(record(), as_json=True)).keys() - line.keys())


def test_a_body_that_nobody_read_is_left_out() -> None:
    async def scene(*, as_json: bool) -> str:
        stream = io.StringIO()
        log = RequestLog(stream, verbose=True, as_json=as_json, with_bodies=True)
        log.write(record(), log.overhear(None))
        log.flush()
        return stream.getvalue()

    assert asyncio.run(scene(as_json=False)).count("\n") == 1
    line = json.loads(asyncio.run(scene(as_json=True)))
    assert (line["request"], line["answer"]) == (None, None)


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize(
    "text", ["a\nb", "a\r\nb", "\x1b[31m", "\x00", "\u2028", "\u202e", "\x85", "\x9b", "\x7f", "\v"]
)
def test_no_body_can_forge_a_line_or_drive_a_terminal(text: str, as_json: bool) -> None:
    forged = f"{text}12:00:00 req_2  POST  /v1/x  200"
    quoted = json.dumps({"a": forged}, ensure_ascii=False)
    told = with_bodies(quoted.encode(), forged.encode(), as_json=as_json) + with_bodies(
        json.dumps({"a": forged}).encode(), quoted.encode(), as_json=as_json
    )
    assert told.replace("\n", "").isprintable()
    if as_json:
        assert [json.loads(line)["id"] for line in told.splitlines()] == ["req_1", "req_1"]
    else:
        assert all(line.startswith(("    > ", "    < ")) or " req_1  " in line for line in told.split("\n") if line)


@pytest.mark.parametrize("as_json", [False, True])
def test_neither_a_known_key_nor_the_one_that_was_shown_is_in_a_body(as_json: bool) -> None:
    told = with_bodies(b'["a-key-that-was-shown"]', b'["key-of-the-lab"]', as_json=as_json)
    assert told.count("<hidden>") == 2
    assert "key-" not in told


class Pipe(io.StringIO):
    """Remembers what was written at once."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[str] = []

    def write(self, text: str) -> int:
        self.writes.append(text)
        return super().write(text)


@pytest.mark.parametrize("letter", ["é", "\U0001f600", "\x1b"])
def test_whole_lines_are_written_at_once_whoever_else_writes_there(letter: str) -> None:
    async def scene() -> Pipe:
        pipe = Pipe()
        log = RequestLog(pipe, verbose=True, as_json=False, with_bodies=True)
        for _ in range(3):
            heard = log.overhear(None)
            heard.ask(json.dumps({"a": [f"{letter * 700} " * 2] * 20}, ensure_ascii=False).encode())
            for _ in range(20):
                log.write(record())
            log.write(record(), heard)
        log.flush()
        return pipe

    pipe = asyncio.run(scene())
    assert len(pipe.writes) > 3
    assert all(len(text.encode()) <= 4096 and text.endswith("\n") for text in pipe.writes)
    assert all(line.startswith("    > ") or " req_1  " in line for line in pipe.getvalue().splitlines())


def test_a_line_longer_than_can_be_written_at_once_is_written_all_the_same() -> None:
    told = with_bodies(json.dumps(["word " * 300] * 9).encode(), b"", as_json=True)
    assert len(told) > 5_000
    assert "word" in json.loads(told)["request"]
