"""The resource API: chat, streamchat, embed, models and health (argo-gateway.md, section 1)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeAlias

from argo_proxy.simulator.acts import Act
from argo_proxy.simulator.answers import AUTHENTICATION_NOTICE, compose, cut
from argo_proxy.simulator.models import MODELS, Model, list_models
from argo_proxy.simulator.replies import Reply, json_reply
from argo_proxy.simulator.scene import Route, Routes, Scene, Visit
from argo_proxy.simulator.spelling import chat_reply, streamchat_reply, vector
from argo_proxy.simulator.staging import gzipped, scripted_words, stage
from argo_proxy.simulator.strict import check_chat
from argo_proxy.simulator.strict.ask import Ask, read_turns
from argo_proxy.simulator.strict.body import read_chat, read_embed
from argo_proxy.simulator.strict.refusals import plain_fault
from argo_proxy.simulator.words import Words

STRANGER: Final = "stranger"
Spell: TypeAlias = Callable[[Words, Ask], Reply]


def routes(base: str) -> Routes:
    return {
        f"{base}/api/v1/resource/chat": Route("POST", _chat),
        f"{base}/api/v1/resource/streamchat": Route("POST", _streamchat),
        f"{base}/api/v1/resource/embed": Route("POST", _embed),
        f"{base}/api/v1/resource/health": Route("GET", _health),
        f"{base}/api/v1/models": Route("GET", _models),
    }


def _chat(visit: Visit) -> Scene:
    def spell(words: Words, ask: Ask) -> Reply:
        return chat_reply(words, ask.model.family, visit.request.n, with_tools=bool(ask.body.offered_tools))

    return _converse(visit, _read_ask(visit, streaming=False), spell)


def _streamchat(visit: Visit) -> Scene:
    def spell(words: Words, _: Ask) -> Reply:
        return streamchat_reply(words)

    scene = _converse(visit, _read_ask(visit, streaming=True), spell)
    if not scene.reply.chunked or scene.reply.header(b"content-encoding") or _wants_identity(visit):
        return scene
    return replace(scene, reply=gzipped(scene.reply))


def _embed(visit: Visit) -> Scene:
    body = read_embed(visit.request.raw_body)
    model = _model(body.model)
    if not model.dimensions:
        raise plain_fault(f"Model {model.id} does not make embeddings")
    if body.user == STRANGER:
        return Scene(_notice())
    vectors = [vector(text, model.dimensions) for text in body.prompt]
    return _scene(visit.take_act(), json_reply({"embedding": vectors}))


def _models(visit: Visit) -> Scene:
    return _scene(visit.take_act(), json_reply(list_models(visit.world.models_shape)))


def _health(_: Visit) -> Scene:
    return Scene(json_reply({"status": "healthy"}))


def _converse(visit: Visit, ask: Ask, spell: Spell) -> Scene:
    if ask.body.user == STRANGER:
        return Scene(spell(Words(AUTHENTICATION_NOTICE), ask))
    check_chat(ask)
    act = visit.take_act()
    if act.authentication_notice:
        return Scene(stage(act, spell(Words(AUTHENTICATION_NOTICE), ask)), act)
    words = scripted_words(act) or compose(ask)
    return Scene(stage(act, spell(_limited(words, ask), ask)), act)


def _read_ask(visit: Visit, *, streaming: bool) -> Ask:
    body = read_chat(visit.request.raw_body)
    model = _model(body.model)
    if model.dimensions:
        raise plain_fault(f"Model {model.id} does not chat")
    return Ask(body, model, read_turns(body), streaming)


def _model(model_id: str) -> Model:
    model = MODELS.get(model_id)
    if model is None:
        raise plain_fault(f"Invalid model: {model_id}")
    return model


def _limited(words: Words, ask: Ask) -> Words:
    stops, limits = ask.body.stops, ask.body.token_limits
    if words.text is None or not (stops or limits):
        return words
    return replace(words, text=cut(words.text, stops, limits))


def _scene(act: Act, reply: Reply) -> Scene:
    return Scene(stage(act, _notice() if act.authentication_notice else reply), act)


def _notice() -> Reply:
    return json_reply({"response": AUTHENTICATION_NOTICE})


def _wants_identity(visit: Visit) -> bool:
    codings = visit.request.headers.get("accept-encoding", "").lower().replace(" ", "").split(",")
    return "identity" in codings and not any(coding.startswith("gzip") for coding in codings)
