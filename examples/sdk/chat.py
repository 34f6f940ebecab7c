"""A question and its answer."""

import os

from openai import OpenAI

client = OpenAI(
    base_url=os.environ.get("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"),
    api_key=os.environ.get("OPENAI_API_KEY", "any"),
)

answer = client.chat.completions.create(
    model="argo:gpt-4o",
    messages=[
        {"role": "system", "content": "You explain things in one sentence."},
        {"role": "user", "content": "Why is the sky blue?"},
    ],
)
print(answer.choices[0].message.content)
