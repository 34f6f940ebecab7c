"""An answer that is printed while it is made."""

import json
import os

import httpx

client = httpx.Client(
    base_url=os.environ.get("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"),
    headers={"Authorization": f"Bearer {os.environ.get('OPENAI_API_KEY', 'any')}"},
    timeout=600,
)

body = {
    "model": "argo:claude-sonnet-4",
    "messages": [{"role": "user", "content": "Tell a very short story about a beamline."}],
    "stream": True,
}
with client.stream("POST", "/chat/completions", json=body) as response:
    response.raise_for_status()
    for line in response.iter_lines():
        if line.startswith("data: ") and line != "data: [DONE]":
            delta = json.loads(line.removeprefix("data: "))["choices"][0]["delta"]
            print(delta.get("content") or "", end="", flush=True)
print()
