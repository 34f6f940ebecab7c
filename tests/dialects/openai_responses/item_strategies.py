"""Items, tools and choices of them, as any client of the Responses API may send them."""

from __future__ import annotations

import base64

from hypothesis import strategies as st

from argo_proxy.dialects.openai_responses.gist import sealed
from tests.dialects.openai_chat.tool_strategies import Json, arguments, call_ids, names, parameters, strict_parameters
from tests.laws.strategies import text

PNG = "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(9)).decode()

said = st.one_of(st.sampled_from(["", " ", "\n", "hello ", "go on:\t"]), text)
input_text = said.map(lambda said: {"type": "input_text", "text": said})
output_text = st.one_of(
    said.map(lambda said: {"type": "output_text", "text": said, "annotations": []}),
    said.map(lambda said: {"type": "refusal", "refusal": said}),
)
image = st.fixed_dictionaries(
    {"type": st.just("input_image"), "image_url": st.just(PNG)},
    optional={"detail": st.sampled_from(["auto", "low", "high", "original"])},
)
ids = st.sampled_from(["msg_1", "fc_2", "x"])
statuses = st.sampled_from(["completed", "incomplete", "in_progress"])
spaces = st.none() | st.sampled_from(["mail", "functions"])


def item(kind: str, **fields: st.SearchStrategy[object]) -> st.SearchStrategy[Json]:
    """An item of a type, with or without its own id and status."""
    return st.fixed_dictionaries({"type": st.just(kind), **fields}, optional={"id": ids, "status": statuses})


def parts(*kinds: st.SearchStrategy[Json]) -> st.SearchStrategy[object]:
    return said | st.lists(st.one_of(*kinds), max_size=3)


def messages(*user_parts: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    """Messages, of which some leave their type out."""
    instructing, speaking, answering = (
        st.fixed_dictionaries({"role": st.sampled_from(roles), "content": content}, optional={"status": statuses})
        for roles, content in (
            (["system", "developer"], parts(input_text)),
            (["user"], parts(*user_parts)),
            (["assistant"], parts(output_text)),
        )
    )
    typed = st.sampled_from([{}, {"type": "message"}, {"type": "message", "id": "msg_1"}])
    return st.builds(lambda said, more: {**said, **more}, st.one_of(instructing, speaking, answering), typed)


def rounds(*user_parts: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    """Calls and results of every kind, each with and without its other half."""
    found = st.lists(tools(), max_size=2)
    searched = st.dictionaries(st.sampled_from(["query", "limit"]), said, max_size=2)
    return st.one_of(
        item("function_call", call_id=call_ids, name=names, arguments=arguments, namespace=spaces),
        item("function_call_output", call_id=call_ids, output=parts(*user_parts)),
        item("custom_tool_call", call_id=call_ids, name=names, input=said, namespace=spaces),
        item("custom_tool_call_output", call_id=call_ids, output=parts(*user_parts)),
        item("tool_search_call", call_id=st.none() | call_ids, arguments=searched, execution=st.just("client")),
        item("tool_search_output", call_id=st.none() | call_ids, tools=found, execution=st.just("client")),
        item("additional_tools", role=st.just("developer"), tools=found),
    )


unheard = st.one_of(
    item("reasoning", summary=st.just([]), encrypted_content=st.none() | text),
    item("web_search_call"),
)
gists = item("compaction", encrypted_content=text.map(sealed))


def conversations(*user_parts: st.SearchStrategy[Json]) -> st.SearchStrategy[object]:
    """What `input` may be."""
    every = st.one_of(messages(*user_parts), rounds(*user_parts), unheard, gists)
    heard = st.one_of(messages(*user_parts), gists)
    return said | st.builds(lambda before, last: [*before, last], st.lists(every, max_size=7), heard)


def tools() -> st.SearchStrategy[Json]:
    """Tools that can work here."""
    function = st.one_of(
        st.fixed_dictionaries({"type": st.just("function"), "name": names, "parameters": strict_parameters,
                               "strict": st.just(True)}),
        st.fixed_dictionaries({"type": st.just("function"), "name": names},
                              optional={"description": st.none() | text, "parameters": parameters,
                                        "strict": st.sampled_from([None, False]), "defer_loading": st.booleans()}),
    )  # fmt: skip
    grammar = st.just({"type": "grammar", "syntax": "lark", "definition": "start: /.+/"})
    custom = st.fixed_dictionaries(
        {"type": st.just("custom"), "name": names},
        optional={"description": st.none() | text, "format": st.none() | st.just({"type": "text"}) | grammar},
    )
    inner = st.lists(function | custom, max_size=2, unique_by=lambda tool: str(tool["name"]))
    namespace = st.fixed_dictionaries(
        {"type": st.just("namespace"), "name": names, "tools": inner}, optional={"description": text}
    )
    search = st.just({"type": "tool_search", "execution": "client", "description": "Search.", "parameters": {}})
    return st.one_of(function, custom, namespace, search)


@st.composite
def offers(draw: st.DrawFn) -> Json:
    """What a body says of tools."""
    given = draw(st.lists(tools(), max_size=4, unique_by=lambda tool: str(tool.get("name"))))
    named = [{"type": tool["type"], "name": tool["name"]} for tool in given if tool["type"] in ("function", "custom")]
    choices: list[object] = [None, "auto", "none"]
    if named:
        choices += ["required", *named, {"type": "allowed_tools", "mode": "auto", "tools": named}]
    return {
        "tools": given,
        "tool_choice": draw(st.sampled_from(choices)),
        "parallel_tool_calls": draw(st.sampled_from([None, True, False])),
    }


formats = st.one_of(
    st.sampled_from([{"type": "text"}, {"type": "json_object"}]),
    strict_parameters.map(lambda schema: {"type": "json_schema", "name": "it", "schema": schema, "strict": True}),
)
settings = st.fixed_dictionaries(
    {},
    optional={
        "instructions": st.none() | said,
        "temperature": st.floats(0, 2),
        "top_p": st.floats(0, 1),
        "max_output_tokens": st.sampled_from([1, 21_000, 21_001, 2**53]),
        "stream": st.booleans(),
        "store": st.booleans(),
        "text": st.fixed_dictionaries({}, optional={"format": formats, "verbosity": st.just("low")}),
        "reasoning": st.sampled_from([None, {"effort": "high", "summary": "auto"}]),
        "metadata": st.dictionaries(text.filter(len), text, max_size=2),
        "top_logprobs": st.integers(0, 20),
        "truncation": st.sampled_from([None, "auto", "disabled"]),
        "include": st.just(["reasoning.encrypted_content"]),
        "prompt_cache_key": st.none() | text,
        "user": st.none() | text,
    },
)  # fmt: skip


def bodies(*user_parts: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    """Bodies of requests, without a model."""
    return st.builds(
        lambda said, offered, more: {"input": said, **offered, **more},
        conversations(*user_parts),
        offers() | st.just({}),
        settings,
    )
