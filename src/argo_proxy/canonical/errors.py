"""One small tree of errors that says whose fault it is.

Raised where the fault is known, caught once at the edge, worded for the client by its dialect.
"""

from __future__ import annotations

from typing import ClassVar


class ProxyError(Exception):
    """A fault of the proxy itself, and the root of all others. `kind` is OpenAI's `error.type`."""

    status: ClassVar[int] = 500
    kind: ClassVar[str] = "server_error"
    code: ClassVar[str | None] = "internal_error"

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        param: str | None = None,
        retry_after: str | None = None,
    ) -> None:
        """`retry_after` is the value of a Retry-After header: seconds or an HTTP date."""
        super().__init__(message)
        self.message = message
        self.http_status = status or self.status
        self.http_code = code or self.code
        self.param = param
        self.retry_after = retry_after


class StateError(ProxyError):
    """What is kept between requests can be neither read nor written."""

    status = 503
    code = "state_unavailable"


class BadRequest(ProxyError):
    """The client's fault: the request is malformed or means nothing here."""

    status = 400
    kind = "invalid_request_error"
    code = None


class Unsupported(BadRequest):
    """The request is sound, but the model or ARGO cannot do it, and dropping it would change its meaning."""

    code = "unsupported_value"


class UnknownModel(BadRequest):
    """No such model on the gateway."""

    status = 404
    code = "model_not_found"


class Denied(ProxyError):
    """Who asks is not known (401) or not allowed (403)."""

    status = 403
    kind = "permission_error"
    code = "access_denied"


class Unauthenticated(Denied):
    """Who asks has shown no key that is known here."""

    status = 401
    kind = "invalid_request_error"
    code = "invalid_api_key"


class UpstreamError(ProxyError):
    """The gateway failed, or answered something that is no answer."""

    status = 502
    kind = "upstream_error"
    code = "bad_gateway"


class UpstreamTimeout(UpstreamError):
    """The gateway did not answer in time."""

    status = 504
    code = "upstream_timeout"


class RateLimited(UpstreamError):
    """The gateway asks to slow down."""

    status = 429
    kind = "rate_limit_error"
    code = "rate_limit_exceeded"


class Unavailable(UpstreamError):
    """The gateway cannot be reached, or the proxy is stopping."""

    status = 503
    code = "service_unavailable"
