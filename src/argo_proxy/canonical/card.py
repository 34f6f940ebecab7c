"""What is known of one model: the facts that the rest of the proxy decides by, instead of by its name."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

Parameter: TypeAlias = Literal["temperature", "top_p"]


class ModelCard(Struct, frozen=True, forbid_unknown_fields=True):
    """The facts about one model. Token counts are the gateway's published limits; None where it names none."""

    id: str
    """What the gateway calls it."""
    names: tuple[str, ...]
    """What clients may call it, without the prefix `argo:`; the first is its usual name."""
    provider: str
    """Who makes it, as `owned_by` shows it."""
    upstream: str
    """The wire shape to speak, a key of `upstreams.UPSTREAMS`."""
    tokenizer: str
    """The tiktoken encoding to count with: the model's own, or the nearest one that is public."""
    kind: Literal["chat", "embedding"] = "chat"
    context_tokens: int | None = None
    output_tokens: int | None = None
    whole_output_tokens: int | None = None
    """The longest answer that a whole call may ask for; a longer one must be streamed."""
    dimensions: int | None = None
    """How long the vectors of an embedding model are."""
    shortens: bool = False
    """Whether the beginning of a vector is itself one, as with the third generation of OpenAI's."""
    images: bool = False
    tools: bool = True
    """Whether the model takes tools in its provider's own form; else they are put into words."""
    strict_tools: bool = False
    """Whether the provider can be told to keep strictly to the schema of a tool."""
    leaks_calls: bool = False
    """Whether the model sometimes writes a call into its text instead of making it."""
    tool_prompt: str = "plain"
    """How tools are put into words for this model, a key of `prompted_tools.PROMPTS`."""
    reasons: bool = False
    """Whether hidden reasoning counts towards the limit of the answer."""
    streams: bool = True
    takes_stop: bool = True
    """Whether the model takes stop sequences itself; the proxy stops the answer in any case."""
    system_role: Literal["system", "user"] = "system"
    token_limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    """The name that the model knows the limit of the answer by."""
    drops: tuple[Parameter, ...] = ()
    """Parameters that the model rejects at any value."""
    exclusive: tuple[Parameter, ...] = ()
    """Parameters of which the model takes only one; the first that is set wins."""
    temperature_max: float = 2.0
    temperature_only: float | None = None
    """The only temperature that the model takes."""
