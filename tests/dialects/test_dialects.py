from argo_proxy.dialects import DIALECTS, openai_chat


def test_a_dialect_is_known_by_the_path_it_is_asked_at() -> None:
    assert DIALECTS["/v1/chat/completions"] is openai_chat
    assert all(path.startswith("/v1/") for path in DIALECTS)
