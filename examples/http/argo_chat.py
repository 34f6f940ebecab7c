"""ARGO's own chat call, through the proxy: it fills in the user, and knows the usual model names."""

import os

import httpx

client = httpx.Client(
    base_url=os.environ.get("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"),
    headers={"Authorization": f"Bearer {os.environ.get('OPENAI_API_KEY', 'any')}"},
    timeout=600,
)

body = {
    "model": "argo:gpt-4o",
    "system": "You explain things in one sentence.",
    "prompt": ["Why is the sky blue?"],
}
print(client.post("/chat", json=body).raise_for_status().json()["response"])
