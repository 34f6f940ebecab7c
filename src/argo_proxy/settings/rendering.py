"""Settings as YAML, for people to read: in the order of the table, secrets masked."""

from dataclasses import fields
from typing import cast

from argo_proxy.settings.api_keys import ApiKey, masked
from argo_proxy.settings.table import Settings, keys
from argo_proxy.settings.writing import as_text

MASK = "********"


def as_yaml(settings: Settings) -> str:
    shown = {one.name: yaml_value(getattr(settings, one.name), keys()[one.name].secret) for one in fields(settings)}
    return as_text(shown)


def yaml_value(value: object, secret: bool) -> object:
    if not isinstance(value, tuple):
        return value
    return masked(cast("tuple[ApiKey, ...]", value), MASK) if secret else [*cast("tuple[object, ...]", value)]
