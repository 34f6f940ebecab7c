from argo_proxy.simulator.models import MODELS, list_models

DOCUMENTED = (
    "gpt35 gpt35large gpt4 gpt4large gpt4turbo gpt4o gpt4olatest gpto1preview gpto1mini gpto3mini "
    "gpto1 gpto3 gpto4mini gpt41 gpt41mini gpt41nano gemini25pro gemini25flash claudeopus4 "
    "claudesonnet4 claudesonnet37 claudesonnet35v2 ada002 v3small v3large "
)


def test_every_documented_model_is_there():
    assert set(DOCUMENTED.split()) < set(MODELS)


def test_the_list_comes_in_the_older_and_the_newer_shape():
    assert {"id": "gpt4o", "model_name": "GPT-4o"} in list_models("old")["data"]
    newer = next(entry for entry in list_models("new")["data"] if entry["internal_id"] == "gpt4o")
    assert newer.pop("created") > 1_700_000_000
    assert newer == {"id": "GPT-4o", "internal_id": "gpt4o", "object": "model", "owned_by": "openai"}


def test_a_mixed_list_has_both_shapes():
    assert {"internal_id" in entry for entry in list_models("mixed")["data"]} == {True, False}
