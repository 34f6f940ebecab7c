"""Requests as values, and what the rules say to them."""

import base64

import msgspec

from argo_proxy.simulator.models import MODELS
from argo_proxy.simulator.strict import check_chat
from argo_proxy.simulator.strict.ask import Ask, read_turns
from argo_proxy.simulator.strict.body import read_chat
from argo_proxy.simulator.strict.refusals import Refused

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
IMAGE = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}
SCHEMA = {"type": "object", "properties": {"q": {"type": "string"}}, "required": ["q"]}


def user(content: object = "hi") -> dict[str, object]:
    return {"role": "user", "content": content}


def assistant(content: object = "hello", **more: object) -> dict[str, object]:
    return {"role": "assistant", "content": content, **more}


def system(content: object = "be brief") -> dict[str, object]:
    return {"role": "system", "content": content}


def ask(model: str, *messages: dict[str, object], streaming: bool = False, **more: object) -> Ask:
    """A request of `me`; without messages it says hi."""
    said = {} if "prompt" in more else {"messages": list(messages or (user(),))}
    body = read_chat(msgspec.json.encode({"user": "me", "model": model, **said, **more}))
    return Ask(body, MODELS[model], read_turns(body), streaming)


def refusal(model: str, *messages: dict[str, object], **more: object) -> tuple[int, str] | None:
    """Status and text of the refusal; None when the request is accepted."""
    try:
        check_chat(ask(model, *messages, **more))
    except Refused as refused:
        return refused.reply.status, str(refused)
    return None
