"""The Responses API, event by event."""

import os

from openai import OpenAI

client = OpenAI(
    base_url=os.environ.get("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"),
    api_key=os.environ.get("OPENAI_API_KEY", "any"),
)

stream = client.responses.create(model="argo:gemini-2.5-flash", input="Count to ten.", stream=True)
for event in stream:
    if event.type == "response.output_text.delta":
        print(event.delta, end="", flush=True)
    elif event.type == "response.completed" and event.response.usage:
        print(f"\n({event.response.usage.total_tokens} tokens)")
