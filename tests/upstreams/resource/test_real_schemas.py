"""Schemas as the libraries of clients write them, for all three providers; the simulator is the judge."""

from __future__ import annotations

import json
from datetime import date
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, TypeAdapter

from argo_proxy.canonical.chat import ChatRequest, JsonObject, Message, Text, Tool
from argo_proxy.canonical.spokes import Upstream
from argo_proxy.simulator.models import MODELS
from argo_proxy.simulator.strict import check_chat
from argo_proxy.simulator.strict.ask import Ask, read_turns
from argo_proxy.simulator.strict.body import read_chat
from argo_proxy.upstreams import UPSTREAMS
from argo_proxy.upstreams.resource import google
from tests.known import card

FAMILIES = [(UPSTREAMS[card(model).upstream], model) for model in ("gpt4o", "claudesonnet4", "gemini25pro")]


class Unit(Enum):
    CELSIUS = "C"
    FAHRENHEIT = "F"


class Place(BaseModel):
    """A place."""

    city: str
    at: tuple[float, float] | None = None


class Forecast(BaseModel):
    place: Place = Field(description="where")
    unit: Unit = Unit.CELSIUS
    days: Annotated[int, Field(gt=0, le=14)] = 1
    tags: dict[str, Place] = {}
    extra: Any = None
    day: date | None = None


class Branch(BaseModel):
    kind: Literal["branch"]
    below: list[Tree]


class Leaf(BaseModel):
    kind: Literal["leaf"]
    value: int | str


Tree = Annotated[Branch | Leaf, Field(discriminator="kind")]
Branch.model_rebuild()


class Node(BaseModel):
    next: Node | None = None


ZOD: JsonObject = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {
        "path": {"type": "string", "format": "uri", "minLength": 1},
        "range": {"type": "array", "items": [{"type": "number"}, {"type": "number"}], "minItems": 2, "maxItems": 2},
        "again": {"$ref": "#/properties/range"},
        "mode": {"type": ["string", "null"], "enum": ["r", "w", None], "default": "r"},
        "count": {"type": "integer", "exclusiveMinimum": 0},
        "either": {"anyOf": [{"type": "string", "const": "x"}, {"not": {}}]},
        "record": {"type": "object", "additionalProperties": {"type": "string"}, "propertyNames": {"minLength": 1}},
    },
    "required": ["path", "mode"],
    "additionalProperties": False,
}
ZOD_UNION: JsonObject = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "anyOf": [
        {"type": "object", "properties": {"op": {"type": "string", "const": op}, "at": at}, "required": ["op", "at"],
         "additionalProperties": False}
        for op, at in (("get", {"type": "string"}), ("put", {"$ref": "#/anyOf/0/properties/at"}))
    ],
}  # fmt: skip
MCP: JsonObject = {
    "type": "object",
    "properties": {
        "query": {"type": "string", "description": "Search query (see syntax)"},
        "sort": {"type": "string", "enum": ["", "stars", "forks"]},
        "filter": {"type": "object", "additionalProperties": True},
        "labels": {"type": "array"},
        "page": {"type": "number", "minimum": 1, "exclusiveMinimum": False},
        "anything": {},
        "options": {"type": "object", "properties": {}, "required": []},
    },
    "required": ["query"],
}
GO: JsonObject = {"type": "object", "properties": {}, "required": None}
PHP: JsonObject = {"type": "object", "properties": [], "required": []}
SCHEMAS: dict[str, JsonObject] = {
    "pydantic": Forecast.model_json_schema(),
    "pydantic, recursive": Node.model_json_schema(),
    "pydantic, recursive union": TypeAdapter(Tree).json_schema(),
    "zod": ZOD,
    "zod, union": ZOD_UNION,
    "mcp": MCP,
    "go": GO,
    "php": PHP,
}


def offered(upstream: Upstream, model: str, schema: JsonObject) -> JsonObject:
    """The tool as it is sent; the simulator has taken it."""
    request = ChatRequest(model, (Message("user", (Text("hi"),)),), tools=(Tool("f", "Go.", schema),))
    sent = upstream.encode(request, card(model), "me")
    body = read_chat(sent)
    check_chat(Ask(body, MODELS[model], read_turns(body)))
    return json.loads(sent)["tools"][0]


@pytest.mark.parametrize("family", FAMILIES, ids=[model for _, model in FAMILIES])
@pytest.mark.parametrize("name", SCHEMAS)
def test_what_libraries_write_is_what_providers_take(name: str, family: tuple[Upstream, str]) -> None:
    offered(*family, SCHEMAS[name])


def test_a_model_of_pydantic_says_the_same_to_gemini() -> None:
    place = {
        "type": "object",
        "title": "Place",
        "description": "A place.",
        "properties": {
            "city": {"type": "string", "title": "City"},
            "at": {
                "type": "array", "title": "At", "default": None, "minItems": 2, "maxItems": 2, "nullable": True,
                "description": '(JSON Schema: {"prefixItems":[{"type":"number"},{"type":"number"}]})',
                "items": {"anyOf": [{"type": "number"}, {"type": "number"}]},
            },
        },
        "required": ["city"],
    }  # fmt: skip
    written = offered(google, "gemini25pro", SCHEMAS["pydantic"])["parameters"]["properties"]
    assert written["place"] == {**place, "description": "where A place."}
    assert written["unit"] == {"type": "string", "title": "Unit", "default": "C", "enum": ["C", "F"]}
    assert written["days"] == {"type": "integer", "title": "Days", "default": 1, "minimum": 1, "maximum": 14}
    assert written["day"] == {
        "type": "string", "title": "Day", "default": None, "nullable": True,
        "description": '(JSON Schema: {"format":"date"})',
    }  # fmt: skip
    assert json.loads(written["tags"]["description"].removeprefix("(JSON Schema: ")[:-1])["additionalProperties"][
        "required"
    ] == ["city"]
    assert len(written["extra"]["anyOf"]) == 5


def test_the_kinds_of_a_discriminated_union_are_all_offered_to_gemini() -> None:
    parameters = offered(google, "gemini25pro", SCHEMAS["pydantic, recursive union"])["parameters"]
    assert [kind["enum"] for kind in parameters["properties"]["kind"]["anyOf"]] == [["branch"], ["leaf"]]
    assert parameters["required"] == ["kind"]
    assert parameters["properties"]["below"]["items"]["anyOf"][1]["properties"]["kind"]["enum"] == ["leaf"]


def test_a_reference_into_the_schema_itself_is_followed() -> None:
    written = offered(google, "gemini25pro", ZOD)["parameters"]["properties"]
    assert written["again"] == written["range"]
    assert offered(google, "gemini25pro", ZOD_UNION)["parameters"]["properties"]["at"] == {
        "anyOf": [{"type": "string"}, {"type": "string"}]
    }
