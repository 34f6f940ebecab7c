"""What can be wrong with a configuration, said so that the reader can put it right."""

from collections.abc import Sequence


class SettingsError(Exception):
    """Every problem of a configuration, each a sentence: where, which key, what was found, what is expected.

    `missing` names the required keys that nobody gave; `warnings` are those that belong to the same input.
    """

    def __init__(self, problems: Sequence[str], warnings: Sequence[str] = (), missing: Sequence[str] = ()) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)
        self.warnings = tuple(warnings)
        self.missing = tuple(missing)


class CheckError(Exception):
    """A value that will not do: what is expected, and what was found where the value must not be shown."""

    def __init__(self, expected: str, found: str | None = None) -> None:
        super().__init__(expected)
        self.expected = expected
        self.found = found
