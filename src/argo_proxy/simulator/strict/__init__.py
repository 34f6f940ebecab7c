"""What the gateway and its providers refuse: one function per rule, one module per family."""

from argo_proxy.simulator.models import Family
from argo_proxy.simulator.strict import anthropic, google, openai
from argo_proxy.simulator.strict.ask import Ask, Rule


def check_chat(ask: Ask) -> None:
    """Raise `Refused` at the first rule of the model's family that the request breaks."""
    for rule in _rules(ask.model.family):
        rule(ask)


def _rules(family: Family) -> tuple[Rule, ...]:
    match family:
        case Family.OPENAI:
            return openai.RULES
        case Family.ANTHROPIC:
            return anthropic.RULES
        case Family.GOOGLE:
            return google.RULES
