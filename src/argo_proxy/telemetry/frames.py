"""A stream of server-sent events as the log shows it: the pieces of one text in one event.

Hundreds of events that differ in a few letters cannot be read, and a key in pieces would not be known for a key.
"""

from __future__ import annotations

import re

_GROWING = re.compile(rb'"(?:content|delta|text|arguments|partial_json)":"((?:[^"\\]|\\.)*)"')
_NUMBER = re.compile(rb'"sequence_number":\d+,?')
_MARKS = (b"data: ", b"event: ", b":")
"""What a frame of a stream begins with."""
_LARGE = 4_096
"""An event as large as this stands for itself."""


class Frames:
    """`feed` whole events. Events that are the same but for their growing text are one, where the first of them was."""

    def __init__(self) -> None:
        self._texts: dict[tuple[bytes, bytes], list[bytes]] = {}
        self._size = 0
        self._last: list[bytes] = []

    @property
    def size(self) -> int:
        """How many bytes are kept."""
        return self._size

    def feed(self, data: bytes) -> None:
        """Some more of the stream. What is no event is text."""
        if not (data.startswith(_MARKS) and data.endswith(b"\n\n")):
            self._add(b"", data, b"")
            return
        for parted in map(_parted, _events(data)):
            self._add(*parted)

    def skip(self, data: bytes) -> None:
        """What is not kept. The last event without a text is: it says how the stream ended."""
        if data.startswith(_MARKS):
            self._last = [event for event in _events(data) if not _parted(event)[1]][-1:] or self._last

    def joined(self) -> bytes:
        """The events, each on a line."""
        events = [before + b"".join(texts) + after for (before, after), texts in self._texts.items()]
        return b"\n".join([*events, *self._last])

    def _add(self, before: bytes, text: bytes, after: bytes) -> None:
        texts = self._texts.setdefault((before, after), [])
        self._size += len(text) if texts else len(before) + len(text) + len(after)
        texts.append(text)


def _events(data: bytes) -> list[bytes]:
    """The data of each event; comments have none."""
    found = [frame[frame.find(b"data: ") :] for frame in data.split(b"\n\n")]
    return [event for event in found if event.startswith(b"data: ") and event != b"data: [DONE]"]


def _parted(event: bytes) -> tuple[bytes, bytes, bytes]:
    """The event around its growing text, if it has one."""
    growing = _GROWING.search(event) if len(event) < _LARGE else None
    if growing is None:
        return event, b"", b""
    start, end = growing.span(1)
    return _NUMBER.sub(b"", event[:start]), growing[1], _NUMBER.sub(b"", event[end:])
