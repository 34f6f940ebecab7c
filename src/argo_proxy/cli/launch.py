"""`argo-proxy launch`: starts an agent on the proxy that runs, for this one run; nothing is written anywhere."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from http.client import HTTPException
from typing import cast
from urllib.parse import quote, urlsplit

from argo_proxy.catalog.facts import Facts, load_facts
from argo_proxy.cli.agents import AGENTS, KEY_VARIABLE, Agent, Offer, Start, Target
from argo_proxy.cli.commands import Launch
from argo_proxy.cli.neighbour import Nobody, Ours, Stranger, ask, neighbour_at
from argo_proxy.cli.terminal import complain, flush
from argo_proxy.cli.userless import settings_for_command
from argo_proxy.listener import address_at
from argo_proxy.settings import Settings

OPEN_KEY = "any"


class LaunchError(Exception):
    """Why the agent cannot be started, and what to do."""


def launch_agent(command: Launch) -> int:
    """The exit code: that of the agent, 1 when it cannot be started, 2 for a bad configuration."""
    settings = settings_for_command(command.config, command.flags)
    if settings is None:
        return 2
    try:
        agent = AGENTS[command.agent]
        program = find_program(command.agent, agent)
        target = find_target(settings, command)
    except LaunchError as error:
        complain(f"error: {error}")
        return 1
    start = agent.prepare(target)
    complain(said(command.agent, target, start))
    environ = {**os.environ, **past_proxies(os.environ, target.base_url), **start.environ}
    try:
        return replace_by([program, *start.arguments, *command.arguments], environ)
    except OSError as error:  # no program of this system, or its interpreter is not there
        complain(f"error: {program} cannot be started: {error.strerror}; install it anew: {agent.install}")
        return 1


def find_program(name: str, agent: Agent) -> str:
    program = shutil.which(name)
    if program is None:
        raise LaunchError(f"{name} is not on the PATH; install it: {agent.install}")
    return program


def find_target(settings: Settings, command: Launch) -> Target:
    """What runs at the configured address. Raises LaunchError."""
    address = find_proxy(settings, command)
    name = command.model or settings.default_chat_model
    if not name:
        raise LaunchError("the configuration has no default model; name one with --model")
    key = key_for(settings, os.environ)
    try:
        return Target(f"{address}/v1", key, find_model(address, key, name), find_models(address, key))
    except (OSError, HTTPException) as error:
        raise LaunchError(f"the proxy at {address} does not answer: {error}") from error


def find_proxy(settings: Settings, command: Launch) -> str:
    if settings.socket:
        raise LaunchError("agents cannot use a Unix socket; start a proxy with `host` and `port` for them")
    if not settings.port:
        raise LaunchError("the configuration names no port; say where the proxy listens with --port")
    address = address_at(settings.host, settings.port)
    match neighbour_at(address):
        case Ours():
            return address
        case Nobody():
            raise LaunchError(f"no proxy listens at {address}; start it in another terminal: {start_line(command)}")
        case Stranger():
            raise LaunchError(
                f"what listens at {address} is no argo-proxy; say where yours does with --port, or start it:"
                " argo-proxy --port 0 takes a free one"
            )


def start_line(command: Launch) -> str:
    words = ["argo-proxy", *([command.config] if command.config else [])]
    return shlex.join([*words, *(f"--{name}={value}" for name, value in command.flags.items())])


def key_for(settings: Settings, environ: Mapping[str, str]) -> str:
    """Of several keys the one in the environment, else the first that the configuration tells. Raises LaunchError."""
    if settings.username_passthrough:
        return settings.user
    if not settings.api_keys:
        return OPEN_KEY
    told = [key.plain for key in settings.api_keys if key.plain]
    key = environ.get(KEY_VARIABLE) or (told[0] if told else None)
    if key is None:
        raise LaunchError(f"the configuration has only hashes of its keys; put yours into {KEY_VARIABLE} first")
    return key


def find_model(address: str, key: str, name: str) -> Offer:
    status, said = ask(address, f"/v1/models/{quote(name, safe='')}", key)
    if status == 200 and said is not None:
        return offer(load_facts(), said)
    raise LaunchError(message_in(said).replace("GET /v1/models lists all", "`argo-proxy models` lists all"))


def find_models(address: str, key: str) -> tuple[Offer, ...]:
    """Those that chat."""
    _, said = ask(address, "/v1/models", key)
    entries = cast("Iterable[Mapping[str, object]]", (said or {}).get("data", ()))
    facts = load_facts()
    chatting = (entry for entry in entries if facts.card(str(entry["internal_name"]), ()).kind == "chat")
    return tuple(offer(facts, entry) for entry in chatting)


def offer(facts: Facts, entry: Mapping[str, object]) -> Offer:
    card = facts.card(str(entry["internal_name"]), ())
    return Offer(str(entry["id"]), card.context_tokens, card.output_tokens)


def message_in(said: Mapping[str, object] | None) -> str:
    error = (said or {}).get("error")
    if isinstance(error, Mapping):
        return str(cast("Mapping[str, object]", error).get("message"))
    return "the proxy's answer cannot be read"


def said(name: str, target: Target, start: Start) -> str:
    ways = [*start.environ, *(["its own flags"] if start.arguments else [])]
    return f"{name} uses {target.base_url} with {target.model.name}, for this run only ({', '.join(ways)})"


def past_proxies(environ: Mapping[str, str], base_url: str) -> dict[str, str]:
    """Where a lab's HTTP proxy is set, this one must be exempt from it."""
    if not any(name.lower() in ("http_proxy", "https_proxy", "all_proxy") for name in environ):
        return {}
    exempt = environ.get("no_proxy") or environ.get("NO_PROXY")
    value = ",".join(part for part in (exempt, urlsplit(base_url).hostname) if part)
    return {"no_proxy": value, "NO_PROXY": value}


def replace_by(argv: list[str], environ: Mapping[str, str]) -> int:
    """Become that program. Windows cannot: there it is a child, and its exit code is ours."""
    flush()
    if sys.platform != "win32":
        os.execve(argv[0], argv, environ)
    return subprocess.run(argv, env=environ, check=False).returncode
