"""Type guards for decoded JSON, whose values are `object` until looked at."""

from typing import TypeAlias, TypeGuard

JsonObject: TypeAlias = dict[str, object]


def is_object(value: object) -> TypeGuard[JsonObject]:
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)


def objects_in(value: object) -> tuple[JsonObject, ...] | None:
    """The members of a list of JSON objects; None when it is anything else."""
    if not is_list(value):
        return None
    members = tuple(member for member in value if is_object(member))
    return members if len(members) == len(value) else None
