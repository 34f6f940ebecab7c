"""The older Completions: a text that is carried on."""

import os

import httpx

client = httpx.Client(
    base_url=os.environ.get("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"),
    headers={"Authorization": f"Bearer {os.environ.get('OPENAI_API_KEY', 'any')}"},
    timeout=600,
)

body = {"model": "argo:gpt-4o", "prompt": "Once upon a time", "max_tokens": 50}
answer = client.post("/completions", json=body).raise_for_status().json()
print(answer["choices"][0]["text"])
