"""What a route is given and what it gives back; the routes of each API live in a module of their own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from argo_proxy.simulator.acts import ORDINARY, Act
from argo_proxy.simulator.record import Record
from argo_proxy.simulator.replies import Reply
from argo_proxy.simulator.world import World


@dataclass(frozen=True, slots=True)
class Visit:
    """A request at one of the gateway's routes."""

    request: Record
    world: World

    def take_act(self) -> Act:
        """The next scripted act for this request, or the ordinary one."""
        script = self.world.script
        return (script.take(self.request.path, self.request.raw_body) if len(script) else None) or ORDINARY


@dataclass(frozen=True, slots=True)
class Scene:
    """A reply, and the act that says how to deliver it."""

    reply: Reply
    act: Act = ORDINARY


@dataclass(frozen=True, slots=True)
class Route:
    """`answer` raises `Refused` for what the gateway does not take."""

    method: str
    answer: Callable[[Visit], Scene]


Routes: TypeAlias = dict[str, Route]
