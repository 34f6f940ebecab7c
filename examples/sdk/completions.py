"""The older Completions: a text that is carried on."""

import os

from openai import OpenAI

client = OpenAI(
    base_url=os.environ.get("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"),
    api_key=os.environ.get("OPENAI_API_KEY", "any"),
)

answer = client.completions.create(model="argo:gpt-4o", prompt="Once upon a time", max_tokens=50)
print(answer.choices[0].text)
