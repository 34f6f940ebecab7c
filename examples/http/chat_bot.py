"""A chat in the terminal; Ctrl-D ends it."""

import os
import sys

import httpx

client = httpx.Client(
    base_url=os.environ.get("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"),
    headers={"Authorization": f"Bearer {os.environ.get('OPENAI_API_KEY', 'any')}"},
    timeout=600,
)

messages = []
print("you> ", end="", flush=True)
for line in sys.stdin:
    messages.append({"role": "user", "content": line.strip()})
    body = {"model": "argo:gpt-4o", "messages": messages}
    answer = client.post("/chat/completions", json=body).raise_for_status().json()
    messages.append(answer["choices"][0]["message"])
    print(f"bot> {messages[-1]['content']}\nyou> ", end="", flush=True)
print()
