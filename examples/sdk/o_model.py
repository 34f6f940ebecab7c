"""A model that thinks before it answers: the limit covers its thoughts, too."""

import os

from openai import OpenAI

client = OpenAI(
    base_url=os.environ.get("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"),
    api_key=os.environ.get("OPENAI_API_KEY", "any"),
)

answer = client.chat.completions.create(
    model="argo:o3-mini",
    messages=[
        {"role": "developer", "content": "Answer with a number alone."},
        {"role": "user", "content": "How many primes are there below 100?"},
    ],
    max_completion_tokens=4000,
)
print(answer.choices[0].message.content)
