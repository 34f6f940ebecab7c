"""The list of models, the pages about the proxy itself, and life without a gateway."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest

from argo_proxy import __version__
from tests.integration.proxying import CHAT, DEADLINE_S, Proxy, launch, proxying, said, sdk, settings_for
from tests.simulator.running import Gateway, start


@pytest.fixture
def shapes(gateway: Gateway) -> Iterator[Gateway]:
    """A gateway whose list may be given another shape."""
    yield gateway
    shape(gateway, "new")


def shape(gateway: Gateway, name: str) -> None:
    assert gateway.ask("POST", "/_simulator/settings", {"models_shape": name}).status == 200


def test_the_list_has_every_alias_in_openais_fields(client: openai.OpenAI) -> None:
    models = {model.id: model for model in client.models.list()}
    expected = {
        "argo:gpt-4o": ("openai", "gpt4o"),
        "argo:gpt-o3-mini": ("openai", "gpto3mini"),
        "argo:o3-mini": ("openai", "gpto3mini"),
        "argo:claude-sonnet-4": ("anthropic", "claudesonnet4"),
        "argo:claude-4-sonnet": ("anthropic", "claudesonnet4"),
        "argo:gemini-2.5-pro": ("google", "gemini25pro"),
        "argo:claude-opus-5": ("anthropic", "claudeopus5"),
        "argo:text-embedding-3-small": ("openai", "v3small"),
    }
    for name, (owner, internal) in expected.items():
        model = models[name]
        assert (model.object, model.owned_by, model.to_dict()["internal_name"]) == ("model", owner, internal)
        assert abs(model.created - time.time()) < 3600


def test_every_listed_name_and_its_model_can_be_retrieved(client: openai.OpenAI) -> None:
    for model in client.models.list():
        assert client.models.retrieve(model.id) == model
    assert client.models.retrieve("gpt4o").to_dict()["internal_name"] == "gpt4o"


@pytest.mark.parametrize("name", ["argo:gpt-9", "x" * 3000, "argo:%00", "a/b"])
def test_an_unknown_model_cannot_be_retrieved(client: openai.OpenAI, name: str) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        client.models.retrieve(name)
    assert caught.value.code == "model_not_found"


@pytest.mark.parametrize("name", ["old", "new", "mixed"])
def test_refresh_reads_the_list_in_every_shape(proxy: Proxy, client: openai.OpenAI, shapes: Gateway, name: str) -> None:
    before = {model.id: model.to_dict()["internal_name"] for model in client.models.list()}
    shape(shapes, name)
    answer = proxy.ask("POST", "/refresh")
    assert (answer.status, answer.json) == (200, {"models": len(set(before.values()))})
    assert {model.id: model.to_dict()["internal_name"] for model in client.models.list()} == before


def test_refresh_finds_new_models_and_forgets_old_ones(proxy: Proxy, client: openai.OpenAI, gateway: Gateway) -> None:
    listing = '{"data": [{"id": "GPT-9 Ultra", "internal_id": "gpt9ultra", "owned_by": "openai"}]}'
    gateway.script({"match": "/models", "body": listing})
    assert proxy.ask("POST", "/refresh").status == 200
    try:
        names = [model.id for model in client.models.list()]
        assert "argo:gpt-9-ultra" in names
        assert "argo:gpt-4o" not in names
        with pytest.raises(openai.NotFoundError):
            client.chat.completions.create(model="argo:gpt-4o", messages=[{"role": "user", "content": "hi"}])
    finally:
        assert proxy.ask("POST", "/refresh").status == 200


@pytest.mark.parametrize(
    ("act", "status"),
    [
        ({"status": 500}, 500),
        ({"status": 429}, 429),
        ({"html": True}, 502),
        ({"bad_json": True}, 502),
        ({"body": "[]"}, 502),
        ({"body": '{"data": []}'}, 502),
        ({"body": '{"data": [{"x": 1}]}'}, 502),
        ({"drop": "mid_body"}, 502),
        ({"empty": True}, 502),
    ],
    ids=str,
)
def test_a_refresh_that_fails_says_so_and_keeps_the_old_list(
    proxy: Proxy, client: openai.OpenAI, gateway: Gateway, act: dict[str, object], status: int
) -> None:
    before = client.models.list().data
    gateway.script({"match": "/models", **act})
    answer = proxy.ask("POST", "/refresh")
    assert (answer.status, set(answer.json)) == (status, {"error"})
    assert client.models.list().data == before


def test_the_health_and_the_front_page(proxy: Proxy) -> None:
    assert (proxy.ask("GET", "/health").status, proxy.ask("GET", "/health").body) == (200, b'{"status":"healthy"}')
    assert (proxy.ask("GET", "/health/ready").status, proxy.ask("GET", "/health/ready").json) == (
        200,
        {"status": "ready"},
    )
    for path in ("/", "/v1", "/v1/docs"):
        page = proxy.ask("GET", path)
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert b"/v1/chat/completions" in page.body


def test_the_version_is_told_at_once_without_a_network(proxy: Proxy) -> None:
    expected = {"version": __version__, "latest": None, "update_available": False}
    assert [proxy.ask("GET", "/version").json for _ in range(2)] == [expected] * 2


def test_a_newer_version_is_told_once_it_is_known(gateway: Gateway, gateway_url: str, tmp_path: Path) -> None:
    """The simulator's model list stands in for the package index."""
    gateway.script({"match": "/models/", "body": '{"info": {"version": "999.1"}}', "times": 1})
    with proxying(tmp_path, "http://127.0.0.1:9", update_url=f"{gateway_url}/argoapi/api/v1/models/") as proxy:
        limit_s = time.monotonic() + DEADLINE_S
        while (answer := proxy.ask("GET", "/version").json)["latest"] is None:
            assert time.monotonic() < limit_s
    assert answer == {"version": __version__, "latest": "999.1", "update_available": True}


