"""The flow of one answer: model card, transforms, upstream, gateway, and back as events. Nothing else.

request ──► shape ──► open ──► ARGO
events  ◄── Answer.next ◄── Pipeline ◄── bytes
"""

from argo_proxy.relay.answer import INLINE_BYTES as INLINE_BYTES
from argo_proxy.relay.answer import Answer as Answer
from argo_proxy.relay.answer import Waiting as Waiting
from argo_proxy.relay.calls import Calls as Calls
from argo_proxy.relay.checked import CheckedAnswer as CheckedAnswer
from argo_proxy.relay.prepared import Prepared as Prepared
from argo_proxy.relay.refusals import Refusal as Refusal
from argo_proxy.relay.relay import Relay as Relay
