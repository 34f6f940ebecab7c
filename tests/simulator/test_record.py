from argo_proxy.simulator.record import KEPT_RECORDS, Ledger


def test_the_ledger_counts_and_lists_what_was_received():
    ledger = Ledger()
    first = ledger.open("POST", "/p", {"a": "b"}, b'{"x":1}', "c1")
    ledger.open("GET", "/q", {}, b"\xff", "c2")
    first.end("client_left")
    assert ledger.stats() == {"open": 1, "received": 2, "client_left": 1}
    listed = ledger.listing()
    assert (listed[0]["body"], listed[0]["outcome"], listed[0]["headers"]) == (
        {"x": 1},
        "client_left",
        {"a": "b"},
    )
    assert listed[0]["ended_s"] >= listed[0]["started_s"]
    assert (listed[1]["body"], listed[1]["outcome"], listed[1]["ended_s"]) == ("\ufffd", "open", None)


def test_a_reset_forgets_everything():
    ledger = Ledger()
    ledger.open("GET", "/", {}, b"", "c")
    ledger.reset()
    assert ledger.listing() == []
    assert ledger.open("GET", "/", {}, b"", "c").n == 1


def test_the_oldest_records_make_room():
    ledger = Ledger()
    for _ in range(KEPT_RECORDS + 3):
        ledger.open("GET", "/", {}, b"", "c")
    assert ledger.listing()[0]["n"] == 4
    assert ledger.stats()["received"] == KEPT_RECORDS + 3
