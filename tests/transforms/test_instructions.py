from argo_proxy.canonical.chat import Message, Text
from argo_proxy.transforms.instructions import instructed

HI = Message("user", (Text("hi"),))
BRIEF = Message("system", (Text("be brief"),), "boss")


def test_instructions_follow_those_that_begin_the_conversation() -> None:
    told, *rest = instructed((BRIEF, HI, BRIEF), "use tools")
    assert (told.role, told.name, told.text) == ("system", "boss", "be brief\n\nuse tools")
    assert rest == [HI, BRIEF]


def test_a_conversation_without_instructions_gets_some() -> None:
    told = Message("system", (Text("use tools"),))
    assert instructed((HI, BRIEF), "use tools") == (told, HI, BRIEF)
    assert instructed((), "use tools") == (told,)
