from argo_proxy.upstreams import UPSTREAMS
from tests.known import facts


def test_every_wire_shape_that_a_model_names_is_there_and_used() -> None:
    assert {card.get("upstream") for card in facts().cards.values()} - {None} == set(UPSTREAMS)
