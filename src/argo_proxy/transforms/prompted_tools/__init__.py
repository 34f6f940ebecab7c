"""Tools in words: described to the model in its instructions, called and answered in plain text."""

from argo_proxy.transforms.prompted_tools.prompts import PROMPTS as PROMPTS
from argo_proxy.transforms.prompted_tools.transform import transform as transform
