"""How the check of ARGO's URLs is told."""

from argo_proxy.cli.connectivity import Finding
from argo_proxy.cli.reach import report


def test_each_trouble_is_told_once_with_whom_it_is_about() -> None:
    silent = ("no answer within 5 s", "VPN?")
    findings = [
        Finding("argo_url", "http://a/", 5000, *silent),
        Finding("argo_stream_url", "http://b/", 5000, *silent),
        Finding("argo_embedding_url", "http://c/", 7),
        Finding("argo_model_url", "http://d/", 1, "cannot connect", "tunnel?"),
    ]
    assert report(findings) == [
        "ARGO's URLs:",
        "  failed  argo_url            http://a/",
        "  failed  argo_stream_url     http://b/",
        "  ok      argo_embedding_url  http://c/",
        "  failed  argo_model_url      http://d/",
        "\n  argo_url, argo_stream_url: no answer within 5 s\n  cure: VPN?",
        "\n  argo_model_url: cannot connect\n  cure: tunnel?",
        "",
    ]


def test_a_trouble_of_all_is_told_of_all() -> None:
    findings = [Finding(key, f"http://{key}/", 1, "no", "yes") for key in ("argo_url", "argo_model_url")]
    assert report(findings)[3:] == ["\n  all: no\n  cure: yes", ""]
