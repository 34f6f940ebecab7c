"""argo-proxy: use Argonne's ARGO gateway from every program that speaks the OpenAI API."""

__version__ = "0.1.0"
