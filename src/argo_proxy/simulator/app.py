"""The simulator as an ASGI app: finds the route, keeps the record, delivers the reply."""

from dataclasses import replace
from typing import Final

from argo_proxy.simulator import resource
from argo_proxy.simulator.acts import ORDINARY
from argo_proxy.simulator.asgi import Receive, Scope, Send
from argo_proxy.simulator.control import PREFIX, control
from argo_proxy.simulator.delivery import Wire, deliver
from argo_proxy.simulator.models import ModelsShape
from argo_proxy.simulator.record import Ledger, Record
from argo_proxy.simulator.replies import json_reply
from argo_proxy.simulator.scene import Routes, Scene, Visit
from argo_proxy.simulator.strict.refusals import Refused
from argo_proxy.simulator.transport import connection_of
from argo_proxy.simulator.world import World

BASE: Final = "/argoapi"


class Simulator:
    """Serve it with uvicorn, `http=SimulatorProtocol` and `lifespan="off"`."""

    def __init__(self, models_shape: ModelsShape = "new") -> None:
        self.world: Final = World(models_shape)
        self._routes: Final[Routes] = resource.routes(BASE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"the simulator speaks HTTP only, not {scope['type']}")
        body, whole = await _read_body(receive)
        connection = connection_of(scope)
        record = self._open_record(scope, body, connection.id)
        wire = Wire(receive, send, connection, record)
        if not whole:
            record.end("client_left")
        elif record.path.startswith(PREFIX):
            await deliver(control(record.method, record.path, body, self.world), ORDINARY, wire)
        else:
            await self._answer(wire)

    async def _answer(self, wire: Wire) -> None:
        try:
            scene = self._scene(Visit(wire.record, self.world))
        except Refused as refused:
            await deliver(refused.reply, ORDINARY, replace(wire, whole="refused"))
        else:
            await deliver(scene.reply, scene.act, wire)

    def _scene(self, visit: Visit) -> Scene:
        route = self._routes.get(visit.request.path.rstrip("/"))
        if route is None:
            raise Refused(json_reply({"detail": "Not Found"}, 404))
        if route.method != visit.request.method:
            raise Refused(json_reply({"detail": "Method Not Allowed"}, 405))
        return route.answer(visit)

    def _open_record(self, scope: Scope, body: bytes, connection: str) -> Record:
        """Control requests get a record too, but not one that is listed."""
        path = scope.get("path", "")
        listed = not path.startswith(PREFIX)
        headers = _headers(scope.get("headers", []))
        ledger = self.world.ledger if listed else Ledger()
        return ledger.open(scope.get("method", ""), path, headers, body, connection)


def _headers(pairs: list[tuple[bytes, bytes]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in pairs:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers


async def _read_body(receive: Receive) -> tuple[bytes, bool]:
    """The body, and whether it came to its end before the client left."""
    pieces: list[bytes] = []
    while (event := await receive())["type"] == "http.request":
        pieces.append(event.get("body", b""))
        if not event.get("more_body", False):
            return b"".join(pieces), True
    return b"".join(pieces), False
