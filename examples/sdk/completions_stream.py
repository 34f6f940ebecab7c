"""The older Completions, printed while they are made."""

import os

from openai import OpenAI

client = OpenAI(
    base_url=os.environ.get("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"),
    api_key=os.environ.get("OPENAI_API_KEY", "any"),
)

stream = client.completions.create(model="argo:gpt-4o", prompt="Once upon a time", max_tokens=50, stream=True)
for chunk in stream:
    print(chunk.choices[0].text, end="", flush=True)
print()
