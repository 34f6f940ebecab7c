from argo_proxy.canonical.chat import UNCOUNTED, Reply, Text
from argo_proxy.canonical.collector import collect, tell
from argo_proxy.transforms.echo import EchoStage


def echoed(prompt: str, reply: Reply) -> Reply:
    stage = EchoStage(prompt)
    return collect(event for told in tell(reply) for event in stage.feed(told))


def test_the_prompt_comes_before_the_answer() -> None:
    reply = Reply((Text(" hi"),), "stop", UNCOUNTED)
    assert echoed("Say", reply).text == "Say hi"
    assert echoed("", reply) == reply
