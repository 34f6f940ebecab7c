"""What each key takes from the file, the environment and the command line; who beats whom; how it is told."""

import os
import shutil
from datetime import date
from pathlib import Path

import pytest

from argo_proxy.settings import ConfigFile, Entry, Settings, SettingsError, resolve
from argo_proxy.settings.api_keys import api_keys
from argo_proxy.settings.table import keys

USER = {"ARGO_PROXY_USER": "jdoe"}
CERTIFICATE = str(Path(__file__).with_name("ca.pem"))
BASE = "https://apps-test.inside.anl.gov/argoapi"

# key: (a good raw value of a file, the same as plain text, what both become)
GOOD: dict[str, tuple[object, str, object]] = {
    "user": ("ajones", "ajones", "ajones"),
    "host": ("127.0.0.1", "127.0.0.1", "127.0.0.1"),
    "port": (8080, "8080", 8080),
    "socket": ("/run/argo/s.sock", "/run/argo/s.sock", "/run/argo/s.sock"),
    "verbose": (False, "Off", False),
    "log_format": ("json", "json", "json"),
    "log_bodies": (True, "true", True),
    "real_stream": (False, "no", False),
    "tool_prompting": (True, "yes", True),
    "username_passthrough": (True, "1", True),
    "api_keys": (["k1", "k2"], "k1, k2,", api_keys(["k1", "k2"])),
    "cors_origins": (["https://a.org", "null"], "https://a.org,null", ("https://a.org", "null")),
    "argo_url": ("http://h:1/x", "http://h:1/x", "http://h:1/x"),
    "argo_stream_url": ("https://[::1]/x/", "https://[::1]/x/", "https://[::1]/x/"),
    "argo_embedding_url": ("https://h", "https://h", "https://h"),
    "argo_model_url": ("https://h/m/", "https://h/m/", "https://h/m/"),
    "ca_file": (CERTIFICATE, CERTIFICATE, CERTIFICATE),
    "resolve_overrides": (
        {"H.org:443": "127.0.0.1:8443"},
        "H.org:443=127.0.0.1:8443",
        {"h.org:443": "127.0.0.1:8443"},
    ),
    "connect_timeout_s": (2, "2", 2.0),
    "upstream_idle_timeout_s": (0.5, "0.5", 0.5),
    "retries": (0, "0", 0),
    "max_concurrency": (4, "4", 4),
    "keep_alive_s": (5, "5", 5.0),
    "workers": (1, "1", 1),
    "drain_s": (0, "0", 0.0),
    "max_body_mb": (7, "7", 7),
    "state_url": ("sqlite:///~/a b.db", "sqlite:///~/a b.db", "sqlite:///~/a b.db"),
    "state_max_mb": (7, "7", 7),
    "state_max_age_h": (1.5, "1.5", 1.5),
    "model_refresh_h": (1.5, "1.5", 1.5),
    "allow_private_images": (True, "true", True),
    "skip_url_validation": (True, "yes", True),
    "update_url": ("https://index.example/x", "https://index.example/x", "https://index.example/x"),
    "default_chat_model": ("argo:o3", "argo:o3", "argo:o3"),
    "default_embedding_model": ("v3large", "v3large", "v3large"),
}

