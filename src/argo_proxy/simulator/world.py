"""Everything that a running simulator remembers, in one value."""

from dataclasses import dataclass, field

from argo_proxy.simulator.acts import Script
from argo_proxy.simulator.models import ModelsShape
from argo_proxy.simulator.record import Ledger


@dataclass(slots=True)
class World:
    models_shape: ModelsShape = "new"
    script: Script = field(default_factory=Script)
    ledger: Ledger = field(default_factory=Ledger)
