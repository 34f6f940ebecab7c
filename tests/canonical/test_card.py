import msgspec
import pytest

from argo_proxy.canonical.card import ModelCard

LEAST = {"id": "gpt4o", "names": ["gpt-4o"], "provider": "openai", "upstream": "resource_openai", "tokenizer": "x"}


def test_a_model_of_which_little_is_known_takes_everything_but_images() -> None:
    card = msgspec.convert(LEAST, ModelCard)
    assert (card.kind, card.images, card.streams, card.takes_stop) == ("chat", False, True, True)
    assert (card.drops, card.exclusive, card.temperature_max, card.temperature_only) == ((), (), 2.0, None)
    assert (card.token_limit, card.system_role) == ("max_tokens", "system")
    assert (card.tools, card.strict_tools, card.leaks_calls, card.tool_prompt) == (True, False, False, "plain")
    assert (card.context_tokens, card.output_tokens, card.whole_output_tokens) == (None, None, None)


@pytest.mark.parametrize(
    "fact",
    [
        {"colour": "blue"},
        {"kind": "rerank"},
        {"drops": ["seed"]},
        {"exclusive": ["max_tokens"]},
        {"token_limit": "max_output_tokens"},
        {"system_role": "developer"},
        {"images": "yes"},
    ],
)
def test_a_fact_that_nothing_reads_is_refused(fact: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(LEAST | fact, ModelCard)