# key, a bad raw value of a file, a piece of the complaint
BAD: list[tuple[str, object, str]] = [
    ("user", "j doe", "found 'j doe', expected your ANL user name, without spaces"),
    ("user", "jdoe\n", "control characters"),
    ("user", "CELS", "which 'cels' is not"),
    ("user", "jürgen", "plain ASCII"),
    ("user", "x" * 65, "at most 64"),
    ("user", 123, "found 123, expected text: put it in quotes"),
    ("user", True, "found true, expected text"),
    ("host", "", "text, not empty"),
    ("host", "0.0.0.999", "an address such as 127.0.0.1"),
    ("host", "[::1]", "found '[::1]', expected it without brackets: ::1"),
    ("host", "http://h", "a host name"),
    ("port", "abc", "found 'abc', expected a whole number from 0 to 65535"),
    ("port", -1, "found -1, expected a whole number"),
    ("port", 65536, "from 0 to 65535"),
    ("port", 80.5, "found 80.5"),
    ("port", True, "found true, expected a whole number"),
    ("port", 1 << 4000, "found a very large number"),
    ("port", [1], "found a list"),
    ("socket", "x" * 104, "at most 103 bytes"),
    ("socket", "/", "not of a directory"),
    ("verbose", "maybe", "found 'maybe', expected true or false"),
    ("verbose", 2, "found 2, expected true or false"),
    ("log_format", "xml", "found 'xml', expected human or json"),
    ("log_bodies", 2, "found 2, expected true or false"),
    ("real_stream", {}, "found a mapping, expected true or false"),
    ("tool_prompting", "perhaps", "found 'perhaps', expected true or false"),
    ("username_passthrough", "", "expected true or false"),
    (
        "api_keys",
        ["ok", "se cret"],
        "found a wrong value in entry 2, expected plain ASCII text without spaces",
    ),
    ("api_keys", [""], "entry 1, expected text, not empty"),
    ("api_keys", [12345], "entry 1, expected text: put it in quotes"),
    ("api_keys", 12345, "found a value that is not shown, expected a list of keys"),
    ("cors_origins", ["https://a.org/"], "entry 1, expected '*' or an origin"),
    ("argo_url", "ftp://h/", "starts with http:// or https://"),
    ("argo_url", "https:///x", "and a host"),
    ("argo_url", "h/x", "starts with http:// or https://"),
    ("argo_stream_url", "https://h/?a=b", "without '?' and '#'"),
    ("argo_stream_url", "https://h/#", "without '?' and '#'"),
    ("argo_embedding_url", "https://me:pw@h:99999/", "found a URL with a user name or password"),
    ("argo_model_url", "https://h:99999/", "a URL such as"),
    ("argo_base_url", "https://h h/", "without spaces"),
    ("ca_file", "/no/such/file.pem", "found '/no/such/file.pem', expected a file that exists"),
    ("ca_file", "/", "a file that exists"),
    ("ca_file", __file__, "a file with at least one certificate in PEM form"),
    ("ca_file", os.devnull, "a file that exists"),
    (
        "resolve_overrides",
        {"h:99999": "127.0.0.1"},
        "found 'h:99999' and '127.0.0.1', expected a host or host:port",
    ),
    ("resolve_overrides", {"h": "a/b"}, "found 'h' and 'a/b'"),
    ("resolve_overrides", {"h": 1}, "found 'h' and '1'"),
    ("resolve_overrides", "h", "found 'h' and ''"),
    ("resolve_overrides", [1], "found a list, expected a mapping"),
    ("connect_timeout_s", 0, "a number from 0.1 to 600"),
    ("upstream_idle_timeout_s", float("nan"), "found nan, expected a number"),
    ("keep_alive_s", float("inf"), "found inf, expected a number"),
    ("workers", 0, "found 0, expected a whole number from 1 to 256"),
    ("retries", 11, "found 11, expected a whole number from 0 to 10"),
    ("max_concurrency", 0, "found 0, expected a whole number from 1 to 100000"),
    ("drain_s", "soon", "found 'soon', expected a number"),
    ("drain_s", True, "found true, expected a number"),
    ("max_body_mb", 0, "a whole number from 1 to 4096"),
    ("state_url", "memory", "found 'memory', expected memory:, sqlite:///file.db"),
    ("state_url", "sqlite:state.db", "found 'sqlite:state.db', expected memory:, sqlite:///file.db"),
    ("state_url", "sqlite:///", "or sqlite:////absolute/path/file.db"),
    ("state_url", "sqlite:////var/lib/", "or sqlite:////absolute/path/file.db"),
    ("state_url", "sqlite:///:memory:", "expected memory:"),
    ("state_url", "sqlite:///state.db?mode=ro", "or sqlite:////absolute/path/file.db"),
    ("state_url", "postgresql://me:pw@h/db", "found a URL that is not shown, expected memory:"),
    ("state_max_mb", 0, "a whole number from 1 to 1048576"),
    ("state_max_age_h", 0, "a number from 0.01 to 87600"),
    ("allow_private_images", "perhaps", "true or false"),
    ("skip_url_validation", "perhaps", "true or false"),
    ("update_url", "ftp://index.example", "http"),
    ("model_refresh_h", 10**400, "found a very large number, expected a number"),
    ("default_chat_model", "gpt 4o", "without spaces"),
    ("default_embedding_model", "gpt 4o", "without spaces"),
    ("default_chat_model", date(2026, 1, 1), "found a value of another kind (date), expected text"),
]


def file_with(**values: object) -> ConfigFile:
    return ConfigFile("config.yaml", {name: Entry(value, line) for line, (name, value) in enumerate(values.items(), 1)})


