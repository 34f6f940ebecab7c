"""Keeps keys out of a text that the log shows: those of the proxy, and whatever looks like somebody's secret.

It hides too much rather than too little. Every pattern is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

HIDDEN = "<hidden>"
_WHOLE_WORD = 8
"""A known key shorter than this is hidden where it stands alone only: it may be a part of common words."""
_NAMES = (
    r"(?:api[-_ ]?keys?|authorization|passw(?:or)?d|passphrase|secrets?|credentials?|private[-_ ]?key|cookie)"
    r"[\w-]{0,40}|(?:token|pass|pwd)(?![\w-])"
)
_START = r"(?:(?<![A-Za-z0-9])|(?<=\\[nrt]))"
"""Where a word begins, also after a line's end that is spelt out, as in JSON within JSON."""

SECRET_NAME = re.compile(rf"(?:{_NAMES})\Z", re.IGNORECASE)
"""Found in the name of a field whose value is a secret; `max_tokens` and `token_count` are none."""

LONE_NAME = re.compile(rf"[\w-]{{0,40}}?(?:{_NAMES})", re.IGNORECASE)
"""Matches what is nothing but such a name: in a list of names and values, the value comes next."""

_PRIVATE_KEY = re.compile(r"(-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----).*?(?=-----END|\Z)", re.DOTALL)
_URL_PASSWORD = re.compile(r"(://)[^\s/:@\"'<>]{0,200}:[^\s/@\"'<>]{1,200}(?=@)")
_FIELD = re.compile(
    rf"""((?:{_NAMES})\\*["']?(?:\s{{0,8}}[:=>]>?|\s(?:is|was)\s)\s{{0,8}}(?:[>|!][\w+-]{{0,20}}\s{{1,20}})?)"""
    r"""(?:"(?:[^"\\]|\\.)*|'[^']*|(?P<q>\\+["'])(?:(?!(?P=q)).)*"""
    r"""|\[[^\]]*|(?:(?:bearer|basic)\s{1,8})?[^\s"',;<>{}\[\]\\]+)""",
    re.IGNORECASE | re.DOTALL,
)
_ARGUMENT = re.compile(
    rf"((?<![\w-])--?[\w-]{{0,40}}?(?:{_NAMES})\s{{1,8}}|\blogin\s{{1,8}}\S{{1,100}}\s{{1,8}}password\s{{1,8}})[^\s\"']+",
    re.IGNORECASE,
)
"""On a command line, and in a netrc file."""
_SCHEME = re.compile(
    rf"({_START}(?:bearer:?\s{{1,8}}(?=[\w.~+/=-]{{6}})|basic\s{{1,8}}(?=[A-Za-z+/]{{0,200}}[0-9=])))[\w.~+/=-]+",
    re.IGNORECASE,
)
_TOKEN = re.compile(
    rf"({_START})(?:(?:sk|pk|rk)[-_][\w-]{{8,}}|gh[a-z]_\w{{16,}}|github_pat_\w{{16,}}|glpat-[\w-]{{16,}}"
    r"|xox[a-z]-[\w-]{10,}|A[KS]IA[A-Z0-9]{12,}|AIza[\w-]{20,}|hf_\w{16,}|eyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?)"
)
_PATTERNS = (_PRIVATE_KEY, _URL_PASSWORD, _FIELD, _ARGUMENT, _SCHEME, _TOKEN)


class Redaction:
    """`keys` are hidden wherever they stand."""

    def __init__(self, keys: Iterable[str] = ()) -> None:
        longest_first = sorted(filter(None, keys), key=len, reverse=True)
        self._known = re.compile("|".join(map(_known, longest_first)) or r"(?!)")

    def hide(self, text: str) -> str:
        """The text without what must not be read."""
        text = self._known.sub(HIDDEN, text)
        for pattern in _PATTERNS:
            text = pattern.sub(rf"\1{HIDDEN}", text)
        return text


def _known(key: str) -> str:
    escaped = re.escape(key)
    return escaped if len(key) >= _WHOLE_WORD else rf"(?<!\w){escaped}(?!\w)"
