import pytest

from argo_proxy.canonical.chat import UNCOUNTED, ChatRequest, Image, ImageLink, Message, Sampling, Text


def test_the_text_of_a_message_is_its_text_parts_one_below_the_other() -> None:
    parts = (Text("what is"), Image("image/png", "AAAA"), Text("this"), ImageLink("https://x.example/y"), Text(""))
    assert Message("user", parts).text == "what is\nthis\n"


def test_a_message_without_text_has_an_empty_one() -> None:
    assert Message("user", (Image("image/png", "AAAA"),)).text == ""


def test_a_request_asks_for_one_whole_answer_unless_told_otherwise() -> None:
    request = ChatRequest("gpt-4o", (Message("user", (Text("hi"),)),))
    assert (request.choices, request.stream, request.stream_usage, request.timeout_s) == (1, False, False, None)
    assert request.sampling == Sampling(None, None, None, ())
    assert request.adjusted == ()


def test_values_cannot_be_changed() -> None:
    for value, field in ((Text("a"), "text"), (Sampling(), "stop"), (Message("user", ()), "role")):
        with pytest.raises(AttributeError):
            setattr(value, field, "other")


def test_what_nobody_counted_is_an_estimate_of_nothing() -> None:
    assert (UNCOUNTED.input_tokens, UNCOUNTED.output_tokens, UNCOUNTED.estimated) == (0, 0, True)