def problems_of(flags: dict[str, str | bool], environ: dict[str, str], file: ConfigFile | None) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        resolve(flags, environ, file)
    return caught.value.problems


def test_the_tables_here_tell_of_every_key() -> None:
    assert {*GOOD, "argo_base_url"} == set(keys())
    assert {name for name, _, _ in BAD} == set(keys())


@pytest.mark.parametrize("name", GOOD)
def test_a_good_value_is_taken_from_the_file(name: str) -> None:
    raw, _, expected = GOOD[name]
    settings, warnings = resolve({}, {}, file_with(**{"user": "jdoe", name: raw}))
    assert getattr(settings, name) == expected
    assert type(getattr(settings, name)) is type(expected)
    assert warnings == ()


@pytest.mark.parametrize("name", GOOD)
def test_a_good_value_is_taken_from_the_environment(name: str) -> None:
    _, text, expected = GOOD[name]
    settings, warnings = resolve({}, USER | {f"ARGO_PROXY_{name.upper()}": text}, None)
    assert getattr(settings, name) == expected
    assert warnings == ()


@pytest.mark.parametrize("name", [name for name, key in keys().items() if key.flags])
def test_a_good_value_is_taken_from_the_command_line(name: str) -> None:
    _, text, expected = GOOD[name]
    assert getattr(resolve({name: text}, USER, None).settings, name) == expected


@pytest.mark.parametrize(("name", "raw", "piece"), BAD)
def test_a_bad_value_is_told_with_file_line_and_key(name: str, raw: object, piece: str) -> None:
    [problem] = problems_of(
        {}, USER, file_with(**{"host": "::1", name: raw} if name != "host" else {"a": 1, name: raw})
    )
    assert problem.startswith(f"config.yaml:2: {name}: found ")
    assert piece in problem


def test_an_empty_user_is_told_by_its_source() -> None:
    assert problems_of({"user": ""}, {}, None) == ("command line: --user: found '', expected your ANL user name",)


def test_a_bad_value_of_the_environment_or_the_command_line_is_told_by_its_source() -> None:
    assert problems_of({"log_format": "xml"}, USER | {"PORT": "abc"}, None) == (
        "environment: PORT: found 'abc', expected a whole number from 0 to 65535",
        "command line: --log-format: found 'xml', expected human or json",
    )


def test_secrets_are_not_in_any_complaint() -> None:
    environ = USER | {"ARGO_PROXY_API_KEYS": "hidden ünseen", "ARGO_PROXY_ARGO_URL": "https://me:hidden@h:x/"}
    assert "hidden" not in str(problems_of({}, environ, file_with(api_keys={"hidden": 1})))


def test_all_problems_are_told_at_once_with_the_warnings() -> None:
    with pytest.raises(SettingsError) as caught:
        resolve({"host": "a b"}, {"VERBOSE": "?"}, file_with(port="x", max_body_mb=-1, usr="jdoe"))
    assert [problem.split(":")[0] for problem in caught.value.problems] == [
        "config.yaml", "config.yaml", "environment", "command line", "user",
    ]  # fmt: skip
    assert caught.value.missing == ("user",)
    assert "did you mean 'user'" in caught.value.warnings[0]


def test_a_missing_user_is_told_with_the_three_ways_to_give_one() -> None:
    for nothing in (None, ""):
        [problem] = problems_of({}, {"ARGO_PROXY_USER": ""}, file_with(user=nothing))
        assert all(way in problem for way in ("`user: ", "ARGO_PROXY_USER", "--user"))


def test_the_command_line_beats_the_environment_beats_the_file_beats_the_default() -> None:
    file = file_with(user="file", host="::1", port=1, verbose=False)
    environ = {"ARGO_PROXY_USER": "environ", "ARGO_PROXY_PORT": "2", "VERBOSE": "on"}
    settings = resolve({"user": "flag"}, environ, file).settings
    assert (settings.user, settings.port, settings.verbose, settings.host) == ("flag", 2, True, "::1")
    assert settings.real_stream is True


@pytest.mark.parametrize(
    ("variable", "name"),
    [("PORT", "port"), ("VERBOSE", "verbose"), ("REAL_STREAM", "real_stream")],
)
def test_a_short_variable_counts_only_without_the_long_one(variable: str, name: str) -> None:
    assert getattr(resolve({}, USER | {variable: "0"}, None).settings, name) == 0
    both = USER | {variable: "not looked at", f"ARGO_PROXY_{variable}": "1"}
    assert getattr(resolve({}, both, None).settings, name) == 1


