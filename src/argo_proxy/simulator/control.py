"""The control API of tests, outside the gateway's paths: script, received, stats, settings, reset."""

from typing import Final

import msgspec
from msgspec import Struct

from argo_proxy.simulator.acts import read_acts
from argo_proxy.simulator.models import ModelsShape
from argo_proxy.simulator.replies import Reply, json_reply
from argo_proxy.simulator.world import World

PREFIX: Final = "/_simulator/"


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    models_shape: ModelsShape


def control(method: str, path: str, body: bytes, world: World) -> Reply:
    """Carry out one control request; a mistake in it is a 400 that names it, never ignored."""
    try:
        return _carry_out(f"{method} {path.removeprefix(PREFIX).rstrip('/')}", body, world)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return json_reply({"error": str(error)}, 400)


def _carry_out(command: str, body: bytes, world: World) -> Reply:
    match command:
        case "POST script":
            world.script.append(read_acts(body))
            return json_reply({"queued": len(world.script)})
        case "GET received":
            return json_reply(world.ledger.listing())
        case "GET stats":
            return json_reply(world.ledger.stats())
        case "POST settings":
            world.models_shape = msgspec.json.decode(body, type=Settings).models_shape
            return json_reply({"models_shape": world.models_shape})
        case "POST reset":
            world.script.clear()
            world.ledger.reset()
            return json_reply({"reset": True})
        case _:
            return json_reply({"error": f"no such control request: {command}"}, 404)
