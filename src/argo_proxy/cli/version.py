"""`argo-proxy --version`: what this is, and whether a newer one is published. Offline it says less, and soon."""

import os
import threading
import urllib.request
from queue import Empty, Queue
from typing import cast

from argo_proxy import __version__
from argo_proxy.cli.terminal import tell
from argo_proxy.settings import Search, SettingsError, load_config, resolve

LIMIT_S = 1.5
PACKAGE = "argo-openai-proxy"


def tell_version(search: Search) -> int:
    tell(f"argo-proxy {__version__}")
    from argo_proxy.updates import is_newer  # after the answer that needs nothing

    latest = newest(update_url(search))
    if latest and is_newer(latest):
        tell(f"{latest} is published; pip install --upgrade {PACKAGE}")
    elif latest:
        tell("no newer one is published")
    return 0


def update_url(search: Search) -> str:
    """The one configured, as far as that is sound; whatever else is wrong does not matter here."""
    for path in (search.path, None):
        try:
            return resolve({"user": "anybody"}, os.environ, load_config(path) if path else None).settings.update_url
        except SettingsError:
            continue
    return resolve({"user": "anybody"}, {}, None).settings.update_url


def newest(url: str) -> str | None:
    """None where it cannot be known within the limit. A thread that waits for a name server is left behind."""
    found: Queue[str | None] = Queue()
    threading.Thread(target=lambda: found.put(read_version(url)), daemon=True).start()
    try:
        return found.get(timeout=LIMIT_S)
    except Empty:
        return None


def read_version(url: str) -> str | None:
    """By the way that the environment names (`https_proxy`), unlike all that goes to ARGO."""
    import http.client

    import msgspec

    from argo_proxy.gateway.trust import trusting
    from argo_proxy.updates import MAX_BYTES, version_in

    request = urllib.request.Request(url, headers={"User-Agent": f"argo-proxy/{__version__}"})
    tls = trusting(None)
    try:
        with urllib.request.urlopen(request, timeout=LIMIT_S, context=tls) as answer:
            return version_in(cast("bytes", answer.read(MAX_BYTES)))
    except (OSError, ValueError, http.client.HTTPException, msgspec.DecodeError):
        return None