@pytest.mark.parametrize("word", ["true", "TRUE", "1", "yes", "Yes", "on", " on "])
def test_these_words_are_true(word: str) -> None:
    assert resolve({}, USER | {"REAL_STREAM": word}, None).settings.real_stream is True


@pytest.mark.parametrize("word", ["false", "False", "0", "no", "off"])
def test_these_words_are_false(word: str) -> None:
    assert resolve({}, USER | {"REAL_STREAM": word}, None).settings.real_stream is False


def test_the_defaults_are_those_of_the_contract() -> None:
    settings = resolve({}, USER, None).settings
    assert settings == Settings(user="jdoe")
    assert settings.argo_url == "https://apps-dev.inside.anl.gov/argoapi/api/v1/resource/chat/"
    assert settings.argo_stream_url == "https://apps-dev.inside.anl.gov/argoapi/api/v1/resource/streamchat/"
    assert settings.argo_embedding_url == "https://apps.inside.anl.gov/argoapi/api/v1/resource/embed/"
    assert settings.argo_model_url == "https://apps-dev.inside.anl.gov/argoapi/api/v1/models/"
    assert (settings.host, settings.port, settings.verbose, settings.real_stream) == (
        "0.0.0.0",
        0,
        True,
        True,
    )
    assert (settings.api_keys, settings.username_passthrough, settings.cors_origins) == (
        (),
        False,
        ("http://localhost:*", "http://127.0.0.1:*"),
    )


@pytest.mark.parametrize("base", [BASE, BASE + "/", BASE + "/api/v1", BASE + "/api/v1/"])
def test_the_base_url_sets_all_four(base: str) -> None:
    settings = resolve({}, {}, file_with(user="jdoe", argo_base_url=base)).settings
    assert settings.argo_url == f"{BASE}/api/v1/resource/chat/"
    assert settings.argo_stream_url == f"{BASE}/api/v1/resource/streamchat/"
    assert settings.argo_embedding_url == f"{BASE}/api/v1/resource/embed/"
    assert settings.argo_model_url == f"{BASE}/api/v1/models/"


def test_a_url_of_its_own_beats_the_base_url_of_the_same_source_and_of_lower_ones() -> None:
    file = file_with(user="jdoe", argo_base_url=BASE, argo_model_url="http://m/")
    settings = resolve({}, {"ARGO_PROXY_ARGO_URL": "http://chat"}, file).settings
    assert (settings.argo_model_url, settings.argo_url) == ("http://m/", "http://chat")
    assert settings.argo_stream_url.startswith(BASE)


def test_a_base_url_of_the_environment_beats_the_urls_of_the_file() -> None:
    file = file_with(user="jdoe", argo_url="http://chat")
    settings = resolve({}, {"ARGO_PROXY_ARGO_BASE_URL": BASE}, file).settings
    assert settings.argo_url.startswith(BASE)


@pytest.mark.parametrize("endpoint", ["::1", "[::1]", "[::1]:443", "localhost:1", "127.0.0.1", "a.b"])
def test_an_override_leads_to_an_address_with_or_without_a_port(endpoint: str) -> None:
    settings = resolve({}, {}, file_with(user="jdoe", resolve_overrides={"h": endpoint})).settings
    assert settings.resolve_overrides == {"h": endpoint}


@pytest.mark.parametrize("endpoint", ["", "h:", ":443", "h:0", "[::1", "u@h", "h:1:2"])
def test_what_is_no_address_is_no_override(endpoint: str) -> None:
    assert "expected a host" in problems_of({}, {}, file_with(user="jdoe", resolve_overrides={"h": endpoint}))[0]


def test_a_default_model_can_be_none() -> None:
    settings, _ = resolve({}, USER, file_with(default_chat_model="", default_embedding_model=""))
    assert (settings.default_chat_model, settings.default_embedding_model) == ("", "")


