"""A model that thinks before it answers: the limit covers its thoughts, too."""

import os

import httpx

client = httpx.Client(
    base_url=os.environ.get("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"),
    headers={"Authorization": f"Bearer {os.environ.get('OPENAI_API_KEY', 'any')}"},
    timeout=600,
)

body = {
    "model": "argo:o3-mini",
    "messages": [
        {"role": "developer", "content": "Answer with a number alone."},
        {"role": "user", "content": "How many primes are there below 100?"},
    ],
    "max_completion_tokens": 4000,
}
answer = client.post("/chat/completions", json=body).raise_for_status().json()
print(answer["choices"][0]["message"]["content"])
