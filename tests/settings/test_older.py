"""Files of the older argo-proxy load as they are: each key is understood, or named as one that has no effect."""

from __future__ import annotations

import re

import pytest

from argo_proxy.settings import Settings, SettingsError, resolve
from argo_proxy.settings.file import ConfigFile, entries_of
from argo_proxy.settings.table import DEV, PROD, URL_PATHS

VERSION_1 = """\
port: 44500
argo_url: "https://apps-dev.inside.anl.gov/argoapi/api/v1/resource/chat/"
argo_stream_url: "https://apps-dev.inside.anl.gov/argoapi/api/v1/resource/streamchat/"
argo_embedding_url: "https://apps.inside.anl.gov/argoapi/api/v1/resource/embed/"
user: "jdoe"
verbose: false
num_workers: 10
timeout: 600
"""
VERSION_2 = """\
config_version: "2"
argo_base_url: https://apps.inside.anl.gov/argoapi
host: 127.0.0.1
port: 44501
user: jdoe
verbose: true
use_native_openai: true
use_native_anthropic: true
provider_tool_format: native
enable_payload_control: false
max_payload_size: 20
image_timeout: 30
concurrent_downloads: 10
"""
VERSION_3 = """\
config_version: '3'
user: jdoe
host: 0.0.0.0
port: 44497
socket: ''
verbose: true
max_log_history: 3
_argo_base_url: https://apps.inside.anl.gov/argoapi
_argo_dev_base: https://apps-dev.inside.anl.gov/argoapi
_real_stream: false
_tool_prompt: true
_skip_url_validation: true
native_openai_base_url: http://localhost:44500/v1
use_legacy_argo: true
mode: universal
connection_test_timeout: 5
log_to_file: false
data_dir: ~/argo
default_embed_model: argo:text-embedding-3-large
model_refresh_interval_hours: 0
resolve_overrides:
  "apps-dev.inside.anl.gov:443": "127.0.0.1"
"""
IN_PRODUCTION = {name: PROD + path for name, path in URL_PATHS.items()}


def read(text: str) -> tuple[Settings, list[str]]:
    """The settings, and the keys that a warning names."""
    settings, warnings = resolve({}, {}, ConfigFile("c", entries_of("c", text)))
    assert all(" of the older argo-proxy, ignored" in warning for warning in warnings)
    return settings, re.findall(r"(\w+)(?: \(line|: obsolete key of)", "\n".join(warnings))


def test_a_file_of_version_1_means_what_it_meant() -> None:
    settings, named = read(VERSION_1)
    assert settings == Settings(user="jdoe", port=44500, verbose=False)
    assert named == ["num_workers", "timeout"]


def test_a_base_url_as_in_2_7_leads_to_the_same_urls() -> None:
    """Its sample names the base with the path that all four URLs begin with."""
    settings, _ = read(VERSION_2.replace("/argoapi", "/argoapi/api/v1/"))
    assert settings == Settings(user="jdoe", host="127.0.0.1", port=44501, **IN_PRODUCTION)


def test_a_file_of_version_2_means_what_it_meant() -> None:
    settings, named = read(VERSION_2)
    assert settings == Settings(user="jdoe", host="127.0.0.1", port=44501, **IN_PRODUCTION)
    assert named == [
        "config_version", "use_native_openai", "use_native_anthropic", "provider_tool_format", "enable_payload_control",
        "max_payload_size", "image_timeout", "concurrent_downloads",
    ]  # fmt: skip


def test_a_file_of_version_3_means_what_it_meant() -> None:
    settings, named = read(VERSION_3)
    assert settings == Settings(
        user="jdoe",
        port=44497,
        real_stream=False,
        tool_prompting=True,
        skip_url_validation=True,
        resolve_overrides={"apps-dev.inside.anl.gov:443": "127.0.0.1"},
        default_embedding_model="argo:text-embedding-3-large",
        **IN_PRODUCTION,
    )
    assert named == [
        "config_version", "max_log_history", "_argo_dev_base", "native_openai_base_url", "use_legacy_argo", "mode",
        "connection_test_timeout", "log_to_file", "data_dir", "model_refresh_interval_hours",
    ]  # fmt: skip


def test_the_name_of_now_beats_the_older_one() -> None:
    text = f"user: jdoe\nargo_base_url: {DEV}\n_argo_base_url: {PROD}\ntool_prompt: true\ntool_prompting:\n"
    settings, _ = read(text)
    assert settings == Settings(
        user="jdoe", argo_embedding_url=DEV + URL_PATHS["argo_embedding_url"], tool_prompting=True
    )


def test_a_wrong_value_is_told_under_the_name_in_the_file() -> None:
    with pytest.raises(SettingsError, match=r"^c:2: _tool_prompt: found 'perhaps', expected true or false$"):
        read("user: jdoe\n_tool_prompt: perhaps\n")


def test_a_key_whose_meaning_has_changed_is_told_with_its_successor() -> None:
    _, warnings = resolve({}, {}, ConfigFile("c", entries_of("c", "user: jdoe\nmodel_refresh_interval_hours: 0\n")))
    assert warnings[0].endswith("ignored; see `model_refresh_h`")
