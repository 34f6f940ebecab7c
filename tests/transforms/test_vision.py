import pytest

from argo_proxy.canonical.chat import ChatRequest, Image, ImageLink, Message, Text, ToolResult
from argo_proxy.canonical.errors import Unsupported
from argo_proxy.transforms.vision import transform
from tests.known import card

HELLO = (Message("user", (Text("hi"),)),)
PICTURE = Image("image/png", "AAAA")


@pytest.mark.parametrize(
    "message",
    [
        Message("user", (Text("see"), PICTURE)),
        Message("user", (Text("see"), ImageLink("https://x.example/y.png"))),
        Message("tool", (ToolResult("call_1", (Text("see"), PICTURE)),)),
    ],
)
def test_a_model_that_sees_no_images_refuses_them_by_name(message: Message) -> None:
    messages = (*HELLO, message)
    with pytest.raises(Unsupported, match=r"'argo:gpt-4' takes no images; choose .* argo:gpt-4o") as caught:
        transform(ChatRequest("argo:gpt-4", messages), card("gpt4"))
    assert caught.value.param == "messages[1].content[1]"
    assert transform(ChatRequest("gpt4o", messages), card("gpt4o")).request.messages == messages


def test_a_model_that_sees_no_images_takes_text() -> None:
    request = ChatRequest("argo:gpt-4", HELLO)
    assert transform(request, card("gpt4")).request is request
