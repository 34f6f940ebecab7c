"""ARGO's own embedding call, through the proxy."""

import os

import httpx

client = httpx.Client(
    base_url=os.environ.get("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"),
    headers={"Authorization": f"Bearer {os.environ.get('OPENAI_API_KEY', 'any')}"},
    timeout=600,
)

body = {"model": "argo:text-embedding-3-small", "prompt": ["A synchrotron makes bright X-rays."]}
[vector] = client.post("/embed", json=body).raise_for_status().json()["embedding"]
print(f"{len(vector)} numbers, the first {vector[0]:.4f}")
