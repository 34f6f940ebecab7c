"""Settings of a proxy process: declared once in `table`, resolved from flags, environment, file, defaults."""

from argo_proxy.settings.api_keys import ApiKey
from argo_proxy.settings.file import ConfigFile, Entry, Search, find_config, load_config
from argo_proxy.settings.problems import SettingsError
from argo_proxy.settings.rendering import as_yaml
from argo_proxy.settings.resolution import Resolved, resolve
from argo_proxy.settings.table import Settings

__all__ = [
    "ApiKey",
    "ConfigFile",
    "Entry",
    "Resolved",
    "Search",
    "Settings",
    "SettingsError",
    "as_yaml",
    "find_config",
    "load_config",
    "resolve",
]
