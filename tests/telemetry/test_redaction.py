"""What is hidden in a text, and what is left to be read."""

from __future__ import annotations

import pytest

from argo_proxy.telemetry.redaction import HIDDEN, SECRET_NAME, Redaction

KNOWN = Redaction(["key-of-the-lab", "key-of-the-lab-2", "abc"])
SECRET = "x7Qw9Zr2Lm4Tn6Vb"


@pytest.mark.parametrize(
    "text",
    [
        f"sk-{SECRET}",
        f"it is sk-proj-{SECRET}_{SECRET}, I think",
        f"\nsk-ant-{SECRET}",
        f"\\nsk-{SECRET} in JSON within JSON",
        f"Authorization: Bearer {SECRET}",
        f"authorization: {SECRET}",
        f"'Authorization': 'Basic {SECRET}=='",
        f"curl -H 'X-Api-Key: {SECRET}'",
        f"bearer   {SECRET}",
        f"\\nBearer {SECRET}",
        f"Basic {SECRET}==",
        f"OPENAI_API_KEY={SECRET}",
        f"api-key => '{SECRET}'",
        f'{{"client_secret": "{SECRET}"}}',
        f'{{\\"password\\": \\"{SECRET}\\"}}',
        f'{{\\\\"password\\\\": \\\\"two \\" {SECRET}\\\\"}}',
        f'password = "a \\" quote {SECRET}"',
        f"passwd: {SECRET}",
        f"access_token: {SECRET}",
        f'"api_keys": ["one", "{SECRET}"]',
        f"Cookie: session={SECRET}",
        f"postgres://user:{SECRET}@host/db",
        f"ghp_{SECRET}{SECRET}",
        f"github_pat_{SECRET}",
        f"glpat-{SECRET}",
        f"xoxb-{SECRET}",
        f"AKIAIOSFODNN7EXAMPLE{SECRET}".upper().replace(SECRET.upper(), ""),
        f"AIza{SECRET}{SECRET}",
        f"hf_{SECRET}",
        f"eyJhbGciOiJIUzI1NiJ9.{SECRET}.{SECRET}",
        f"tool --api-key {SECRET} --more",
        f"mysql -u root --password {SECRET}",
        f"machine host.example login joe password {SECRET}",
        f"the password is {SECRET}",
        f"<password>{SECRET}</password>",
        f"password: >-\n  {SECRET}",
        f"DB_PASS={SECRET}; pwd: {SECRET}",
        f"Bearer: {SECRET}",
        f"https://host.example/path?access_token={SECRET}&x=1",
        f"-----BEGIN RSA PRIVATE KEY-----\n{SECRET}\n{SECRET}\n-----END RSA PRIVATE KEY-----",
        f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n{SECRET}",
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str) -> None:
    told = KNOWN.hide(text)
    assert HIDDEN in told
    assert SECRET not in told
    assert "AKIAIOSFODNN7EXAMPLE" not in told


@pytest.mark.parametrize(
    "text",
    [
        "risk-management and task-oriented work, a desk-bound token",
        "max_tokens: 5, token_count = 7, tokens: 9",
        '"password": {"type": "string"}',
        "a basic understanding of the bearer",
        "http://host:8080/path?x=y@z",
        "The key is under the mat.",
        "the abcess, abcd and 0abc",
    ],
)
def test_other_text_is_left_as_it_is(text: str) -> None:
    assert KNOWN.hide(text) == text


def test_known_keys_are_hidden_anywhere_short_ones_where_they_stand_alone() -> None:
    told = KNOWN.hide("xkey-of-the-laby, key-of-the-lab-2; abc (abc) abcd")
    assert told == f"x{HIDDEN}y, {HIDDEN}; {HIDDEN} ({HIDDEN}) abcd"


def test_no_key_hides_nothing() -> None:
    assert Redaction(["", ""]).hide("plain") == "plain"


@pytest.mark.parametrize(
    "name", ["api_key", "x-api-key", "apiKey", "Authorization", "db_password", "auth_token", "secret"]
)
def test_names_of_secrets_are_known(name: str) -> None:
    assert SECRET_NAME.search(name)


@pytest.mark.parametrize("name", ["max_tokens", "token_count", "content", "key", "model", "input_tokens"])
def test_other_names_are_not(name: str) -> None:
    assert not SECRET_NAME.search(name)
