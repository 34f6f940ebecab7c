import re
import signal
import ssl
from http.client import HTTPSConnection

import pytest
import trustme

from tests.simulator.running import CHAT, MODELS, Gateway, ask_on, start

HI = {"user": "me", "model": "gpt4o", "messages": [{"role": "user", "content": "hi"}]}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_well_even_in_the_middle_of_an_answer(number):
    process, line = start("--models-shape", "old")
    assert re.fullmatch(r"simulator listening on http://127\.0\.0\.1:\d+\n", line)
    gateway = Gateway(int(line.rsplit(":", 1)[1]))
    assert "model_name" in gateway.ask("GET", MODELS).json["data"][0]
    gateway.script({"stall": "before_headers"})
    with gateway.raw(CHAT, HI):
        assert gateway.wait_for_outcome("open")
        process.send_signal(number)
        assert process.communicate(timeout=5) == ("", "")
    assert process.returncode == 0


def test_it_speaks_tls_and_drops_there_too(tmp_path):
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost", "127.0.0.1")
    key, chain = tmp_path / "key.pem", tmp_path / "chain.pem"
    certificate.private_key_pem.write_to_path(key)
    for blob in certificate.cert_chain_pems:
        blob.write_to_path(chain, append=True)
    process, line = start("--certfile", str(chain), "--keyfile", str(key))
    assert line.startswith("simulator listening on https://127.0.0.1:")
    context = ssl.create_default_context()
    authority.configure_trust(context)
    connection = HTTPSConnection("127.0.0.1", int(line.rsplit(":", 1)[1]), timeout=10, context=context)
    assert ask_on(connection, "POST", CHAT, HI).json == {"response": "You said: hi"}
    ask_on(connection, "POST", "/_simulator/script", {"drop": "before_headers", "reset": True})
    with pytest.raises((ConnectionError, ssl.SSLError)):
        ask_on(connection, "POST", CHAT, HI)
    connection.close()
    process.terminate()
    assert process.communicate(timeout=5) == ("", "")
    assert process.returncode == 0
