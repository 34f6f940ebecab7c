import pytest

from argo_proxy.canonical.errors import BadRequest
from argo_proxy.dialects.inputs import read_inputs


def test_one_text_many_or_tokens_are_inputs() -> None:
    assert read_inputs("a", "p", 1) == ("a",)
    assert read_inputs(["a", "b"], "p", 2) == ("a", "b")
    assert read_inputs([1, 2], "p", 1) == ((1, 2),)
    assert read_inputs([[1], []], "p", 2) == ((1,), ())


@pytest.mark.parametrize("given", [[], ["a", "b", "c"], ["a", 1], ["a", [1]], [1, [1]]])
def test_too_many_none_and_a_mixture_are_refused_by_name(given: list[str | int | list[int]]) -> None:
    with pytest.raises(BadRequest) as caught:
        read_inputs(given, "prompt", 2)
    assert caught.value.param == "prompt"