def test_a_tilde_in_a_path_is_the_home_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    shutil.copy(CERTIFICATE, tmp_path / "ca.pem")
    settings = resolve({}, {}, file_with(user="jdoe", ca_file="~/ca.pem", socket="~/s")).settings
    assert (settings.ca_file, settings.socket) == (str(tmp_path / "ca.pem"), str(tmp_path / "s"))


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("prot", "unknown key, ignored; did you mean 'port'?"),
        ("Real-Stream", "unknown key, ignored; did you mean 'real_stream'?"),
        ("zzz", "unknown key, ignored"),
        ("timeout", "obsolete key of the older argo-proxy, ignored; see `upstream_idle_timeout_s`"),
    ],
)
def test_a_key_without_effect_is_a_warning(name: str, advice: str) -> None:
    assert resolve({}, USER, file_with(**{name: 1})).warnings == (f"config.yaml:1: {name}: {advice}",)


def test_a_port_of_the_command_line_is_instead_of_a_socket() -> None:
    file = file_with(user="jdoe", socket="/run/argo/s")
    settings, warnings = resolve({"port": "8080"}, {}, file)
    assert (settings.socket, settings.port) == (None, 8080)
    assert warnings == ("config.yaml:2: socket: ignored: command line: --port beats it",)


def test_a_socket_beats_a_port_of_the_environment_or_a_file() -> None:
    assert resolve({}, {"PORT": "8080"}, file_with(user="jdoe", socket="/run/argo/s")).settings.socket == "/run/argo/s"
    environ = USER | {"ARGO_PROXY_SOCKET": "/run/argo/mine", "PORT": "8080"}
    for file in (file_with(port=1), file_with(socket="/run/argo/s", host="::1")):
        settings, warnings = resolve({}, environ, file)
        assert (settings.socket, warnings) == ("/run/argo/mine", ())


def test_obsolete_keys_are_named_in_one_line() -> None:
    file = file_with(config_version="3", usr="x", _argo_dev_base="http://x", native_openai_base_url="", num_workers=5)
    assert resolve({}, USER, file).warnings == (
        "config.yaml: obsolete keys of the older argo-proxy, ignored: config_version (line 1), _argo_dev_base (line 3),"
        " native_openai_base_url (line 4), num_workers (line 5)",
        "config.yaml:2: usr: unknown key, ignored; did you mean 'user'?",
    )


def test_of_many_keys_without_effect_some_are_told() -> None:
    file = file_with(**{f"x{count}": 1 for count in range(22)}, **{f"_{count}": 1 for count in range(25)})
    obsolete, *unknown, rest = resolve({}, USER, file).warnings
    assert obsolete.endswith("_19 (line 42) and 5 more")
    assert len(unknown) == 20
    assert rest == "config.yaml: and 2 more unknown keys, ignored"


def test_a_very_long_key_is_compared_with_none() -> None:
    [warning] = resolve({}, USER, file_with(**{"x" * 18 + "upstream_idle_timeout_s": 1})).warnings
    assert warning.endswith(": unknown key, ignored")


def test_a_variable_without_effect_is_a_warning() -> None:
    environ = USER | {"ARGO_PROXY_HSOT": "h"}
    assert resolve({}, environ, None).warnings == (
        "environment: ARGO_PROXY_HSOT: unknown, ignored; did you mean ARGO_PROXY_HOST?",
    )


def test_variables_that_kubernetes_makes_are_passed_over() -> None:
    environ = USER | {"ARGO_PROXY_SERVICE_HOST": "10.0.0.1", "ARGO_PROXY_PORT_80_TCP": "tcp://10.0.0.1:80"}
    assert resolve({}, environ, None).warnings == ()


def test_keys_in_a_file_that_others_can_read_are_a_warning_with_the_cure() -> None:
    exposed = ConfigFile("my config.yaml", {"api_keys": Entry(["k"], 1)}, exposed=True)
    [warning] = resolve({}, USER, exposed).warnings
    assert "other users can read" in warning
    assert warning.endswith("chmod 600 'my config.yaml'")


def test_a_file_without_keys_may_be_read_by_others() -> None:
    assert resolve({}, USER, ConfigFile("c", {"api_keys": Entry([], 1)}, exposed=True)).warnings == ()


def test_keys_and_user_names_in_place_of_keys_exclude_each_other() -> None:
    [problem] = problems_of({"username_passthrough": True}, USER, file_with(api_keys=["secret"]))
    assert "exclude each other" in problem


def test_several_workers_need_a_store_that_they_can_share() -> None:
    with pytest.raises(SettingsError, match=r"workers: more than one cannot share .* with `state_url`"):
        resolve({}, USER, file_with(workers=2))
    assert resolve({}, USER, file_with(workers=2, state_url="sqlite:///s.db")).settings.workers == 2
