"""`argo-proxy demo`: the main job on this machine alone. A simulated ARGO, the real proxy, a real client."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from argo_proxy.cli.terminal import complain, tell
from argo_proxy.settings.table import environ_names, keys

MODEL = "argo:gpt-4o"
QUESTION = "Hello ARGO, can you hear me?"
_ADDRESS = re.compile(rb"(https?://[^\s/]+:\d+)")
_STOP_S = 5.0

_SHOWN = """\
argo-proxy demo: all of this runs on this machine, without any network

  simulated ARGO  {gateway}
  proxy           {proxy}/v1
  client          {client}

  you             {question}
  {model:<15} {answer}
                  ({input_tokens} + {output_tokens} tokens)

That was one real request through the proxy. For the real ARGO, start it under
your ANL user name, on the lab network or VPN:

  argo-proxy --user YOUR_NAME --host 127.0.0.1 --port 8080

Then point any OpenAI client at it; for instance in Python:

  from openai import OpenAI

  client = OpenAI(base_url="http://127.0.0.1:8080/v1", api_key="any")
  answer = client.chat.completions.create(
      model="{model}", messages=[{{"role": "user", "content": "Hello"}}]
  )
  print(answer.choices[0].message.content)

or every program that reads the usual environment variables:

  export OPENAI_BASE_URL=http://127.0.0.1:8080/v1 OPENAI_API_KEY=any

or a coding agent (codex, aider, opencode):

  argo-proxy launch codex --port 8080"""


class Answer(NamedTuple):
    """What came back, and by which client."""

    client: str
    text: str
    input_tokens: int
    output_tokens: int


class DemoError(Exception):
    """A part of the demo did not start; the text says which, and why."""


def run() -> int:
    """Run the main job once and show it. The exit code: 0, or 1 when a part did not start."""
    try:
        with _ending_whole(), _started("simulator", ["argo_proxy.simulator"]) as gateway, _proxy(gateway) as proxy:
            answer = _ask_with_sdk(proxy) if importlib.util.find_spec("openai") else _ask_plainly(proxy)
            tell(_SHOWN.format(gateway=gateway, proxy=proxy, model=MODEL, question=QUESTION, **_fields(answer)))
    except DemoError as error:
        complain(f"error: {error}")
        return 1
    return 0


def _fields(answer: Answer) -> dict[str, object]:
    return {
        "client": answer.client,
        "answer": answer.text,
        "input_tokens": answer.input_tokens,
        "output_tokens": answer.output_tokens,
    }


@contextmanager
def _ending_whole() -> Generator[None]:
    """SIGTERM would end this process alone, and its parts would go on."""
    before = signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _proxy(gateway: str) -> Generator[str]:
    with tempfile.TemporaryDirectory(prefix="argo-proxy-demo-") as folder:
        config = Path(folder) / "config.yaml"
        config.write_text(f"argo_base_url: {gateway}/argoapi\nhost: 127.0.0.1\nport: 0\nuser: demo\n")
        with _started("proxy", ["argo_proxy", str(config)]) as address:
            yield address


@contextmanager
def _started(name: str, module_and_arguments: list[str]) -> Generator[str]:
    """A process of its own, by the address that it prints once it listens."""
    process = subprocess.Popen(
        [sys.executable, "-m", *module_and_arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=_environ(),
    )
    try:
        yield _address(name, process)
    finally:
        process.terminate()
        process.communicate(timeout=_STOP_S)


def _environ() -> dict[str, str]:
    """This environment, without what configures a proxy: the demo's own says where it listens, and logs that."""
    read = {variable for name, key in keys().items() for variable in environ_names(name, key.more_environ)}
    return {name: value for name, value in os.environ.items() if name not in read}


def _address(name: str, process: subprocess.Popen[bytes]) -> str:
    assert process.stdout is not None
    said = b""
    for line in process.stdout:
        said += line
        if found := _ADDRESS.search(line):
            return found[1].decode()
    raise DemoError(f"the {name} did not start: {said.decode(errors='replace').strip()}")


def _ask_with_sdk(proxy: str) -> Answer:
    import openai

    direct = openai.DefaultHttpxClient(trust_env=False)  # past the HTTP proxy of a lab's environment
    with openai.OpenAI(base_url=f"{proxy}/v1", api_key="any", http_client=direct) as client:
        completion = client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": QUESTION}])
    usage = completion.usage
    assert usage is not None
    text = completion.choices[0].message.content or ""
    return Answer(f"OpenAI SDK {openai.__version__}", text, usage.prompt_tokens, usage.completion_tokens)


def _ask_plainly(proxy: str) -> Answer:
    """For an installation without the SDK, which the proxy itself does not need."""
    body = {"model": MODEL, "messages": [{"role": "user", "content": QUESTION}]}
    request = urllib.request.Request(
        f"{proxy}/v1/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as response:
        completion = json.load(response)
    usage = completion["usage"]
    text = completion["choices"][0]["message"]["content"]
    return Answer("Python's urllib", text, usage["prompt_tokens"], usage["completion_tokens"])
