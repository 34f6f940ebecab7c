import json

from argo_proxy.simulator.strict.refusals import anthropic_fault, google_fault, openai_fault


def test_an_openai_error_is_a_python_repr_inside_the_gateways_message():
    error = json.loads(str(openai_fault("it's bad", "top_p", "unsupported_parameter")))["error"]
    assert error["type"] == "BadRequestError"
    assert error["message"] == (
        "Error code: 400 - {'error': {'message': \"it's bad\", 'type': 'invalid_request_error', "
        "'param': 'top_p', 'code': 'unsupported_parameter'}}"
    )


def test_an_anthropic_error_keeps_anthropics_shape():
    body = json.loads(str(anthropic_fault("bad")))
    assert body["type"] == "error"
    assert body["error"]["message"].startswith("Error code: 400 - {'type': 'error', 'error': {")


def test_a_google_error_quotes_its_status():
    error = json.loads(str(google_fault("bad")))["error"]
    assert error["message"].startswith("400 INVALID_ARGUMENT. {'error': {'code': 400")
