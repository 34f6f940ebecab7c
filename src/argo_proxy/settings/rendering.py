"""Settings as YAML, for people to read: in the order of the table, secrets masked."""

from dataclasses import fields
from io import StringIO
from typing import cast

from argo_proxy.settings.api_keys import ApiKey, masked
from argo_proxy.settings.table import Settings, keys

MASK = "********"


def as_yaml(settings: Settings) -> str:
    from ruamel.yaml import YAML  # it takes longer to load than all of `--help`

    shown = {one.name: yaml_value(getattr(settings, one.name), keys()[one.name].secret) for one in fields(settings)}
    stream = StringIO()
    YAML().dump(shown, stream)  # pyright: ignore[reportUnknownMemberType]
    return stream.getvalue()


def yaml_value(value: object, secret: bool) -> object:
    if not isinstance(value, tuple):
        return value
    return masked(cast("tuple[ApiKey, ...]", value), MASK) if secret else [*cast("tuple[object, ...]", value)]
