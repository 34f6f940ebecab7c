import pytest

from argo_proxy.canonical.errors import UpstreamError
from argo_proxy.catalog.listing import ListedModel, parse_listing

DEEP = b'{"x": ' + b"[" * 100_000


def test_the_older_shape_has_the_id_and_a_display_name() -> None:
    assert parse_listing(b'{"data": [{"id": "gpt4o", "model_name": "GPT-4o"}]}') == (ListedModel("gpt4o", "gpt-4o"),)


def test_the_newer_shape_has_the_display_name_and_an_internal_id() -> None:
    body = (
        b'{"data": [{"id": "GPT-4o", "internal_id": "gpt4o", "object": "model", "created": 1, "owned_by": "openai"}]}'
    )
    assert parse_listing(body) == (ListedModel("gpt4o", "gpt-4o"),)


def test_both_shapes_may_stand_in_one_list_and_nulls_are_nothing() -> None:
    body = b"""{"object": "list", "data": [
        {"id": "Claude Sonnet 3.5  v2 ", "internal_id": "claudesonnet35v2", "model_name": null},
        {"id": "gpto3mini", "model_name": "GPT-o3 Mini", "internal_id": null},
        {"id": "bare"}
    ]}"""
    assert parse_listing(body) == (
        ListedModel("claudesonnet35v2", "claude-sonnet-3.5-v2"),
        ListedModel("gpto3mini", "gpt-o3-mini"),
        ListedModel("bare", "bare"),
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"data": {}}',
        b'{"data": [{}]}',
        b'{"data": ["gpt4o"]}',
        b"<html>",
        b'{"data": "\xff"}',
        DEEP,
    ],
)
def test_what_is_no_list_is_the_gateways_fault(body: bytes) -> None:
    with pytest.raises(UpstreamError, match="model list cannot be read") as caught:
        parse_listing(body)
    assert caught.value.http_code == "bad_answer"


def test_an_empty_list_is_the_gateways_fault_too() -> None:
    with pytest.raises(UpstreamError, match="model list is empty"):
        parse_listing(b'{"data": []}')
