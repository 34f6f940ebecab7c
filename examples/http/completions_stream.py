"""The older Completions, printed while they are made."""

import json
import os

import httpx

client = httpx.Client(
    base_url=os.environ.get("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"),
    headers={"Authorization": f"Bearer {os.environ.get('OPENAI_API_KEY', 'any')}"},
    timeout=600,
)

body = {"model": "argo:gpt-4o", "prompt": "Once upon a time", "max_tokens": 50, "stream": True}
with client.stream("POST", "/completions", json=body) as response:
    response.raise_for_status()
    for line in response.iter_lines():
        if line.startswith("data: ") and line != "data: [DONE]":
            print(json.loads(line.removeprefix("data: "))["choices"][0]["text"], end="", flush=True)
print()
