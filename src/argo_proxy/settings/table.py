"""The one place where a setting is declared: name, type, default, check, meaning, flags.

File, environment, flags, `--show` and the test of the sample file all follow from `Settings` and `keys()`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Literal, TypeVar, cast

from argo_proxy.settings import addresses, checks
from argo_proxy.settings.api_keys import ApiKey, api_keys

T = TypeVar("T")

# What to say when nobody gives a key that has no default.
REQUIRED = {"user": "user: missing; give `user: <your ANL user name>` in the file, ARGO_PROXY_USER, or --user"}
PROD = "https://apps.inside.anl.gov/argoapi"
DEV = "https://apps-dev.inside.anl.gov/argoapi"
URL_PATHS = {
    "argo_url": "/api/v1/resource/chat/",
    "argo_stream_url": "/api/v1/resource/streamchat/",
    "argo_embedding_url": "/api/v1/resource/embed/",
    "argo_model_url": "/api/v1/models/",
}


@dataclass(frozen=True, slots=True)
class Key:
    """What is known of a setting beside its name, type and default. `off_flags` turn a switch off; `choices` are all
    values there are, where they are few.
    """

    check: Callable[[object], object]
    about: str
    flags: tuple[str, ...] = ()
    off_flags: tuple[str, ...] = ()
    more_environ: tuple[str, ...] = ()
    secret: bool = False
    choices: tuple[str, ...] = ()

    @property
    def switch(self) -> bool:
        return self.check is checks.boolean


def key(default: T, check: Callable[[object], T], about: str, *flags: str) -> T:
    return described(default, Key(check, about, flags))


def described(default: T, key: Key) -> T:
    return field(default_factory=lambda: default, metadata={"key": key})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a proxy process runs with. `resolve` makes one of what the user gave, and checks it."""

    user: str = field(
        metadata={"key": Key(checks.user_name, "your ANL user name, which ARGO logs and bills", ("--user", "-u"))}
    )
    host: str = key("0.0.0.0", addresses.host, "address to listen on; 127.0.0.1: this machine only", "--host", "-H")
    port: int = described(
        0,
        Key(
            checks.whole(0, 65535),
            "port to listen on; 0: a free one",
            flags=("--port", "-p"),
            more_environ=("PORT",),
        ),
    )
    socket: str | None = key(None, checks.socket_path, "Unix socket to listen on instead of host and port")
    verbose: bool = described(
        True,
        Key(
            checks.boolean,
            "log every request; otherwise only warnings and errors",
            flags=("--verbose", "-v"),
            off_flags=("--quiet", "-q"),
            more_environ=("VERBOSE",),
        ),
    )
    log_format: Literal["human", "json"] = described(
        "human",
        Key(checks.log_format, "form of the log, human or json", ("--log-format",), choices=("human", "json")),
    )
    log_bodies: bool = key(False, checks.boolean, "log what is asked and answered, too, cut short and without keys")
    real_stream: bool = described(
        True,
        Key(
            checks.boolean,
            "send text on as it comes; otherwise fetch the whole answer, then send it in pieces",
            flags=("--real-stream", "-rs"),
            off_flags=("--pseudo-stream", "-ps"),
            more_environ=("REAL_STREAM",),
        ),
    )
    tool_prompting: bool = described(
        False,
        Key(
            checks.boolean,
            "put tools into words for every model, instead of using its provider's own form",
            flags=("--tool-prompting",),
            more_environ=("TOOL_PROMPT",),
        ),
    )
    username_passthrough: bool = key(
        False, checks.boolean, "take the API key of a client as its ARGO user name", "--username-passthrough"
    )
    api_keys: tuple[ApiKey, ...] = described(
        (),
        Key(api_keys, "keys that clients must show, or their SHA-256, with names if you like; none: open", secret=True),
    )
    cors_origins: tuple[str, ...] = key(
        ("http://localhost:*", "http://127.0.0.1:*"),
        checks.words(addresses.origin, "a list of origins"),
        "web pages that may call from a browser; `*` stands for any port, or for any page",
    )
    argo_url: str = key(DEV + URL_PATHS["argo_url"], addresses.url, "where chat requests go")
    argo_stream_url: str = key(DEV + URL_PATHS["argo_stream_url"], addresses.url, "where streamed chat requests go")
    argo_embedding_url: str = key(PROD + URL_PATHS["argo_embedding_url"], addresses.url, "where embedding requests go")
    argo_model_url: str = key(DEV + URL_PATHS["argo_model_url"], addresses.url, "where the list of models is")
    ca_file: str | None = key(None, checks.certificates, "certificates to trust instead of the system's, as PEM")
    resolve_overrides: Mapping[str, str] = key(
        {}, addresses.overrides, "connect to another address for a host, as through an SSH tunnel"
    )
    connect_timeout_s: float = key(10.0, checks.number(0.1, 600), "seconds to wait for a connection to ARGO")
    upstream_idle_timeout_s: float = key(
        600.0, checks.number(0.1, 86400), "seconds that ARGO may be silent within a request"
    )
    retries: int = key(
        2, checks.whole(0, 10), "attempts after one that failed in passing, as long as nothing has been answered"
    )
    max_concurrency: int = key(1000, checks.whole(1, 100000), "calls to ARGO at a time; beyond, clients take turns")
    keep_alive_s: float = key(15.0, checks.number(0.05, 3600), "seconds between signs of life to a waiting client")
    workers: int = key(
        1,
        checks.whole(1, 256),
        "processes that serve side by side; several need a `state_url` that they can share",
    )
    drain_s: float = key(30.0, checks.number(0, 86400), "seconds that streams get to finish at the end")
    max_body_mb: int = key(100, checks.whole(1, 4096), "largest request body in MiB")
    allow_private_images: bool = key(
        False, checks.boolean, "fetch images that a request links to from private addresses, too"
    )
    skip_url_validation: bool = key(
        False, checks.boolean, "leave out the check of ARGO's URLs in the set-up and in --validate"
    )
    update_url: str = key(
        "https://pypi.org/pypi/argo-openai-proxy/json", addresses.url, "where to ask for newer versions"
    )
    state_url: str = key(
        addresses.MEMORY,
        addresses.state_url,
        "where responses are stored: in memory, or in a file as `sqlite:///~/state.db`",
    )
    state_max_mb: int = key(256, checks.whole(1, 1048576), "stored responses in MiB; then the oldest go")
    state_max_age_h: float = key(720.0, checks.number(0.01, 87600), "hours that a response stays stored")
    model_refresh_h: float = key(24.0, checks.number(0.01, 8760), "hours between reloads of the list of models")
    default_chat_model: str = key(
        "argo:gpt-4o", checks.word_or_nothing, 'model of a chat request that names none; "": it has to name one'
    )
    default_embedding_model: str = key(
        "argo:text-embedding-3-small",
        checks.word_or_nothing,
        'model of a request for embeddings that names none; "": it has to name one',
    )


ARGO_BASE_URL = Key(addresses.url, f"sets all four URLs at once: {DEV} or {PROD}")


def keys() -> dict[str, Key]:
    """Every key that can be given: those of Settings, and `argo_base_url`, which stands for four of them."""
    own = {one.name: cast("Key", one.metadata["key"]) for one in fields(Settings)}
    return {**own, "argo_base_url": ARGO_BASE_URL}


def environ_names(name: str, more: tuple[str, ...]) -> tuple[str, ...]:
    """The environment variables of a key, the one that counts first."""
    return (f"ARGO_PROXY_{name.upper()}", *more)
