"""Values as YAML, for people to read; whole settings in the order of the table, secrets masked."""

from collections.abc import Mapping
from dataclasses import fields
from io import StringIO
from typing import cast

from argo_proxy.settings.api_keys import ApiKey, masked
from argo_proxy.settings.table import Settings, keys

MASK = "********"
UNWRAPPED = 4096
"""A width at which no value is broken into lines."""


def as_yaml(settings: Settings) -> str:
    shown = {one.name: yaml_value(getattr(settings, one.name), keys()[one.name].secret) for one in fields(settings)}
    return as_text(shown)


def yaml_value(value: object, secret: bool) -> object:
    if not isinstance(value, tuple):
        return value
    return masked(cast("tuple[ApiKey, ...]", value), MASK) if secret else [*cast("tuple[object, ...]", value)]


def as_text(values: Mapping[str, object]) -> str:
    """As YAML, each value on its line."""
    from ruamel.yaml import YAML  # it takes longer to load than all of `--help`

    yaml = YAML()
    yaml.width = UNWRAPPED
    stream = StringIO()
    yaml.dump(values, stream)  # pyright: ignore[reportUnknownMemberType]
    return stream.getvalue()
