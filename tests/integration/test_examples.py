"""Every example runs as it is, and prints what it says it does; in this process, where the SDK is loaded already."""

from __future__ import annotations

import gc
import io
import re
import runpy
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.proxying import Proxy

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
SCRIPTS = sorted(path.relative_to(EXAMPLES).as_posix() for path in EXAMPLES.glob("*/*.py"))
MAX_LINES = 30

NEARNESS = r" ?-?\d\.\d{3}  Light from a storage ring\.\n ?-?\d\.\d{3}  The cafeteria opens at eleven\.\n"
SUM = r"multiply\(1, 1\) = 1\nThe tool said: 1\n"
TALK = "you> bot> You said: Hello\nyou> bot> You said: And more\nyou> \n"
PRINTED = {
    "argo_chat": r"You said: Why is the sky blue\?\n",
    "argo_chat_stream": r"You said: Tell a very short story about a beamline\.\n",
    "argo_embed": r"1536 numbers, the first -?0\.\d{4}\n",
    "chat": r"You said: Why is the sky blue\?\n",
    "chat_bot": re.escape(TALK),
    "chat_stream": r"You said: Tell a very short story about a beamline\.\n",
    "completions": r"You said: Once upon a time\n",
    "completions_stream": r"You said: Once upon a time\n",
    "embeddings": NEARNESS,
    "function_calling_chat": SUM,
    "function_calling_responses": SUM,
    "o_model": r"You said: How many primes are there below 100\?\n",
    "responses": r"You said: Name a noble gas\.\nYou said: And its atomic number\?\n",
    "responses_stream": r"You said: Count to ten\.\n\(\d+ tokens\)\n",
}


@pytest.fixture(scope="module")
def left_open() -> Iterator[None]:
    """An example leaves its connections to the end of its process; they are not to be missed in another test."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.mark.usefixtures("left_open")
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.parametrize("script", SCRIPTS)
def test_an_example_prints_what_it_is_about(
    script: str, proxy: Proxy, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("OPENAI_BASE_URL", proxy.url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(sys, "stdin", io.StringIO("Hello\nAnd more\n"))
    runpy.run_path(str(EXAMPLES / script), run_name="__main__")
    told, complaint = capsys.readouterr()
    assert complaint == ""
    assert re.fullmatch(PRINTED[Path(script).stem], told), told


@pytest.mark.parametrize("script", SCRIPTS)
def test_an_example_is_short_and_says_what_it_is_and_where_it_looks(script: str) -> None:
    text = (EXAMPLES / script).read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MAX_LINES
    assert text.startswith('"""')
    assert '"OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"' in text


def test_the_readme_lists_every_example_and_no_other() -> None:
    readme = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"\]\((\w+/\w+\.py)\)", readme)) == SCRIPTS


def test_the_sdk_and_raw_requests_show_the_same() -> None:
    sdk, raw = ({Path(script).stem for script in SCRIPTS if script.startswith(kind)} for kind in ("sdk", "http"))
    assert raw - sdk == {"argo_chat", "argo_chat_stream", "argo_embed"}
    assert sdk <= raw