def test_readiness_follows_the_gateway(tmp_path: Path) -> None:
    process, line = start()
    port = int(line.rsplit(":", 1)[1])
    try:
        with proxying(tmp_path, f"http://127.0.0.1:{port}") as proxy:
            assert proxy.ask("GET", "/health/ready").status == 200
            assert proxy.ask("POST", CHAT, said("hi")).status == 200
            process.kill()
            process.communicate(timeout=10)
            cut_off = proxy.ask("GET", "/health/ready")
            assert (cut_off.status, cut_off.json["error"]["code"]) == (503, "gateway_unreachable")
            assert proxy.ask("GET", "/health").status == 200
            assert proxy.ask("POST", CHAT, said("hi")).status == 503
            process = start("--port", str(port))[0]
            assert proxy.ask("GET", "/health/ready").status == 200
            assert proxy.ask("POST", CHAT, said("hi")).status == 200
    finally:
        process.kill()
        process.communicate(timeout=10)


def test_without_a_gateway_it_starts_within_a_moment_with_the_built_in_table(gateway: Gateway, tmp_path: Path) -> None:
    """The gateway here takes connections and says nothing, which is the worst of ways to be away."""
    gateway.script({"match": "/models", "stall": "before_headers"})
    proxy = launch(tmp_path, settings_for(f"http://127.0.0.1:{gateway.port}"))
    try:
        started_s = time.monotonic()
        moment_s, line = proxy.log.wait_for("serves ")
        assert moment_s - started_s < 5
        proxy.port = int(line.split("/v1 ")[0].rpartition(":")[2])
        assert "25 models from the built-in table" in proxy.log.wait_for("models")[1]
        with sdk(proxy) as client:
            assert "argo:gpt-4o" in [model.id for model in client.models.list()]
            assert proxy.ask("POST", CHAT, said("hi")).status == 200
    finally:
        proxy.process.terminate()
        assert proxy.wait() == 0
        proxy.log.close()


def test_an_override_leads_to_the_other_end_of_a_tunnel(gateway: Gateway, tmp_path: Path) -> None:
    for key in ("argo.example", "argo.example:8080"):
        overrides = {key: f"127.0.0.1:{gateway.port}"}
        with proxying(tmp_path, "http://argo.example:8080", resolve_overrides=overrides) as proxy:
            assert proxy.ask("POST", CHAT, said("hi")).status == 200
        assert gateway.received()[-1]["headers"]["host"] == "argo.example:8080"


@pytest.fixture(scope="module")
def strict(gateway_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """A proxy without default models."""
    without: dict[str, object] = {"default_chat_model": "", "default_embedding_model": ""}
    with proxying(tmp_path_factory.mktemp("strict"), gateway_url, **without) as running:
        yield running


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (CHAT, {"messages": [{"role": "user", "content": "hi"}]}),
        ("/v1/completions", {"prompt": "hi"}),
        ("/v1/embeddings", {"input": "hi"}),
        ("/v1/chat", {"messages": [{"role": "user", "content": "hi"}]}),
        ("/v1/embed", {"prompt": ["hi"]}),
    ],
)
def test_without_defaults_a_request_has_to_name_its_model(strict: Proxy, path: str, body: dict[str, object]) -> None:
    answer = strict.ask("POST", path, body)
    assert (answer.status, answer.json["error"]["type"], answer.json["error"]["param"]) == (
        400,
        "invalid_request_error",
        "model",
    )
    assert "GET /v1/models lists all" in answer.json["error"]["message"]
    model = "argo:text-embedding-3-small" if "embed" in path else "argo:gpt-4o"
    assert strict.ask("POST", path, {**body, "model": model}).status == 200
