"""How near the meanings of texts are."""

import os

import httpx

client = httpx.Client(
    base_url=os.environ.get("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"),
    headers={"Authorization": f"Bearer {os.environ.get('OPENAI_API_KEY', 'any')}"},
    timeout=600,
)

texts = ["A synchrotron makes bright X-rays.", "Light from a storage ring.", "The cafeteria opens at eleven."]

body = {"model": "argo:text-embedding-3-small", "input": texts}
answer = client.post("/embeddings", json=body).raise_for_status().json()
first, *others = [item["embedding"] for item in answer["data"]]

for text, vector in zip(texts[1:], others):
    nearness = sum(a * b for a, b in zip(first, vector))
    print(f"{nearness:6.3f}  {text}")
