"""ARGO's own streamed chat call, through the proxy: plain text as it is made."""

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
with client.stream("POST", "/chat", json=body) as response:
    response.raise_for_status()
    for text in response.iter_text():
        print(text, end="", flush=True)
print()
