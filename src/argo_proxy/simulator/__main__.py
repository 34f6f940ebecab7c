"""`python -m argo_proxy.simulator`: serves the simulator until SIGTERM or SIGINT."""

import argparse
import signal
import sys
from socket import socket
from typing import NoReturn

import uvicorn

from argo_proxy.simulator.app import Simulator
from argo_proxy.simulator.transport import SimulatorProtocol


def main() -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    _Server(_config(_arguments())).run()


class _Server(uvicorn.Server):
    """Says where it listens once it does, and lets no unfinished answer hold up the end."""

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        scheme = "https" if self.config.is_ssl else "http"
        sys.stdout.write(f"simulator listening on {scheme}://{shown}:{port}\n")
        sys.stdout.flush()

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        for connection in self.server_state.connections:
            connection.transport.abort()
        await super().shutdown(sockets)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m argo_proxy.simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--certfile", help="with --keyfile: serve https")
    parser.add_argument("--keyfile")
    parser.add_argument("--models-shape", choices=("old", "new", "mixed"), default="new")
    return parser.parse_args()


def _config(arguments: argparse.Namespace) -> uvicorn.Config:
    return uvicorn.Config(
        Simulator(arguments.models_shape),
        host=arguments.host,
        port=arguments.port,
        http=SimulatorProtocol,
        ws="none",
        lifespan="off",
        ssl_certfile=arguments.certfile,
        ssl_keyfile=arguments.keyfile,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )


def _leave(_number: int, _frame: object) -> NoReturn:
    """uvicorn raises the signal again once it has shut down; that is a good end."""
    sys.exit(0)


if __name__ == "__main__":
    main()
