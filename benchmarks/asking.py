"""One request after the other, each answer judged."""

from __future__ import annotations

import http.client

from benchmarks.questions import Question

LIMIT_S = 60.0


def ask(port: int, question: Question) -> bytes:
    """The right answer, or the end of everything."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT_S)
    try:
        return ask_on(connection, question)
    finally:
        connection.close()


def ask_on(connection: http.client.HTTPConnection, question: Question) -> bytes:
    headers = {"Content-Type": "application/json", "Authorization": "Bearer sk-test"}
    connection.request("POST", question.path, question.body, headers)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200 or not question.accepts(body):
        raise SystemExit(f"a wrong answer, {answer.status}, at {question.path} on {connection.port}: {body[:500]!r}")
    return body
