"""What a value may be: a check turns a raw value into a typed one, or raises CheckError.

A raw value comes from YAML, or is plain text from the environment or the command line; checks take both.
"""

import math
import os
import re
from collections.abc import Callable
from typing import Literal, TypeVar, cast

from argo_proxy.settings.problems import CheckError

Item = TypeVar("Item")

TRUE = frozenset({"true", "1", "yes", "on"})
FALSE = frozenset({"false", "0", "no", "off"})
USER_MAX = 64
SOCKET_MAX_BYTES = 103  # sun_path holds 104 bytes on macOS and 108 on Linux, with the closing zero
VISIBLE = re.compile(r"[!-~]+")


def boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else ""
    if word in TRUE | FALSE:
        return word in TRUE
    raise CheckError("true or false")


def whole(low: int, high: int) -> Callable[[object], int]:
    """A whole number between two bounds, both allowed; `true` is not one."""

    def check(value: object) -> int:
        if isinstance(value, str) and re.fullmatch(r"[0-9]{1,18}", value.strip()):
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        raise CheckError(f"a whole number from {low} to {high}")

    return check


def number(low: float, high: float) -> Callable[[object], float]:
    """A finite number between two bounds, both allowed; `true` is not one."""

    def check(value: object) -> float:
        found = float_of(value)
        if low <= found <= high:
            return found
        raise CheckError(f"a number from {low:g} to {high:g}")

    return check


def float_of(value: object) -> float:
    """NaN, which is within no bounds, for everything that is not a number."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return math.nan
    try:
        return float(value)
    except (ValueError, OverflowError):
        return math.nan


def log_format(value: object) -> Literal["human", "json"]:
    match value:
        case "human":
            return "human"
        case "json":
            return "json"
        case _:
            raise CheckError("human or json")


def text(value: object) -> str:
    match value:
        case str() if value and value.isprintable():
            return value
        case int() | float():
            raise CheckError("text: put it in quotes")
        case _:
            raise CheckError("text, not empty and without control characters")


def word(value: object) -> str:
    found = text(value)
    if VISIBLE.fullmatch(found):
        return found
    raise CheckError("plain ASCII text without spaces")


def word_or_nothing(value: object) -> str:
    return "" if value == "" else word(value)


def user_name(value: object) -> str:
    """The ARGO user, who is logged and billed: one wrong here answers for somebody else."""
    if value == "":
        raise CheckError("your ANL user name")
    found = text(value)
    if not found.isascii():
        raise CheckError("your ANL user name, in plain ASCII letters")
    if not VISIBLE.fullmatch(found):
        raise CheckError("your ANL user name, without spaces")
    if len(found) > USER_MAX:
        raise CheckError(f"your ANL user name, at most {USER_MAX} characters")
    if found.lower() == "cels":
        raise CheckError("your own ANL user name, which 'cels' is not")
    return found


def path(value: object) -> str:
    """A path with a leading `~` replaced by the home directory."""
    return os.path.expanduser(text(value))


def certificates(value: object) -> str:
    """The path of a file with certificates that OpenSSL can read."""
    found = path(value)
    if not (os.path.isfile(found) and os.access(found, os.R_OK)):
        raise CheckError("a file that exists and can be read")
    if not holds_certificate(found):
        raise CheckError("a file with at least one certificate in PEM form (-----BEGIN CERTIFICATE-----)")
    return found


def holds_certificate(path: str) -> bool:
    import ssl  # few have such a file, and all would wait for it

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(path)
    except OSError:
        return False
    return context.cert_store_stats()["x509"] > 0


def socket_path(value: object) -> str | None:
    """The older argo-proxy has the empty text for none."""
    if value == "":
        return None
    found = path(value)
    if len(os.fsencode(found)) > SOCKET_MAX_BYTES:
        raise CheckError(f"a path of at most {SOCKET_MAX_BYTES} bytes, as the system limits Unix sockets")
    if os.path.isdir(found):
        raise CheckError("the path of the socket, not of a directory")
    return found


def words(entry: Callable[[object], Item], expected: str) -> Callable[[object], tuple[Item, ...]]:
    """A list of which every entry passes `entry`; as plain text its entries are separated by commas.

    A complaint names the entry by its place and never shows it: it may be a secret.
    """

    def check(value: object) -> tuple[Item, ...]:
        return tuple(checked(place, raw) for place, raw in enumerate(entries(value, expected), 1))

    def checked(place: int, raw: object) -> Item:
        try:
            return entry(raw)
        except CheckError as wrong:
            raise CheckError(wrong.expected, f"a wrong value in entry {place}") from wrong

    return check


def entries(value: object, expected: str) -> list[object]:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if isinstance(value, list):
        return cast("list[object]", value)
    raise CheckError(expected)
