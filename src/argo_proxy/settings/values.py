"""What ruamel.yaml has read, in Python's own types: it has subclasses of them, which not every function takes."""

from collections.abc import Iterator, Mapping
from itertools import repeat
from typing import cast

VALUES_MAX = 10_000
DEPTH_MAX = 200
SCALARS = (bool, int, float, str)


class TooManyValues(Exception):
    """There are more than VALUES_MAX: aliases (`*name`) double in each line what has only a few bytes in the file."""


def plain(value: object) -> object:
    """Raises TooManyValues, or RecursionError for values in each other, or in themselves, deeper than DEPTH_MAX."""
    return _plain(value, repeat(None, VALUES_MAX), DEPTH_MAX)


def _plain(value: object, room: Iterator[None], depth: int) -> object:
    """`room` is used up by one for each value within."""
    if next(room, TooManyValues) is TooManyValues:
        raise TooManyValues
    if depth == 0:
        raise RecursionError
    if isinstance(value, Mapping):
        return {
            _scalar(key): _plain(item, room, depth - 1) for key, item in cast("Mapping[object, object]", value).items()
        }
    if isinstance(value, list):
        return [_plain(item, room, depth - 1) for item in cast("list[object]", value)]
    return _scalar(value)


def _scalar(value: object) -> object:
    """A key that is a mapping or a list stays as it is: their plain forms cannot be keys."""
    if type(value).__name__ == "ScalarBoolean":
        return bool(value)
    return next((kind(value) for kind in SCALARS if isinstance(value, kind)), value)
