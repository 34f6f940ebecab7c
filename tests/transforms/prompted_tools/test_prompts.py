import pytest

from argo_proxy.transforms.prompted_tools import prompts
from argo_proxy.transforms.prompted_tools.words import spelling
from tests.known import catalog

BRACES = '{"name":"{tools}{0}{}"}'


@pytest.mark.parametrize("name", prompts.PROMPTS)
def test_a_prompt_tells_the_tools_the_form_of_a_call_and_the_choice(name: str) -> None:
    told = prompts.PROMPTS[name].format(tools=BRACES, number=prompts.NUMBER_ONE, choice=prompts.CHOICE_ANY)
    for part in (BRACES, prompts.NUMBER_ONE, prompts.CHOICE_ANY, *(marker.strip() for marker in spelling().markers)):
        assert part in told
    assert '{"name": ' in told
    assert "{{" not in told
    assert "}}}" not in told


def test_every_model_has_a_prompt() -> None:
    assert {card.tool_prompt for card in catalog().cards} <= set(prompts.PROMPTS)


def test_a_choice_may_name_any_tool() -> None:
    assert prompts.CHOICE_NAMED.format(name="{x}") == 'This time you must call the tool "{x}".'
    assert prompts.COMPLAINT.format(choice="{x}").endswith(" {x}")
