"""What becomes of older keys, flags and variables is what the guide says, one by one.

The keys of 2.7 are those of its ArgoConfig, public and private; those of 3.x that of 3.3.3 with what 3.0 still read.
"""

from __future__ import annotations

import re

import pytest

from argo_proxy.cli.commands import COMMANDS
from argo_proxy.cli.parser import parse, serve_parser
from argo_proxy.settings import resolve
from argo_proxy.settings.file import ConfigFile, entries_of
from argo_proxy.settings.table import DEV, PROD, Settings, environ_names, keys
from tests.docs.guide import PAGES

PAGE = PAGES["moving-over.md"]
KEYS = {
    "2.7": {
        "host": "127.0.0.1", "port": 44497, "user": "jdoe", "verbose": "false", "argo_url": "https://a.gov/1",
        "argo_stream_url": "https://a.gov/2", "argo_embedding_url": "https://a.gov/3", "real_stream": "false",
        "_argo_url": "https://a.gov/4", "_argo_stream_url": "https://a.gov/5", "_argo_embedding_url": "https://a.gov/6",
        "_argo_model_url": "https://a.gov/7", "_real_stream": "false", "_tool_prompt": "true",
        "_provider_tool_format": "true", "_argo_dev_base": f"{DEV}/api/v1/", "_argo_prod_base": f"{PROD}/api/v1/",
    },
    "3.x": {
        "config_version": "'3'", "host": "127.0.0.1", "port": 44497, "socket": "/run/user/1/argo/socket",
        "user": "jdoe", "verbose": "false", "argo_base_url": PROD, "argo_url": "https://a.gov/1", "argo_stream_url": "https://a.gov/2",
        "argo_embedding_url": "https://a.gov/3", "_argo_base_url": PROD, "skip_url_validation": "true",
        "resolve_overrides": "{a.gov: 127.0.0.1}", "default_chat_model": "argo:gpt-4.1",
        "default_embed_model": "argo:text-embedding-3-large", "model_refresh_interval_hours": 0,
        "native_openai_base_url": "https://a.gov/v1", "native_anthropic_base_url": "https://a.gov",
        "use_native_openai": "true", "use_native_anthropic": "true", "use_legacy_argo": "true",
        "provider_tool_format": "native", "mode": "universal", "anthropic_stream_mode": "retry",
        "connection_test_timeout": 5, "log_to_file": "true", "max_log_history": 3, "dump_requests": "true",
        "dump_dir": "/tmp/dumps", "data_dir": "/tmp/data", "enable_payload_control": "true", "max_payload_size": 20,
        "image_timeout": 30, "concurrent_downloads": 10,
    },
}  # fmt: skip
EVERY = [(version, key) for version, values in KEYS.items() for key in values]


def rows(heading: str) -> dict[str, str]:
    section = re.split(r"^## ", PAGE.partition(f"## {heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    return dict(re.findall(r"^\| (.+?) \| (.+) \|$", section, re.MULTILINE)[1:])


def loaded(text: str) -> tuple[Settings, str]:
    settings, warnings = resolve({}, {}, ConfigFile("c", entries_of("c", text)))
    return settings, "\n".join(warnings)


@pytest.mark.parametrize("version", KEYS)
def test_every_key_has_a_row(version: str) -> None:
    assert [name.strip("`") for name in rows(f"Keys of {version}")] == [*KEYS[version]]


@pytest.mark.parametrize(("version", "key"), EVERY)
def test_a_key_does_what_its_row_says(version: str, key: str) -> None:
    """In a file of its own, so that no key of now beats it."""
    told = rows(f"Keys of {version}")[f"`{key}`"]
    user = "" if key == "user" else "user: jdoe\n"
    settings, warnings = loaded(f"{user}{key}: {KEYS[version][key]}\n")
    if told.startswith("ignored"):
        assert settings == Settings(user="jdoe")
        assert f"{key}" in warnings
        assert "of the older argo-proxy, ignored" in warnings
        return
    now = key if told.startswith("the same") else told.partition("`")[2].partition("`")[0]
    assert now in keys()
    assert warnings == ""
    assert settings == loaded(f"{'' if now == 'user' else user}{now}: {KEYS[version][key]}\n")[0]
    assert settings != Settings(user="jdoe") or key == "user"


@pytest.mark.parametrize("version", KEYS)
def test_a_file_with_all_of_its_keys_loads(version: str) -> None:
    settings, warnings = loaded("".join(f"{key}: {value}\n" for key, value in KEYS[version].items()))
    assert (settings.user, settings.port, settings.argo_url) == ("jdoe", 44497, "https://a.gov/1")
    ignored = {name.strip("`") for name, told in rows(f"Keys of {version}").items() if told.startswith("ignored")}
    assert all(re.search(rf"\b{name}\b", warnings) for name in ignored)


def test_keys_that_are_older_still_are_told_of_as_the_page_says() -> None:
    _, warnings = loaded("user: jdoe\nnum_workers: 10\ntimeout: 600\n")
    assert "num_workers" in warnings
    assert "see `upstream_idle_timeout_s`" in warnings


def test_a_flag_is_there_or_gone_as_its_row_says() -> None:
    known = {flag for one in serve_parser()._actions for flag in one.option_strings}
    told = {
        flag: here for cell, here in rows("Flags and commands").items() for flag in re.findall(r"`(-[\w-]+)`", cell)
    }
    assert {flag for flag, here in told.items() if here == "the same"} == told.keys() & known
    assert told.keys() >= known - {"--help", "-h", "--user", "-u", "--log-format"}


def test_a_command_is_there_or_not_as_its_row_says() -> None:
    cells = rows("Flags and commands").items()
    told = {name: here for cell, here in cells for name in re.findall(r"`argo-proxy (\w+)", cell)}
    assert {name for name, here in told.items() if here == "the same"} == told.keys() & COMMANDS.keys()


def test_a_command_of_now_is_understood() -> None:
    told = " ".join(rows("Flags and commands").values())
    for words in re.findall(r"`argo-proxy ([^`\[]+)`", told):
        parse(words.split())


def test_a_variable_is_there_or_not_as_its_row_says() -> None:
    known = {one for name, key in keys().items() for one in environ_names(name, key.more_environ)}
    for cell, here in rows("Environment").items():
        older, now = re.findall(r"`([A-Z_]+)`", cell), set(re.findall(r"`([A-Z_]+[A-Z])`", here))
        in_front = {f"ARGO_PROXY_{one}" for one in older} if here.endswith("in front") else set()
        assert now | in_front <= known
        assert {*older} <= known if here.startswith("the same") and not in_front else not {*older} & known
