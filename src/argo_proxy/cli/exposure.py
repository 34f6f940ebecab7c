"""What lets others read or use what is the user's own: told at every start, in loud lines that name the cure."""

import ipaddress

from argo_proxy.settings import Settings


def exposures(settings: Settings) -> list[str]:
    """A line for each."""
    return [
        *([open_warning(settings)] if is_open(settings) else []),
        *([pages_warning(settings)] if is_open_to_pages(settings) else []),
        *([bodies_warning()] if settings.log_bodies else []),
    ]


def is_open(settings: Settings) -> bool:
    """Whether others than the users of this machine can send requests without a key."""
    return not (settings.socket or settings.api_keys or is_loopback(settings.host))


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def is_open_to_pages(settings: Settings) -> bool:
    """Whether any web page can do so, through the browser of somebody who opens it."""
    return "*" in settings.cors_origins and not (settings.socket or settings.api_keys)


def open_warning(settings: Settings) -> str:
    return (
        f"WARNING: everyone who can reach {settings.host} can use ARGO as {settings.user!r};"
        " cure: --host 127.0.0.1, or api_keys in the configuration file"
    )


def pages_warning(settings: Settings) -> str:
    return (
        f"WARNING: every web page that is opened on this machine can use ARGO as {settings.user!r};"
        " cure: list the pages that may in cors_origins, or set api_keys"
    )


def bodies_warning() -> str:
    return "WARNING: the log shows what is asked and answered; cure: log_bodies: false"
