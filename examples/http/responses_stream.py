"""The Responses API, event by event."""

import json
import os

import httpx

client = httpx.Client(
    base_url=os.environ.get("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"),
    headers={"Authorization": f"Bearer {os.environ.get('OPENAI_API_KEY', 'any')}"},
    timeout=600,
)

body = {"model": "argo:gemini-2.5-flash", "input": "Count to ten.", "stream": True}
with client.stream("POST", "/responses", json=body) as response:
    response.raise_for_status()
    for line in response.iter_lines():
        event = json.loads(line.removeprefix("data: ")) if line.startswith("data: ") else {}
        if event.get("type") == "response.output_text.delta":
            print(event["delta"], end="", flush=True)
        elif event.get("type") == "response.completed":
            print(f"\n({event['response']['usage']['total_tokens']} tokens)")
