"""The Responses API, and a second question that goes on from the first."""

import os

from openai import OpenAI

client = OpenAI(
    base_url=os.environ.get("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"),
    api_key=os.environ.get("OPENAI_API_KEY", "any"),
)

first = client.responses.create(model="argo:gpt-4o", input="Name a noble gas.")
print(first.output_text)

second = client.responses.create(model="argo:gpt-4o", input="And its atomic number?", previous_response_id=first.id)
print(second.output_text)
