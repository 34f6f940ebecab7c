"""The declared keys are whole and agree with the sample file, which is their documentation."""

import re
from pathlib import Path

import pytest

import argo_proxy.settings as settings_package
from argo_proxy.settings import Settings, SettingsError, as_yaml, load_config, resolve
from argo_proxy.settings.api_keys import api_keys
from argo_proxy.settings.file import entries_of
from argo_proxy.settings.table import DEV, keys

SAMPLE = Path(settings_package.__file__ or "").parent / "config.sample.yaml"
COMMENTED_KEY = re.compile(r"^# ?([a-z_]+:.*)$", re.MULTILINE)


def sample_with_every_key(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(re.sub(r"^user:", "user: jdoe", COMMENTED_KEY.sub(r"\1", SAMPLE.read_text()), flags=re.MULTILINE))
    return path


def test_the_sample_needs_nothing_but_the_user() -> None:
    with pytest.raises(SettingsError) as caught:
        resolve({}, {}, load_config(SAMPLE))
    assert (caught.value.missing, len(caught.value.problems), caught.value.warnings) == (("user",), 1, ())


def test_the_sample_tells_of_every_key_and_of_no_other(tmp_path: Path) -> None:
    assert set(load_config(sample_with_every_key(tmp_path)).entries) == set(keys())


def test_the_sample_shows_the_defaults(tmp_path: Path) -> None:
    settings, warnings = resolve({}, {}, load_config(sample_with_every_key(tmp_path)))
    assert settings == Settings(user="jdoe")
    assert warnings == ()
    assert f"argo_base_url: {DEV}\n" in SAMPLE.read_text()


def test_no_flag_variable_or_key_means_two_things() -> None:
    flags = [flag for key in keys().values() for flag in (*key.flags, *key.off_flags)]
    variables = [variable for key in keys().values() for variable in key.more_environ]
    assert len(flags) == len(set(flags))
    assert len(variables) == len(set(variables))


def test_settings_as_yaml_give_the_same_settings_again() -> None:
    settings = Settings(user="no", port=8080, drain_s=0.0, verbose=False, resolve_overrides={"h:1": "[::1]:2"})
    file = entries_of("shown", as_yaml(settings))
    assert {name: entry.value for name, entry in file.items()} == {
        name: list(value) if isinstance(value, tuple) else value
        for name in keys()
        if name != "argo_base_url"
        for value in [getattr(settings, name)]
    }


def test_settings_as_yaml_do_not_show_the_keys() -> None:
    shown = as_yaml(Settings(user="jdoe", api_keys=api_keys("hidden1,hidden2")))
    assert "hidden" not in shown
    assert entries_of("shown", shown)["api_keys"].value == ["********", "********"]
