from argo_proxy.simulator.words import Call, calls_in


def test_calls_are_found_in_the_midst_of_text():
    text = 'call a.b({"q": "x)"}), then call c( {"d": {"e": []}})!'
    assert list(calls_in(text)) == [Call("a.b", {"q": "x)"}), Call("c", {"d": {"e": []}})]


def test_what_is_not_spelled_so_is_no_call():
    assert list(calls_in('call a(1) call b({"q"}) call c({} call d() a({})')) == []
