"""The shapes around the hub are held by the type checker; what stands in the registries must offer them."""

import inspect

import pytest

from argo_proxy.canonical.spokes import Dialect, Upstream
from argo_proxy.dialects import DIALECTS
from argo_proxy.upstreams import UPSTREAMS


def parameters(owner: object, name: str) -> list[str]:
    return [parameter for parameter in inspect.signature(getattr(owner, name)).parameters if parameter != "self"]


@pytest.mark.parametrize(
    ("spoke", "shape"),
    [(dialect, Dialect) for dialect in DIALECTS.values()] + [(upstream, Upstream) for upstream in UPSTREAMS.values()],
)
def test_every_spoke_has_the_functions_of_its_shape(spoke: object, shape: type) -> None:
    wanted = [name for name, member in vars(shape).items() if inspect.isfunction(member) and name[0] != "_"]
    assert wanted
    assert {name: parameters(spoke, name) for name in wanted} == {name: parameters(shape, name) for name in wanted}
