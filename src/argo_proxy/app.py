"""The composition root: from settings to a running program, of one process or of several."""

from __future__ import annotations

import logging
import socket
from pathlib import Path
from time import time

from argo_proxy.listener import ListenError, address_of, listen_apart
from argo_proxy.rereading import Reread, Rereading
from argo_proxy.serving import Serving, open_configured_store, run_in_loop
from argo_proxy.settings import Settings
from argo_proxy.signals import heed_hang_up, heed_stop
from argo_proxy.state import ResponseStore, StateError
from argo_proxy.telemetry.request_log import LOGGER, set_up_logging
from argo_proxy.web.bulletin import Alone


def run(settings: Settings, reread: Reread) -> int:
    """Serve until told to stop. The exit code: 0, or 1 when the address or the store cannot be had."""
    set_up_logging(verbose=settings.verbose, log_format=settings.log_format)
    rereading = Rereading(settings, reread)
    try:
        store = open_configured_store(settings)
        listeners = listen_apart(settings.host, settings.port, settings.socket, settings.workers)
    except (StateError, ListenError) as error:
        logging.getLogger(LOGGER).error("%s", error)
        return 1
    address = address_of(listeners[0], settings.host)
    if settings.workers == 1:
        run_in_loop(_serve(settings, listeners[0], store, rereading))
        code = 0
    else:
        from argo_proxy.supervisor import supervise

        store.close()  # it can be opened; each process opens it for itself
        code = supervise(rereading, listeners, address)
    if settings.socket is not None:
        Path(settings.socket).expanduser().unlink(missing_ok=True)
    return code


async def _serve(settings: Settings, listener: socket.socket, store: ResponseStore, rereading: Rereading) -> None:
    serving = Serving(settings, listener, store, Alone(), int(time()))

    def summary() -> tuple[str, ...]:
        return serving.service.summary(address_of(listener, settings.host))

    def reload() -> None:
        if changed := rereading.changed():
            serving.adopt(changed, lambda: rereading.tell_adopted(summary()))

    def ready() -> None:
        for line in summary():
            logging.getLogger(LOGGER).info("%s", line)

    heed_stop(serving.server.stop)
    heed_hang_up(reload, serving.server.stop)
    await serving.run(ready)
