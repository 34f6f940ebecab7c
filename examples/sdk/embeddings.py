"""How near the meanings of texts are."""

import os

from openai import OpenAI

client = OpenAI(
    base_url=os.environ.get("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"),
    api_key=os.environ.get("OPENAI_API_KEY", "any"),
)

texts = ["A synchrotron makes bright X-rays.", "Light from a storage ring.", "The cafeteria opens at eleven."]

answer = client.embeddings.create(model="argo:text-embedding-3-small", input=texts)
first, *others = [item.embedding for item in answer.data]

for text, vector in zip(texts[1:], others):
    nearness = sum(a * b for a, b in zip(first, vector))
    print(f"{nearness:6.3f}  {text}")
