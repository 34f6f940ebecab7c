import pytest

from argo_proxy.canonical.errors import (
    BadRequest,
    Denied,
    ProxyError,
    RateLimited,
    StateError,
    Unauthenticated,
    Unavailable,
    UnknownModel,
    Unsupported,
    UpstreamError,
    UpstreamTimeout,
)


@pytest.mark.parametrize(
    ("error", "status", "kind", "code"),
    [
        (ProxyError, 500, "server_error", "internal_error"),
        (StateError, 503, "server_error", "state_unavailable"),
        (BadRequest, 400, "invalid_request_error", None),
        (Unsupported, 400, "invalid_request_error", "unsupported_value"),
        (UnknownModel, 404, "invalid_request_error", "model_not_found"),
        (Denied, 403, "permission_error", "access_denied"),
        (Unauthenticated, 401, "invalid_request_error", "invalid_api_key"),
        (UpstreamError, 502, "upstream_error", "bad_gateway"),
        (UpstreamTimeout, 504, "upstream_error", "upstream_timeout"),
        (RateLimited, 429, "rate_limit_error", "rate_limit_exceeded"),
        (Unavailable, 503, "upstream_error", "service_unavailable"),
    ],
)
def test_every_error_has_its_status_type_and_code(error: type[ProxyError], status: int, kind: str, code: str) -> None:
    raised = error("what, where, what to do")
    assert (raised.http_status, raised.kind, raised.http_code) == (status, kind, code)
    assert (raised.message, str(raised)) == ("what, where, what to do", "what, where, what to do")
    assert (raised.param, raised.retry_after) == (None, None)


def test_an_error_can_be_told_apart_further() -> None:
    error = Denied("no such key", status=401, code="invalid_api_key", param="key", retry_after="7")
    assert (error.http_status, error.http_code, error.param, error.retry_after) == (401, "invalid_api_key", "key", "7")
    assert (Denied.status, Denied.code) == (403, "access_denied")


def test_whoever_handles_the_root_handles_all() -> None:
    assert issubclass(UnknownModel, BadRequest)
    assert issubclass(RateLimited, UpstreamError)
    assert all(issubclass(error, ProxyError) for error in (StateError, BadRequest, Denied, UpstreamError))
