"""A model that has its sums done by a function of ours, with Chat Completions."""

import json
import os

import httpx

client = httpx.Client(
    base_url=os.environ.get("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"),
    headers={"Authorization": f"Bearer {os.environ.get('OPENAI_API_KEY', 'any')}"},
    timeout=600,
)

schema = {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}, "required": ["a", "b"]}
tool = {"type": "function", "function": {"name": "multiply", "parameters": schema}}

body = {"model": "argo:gpt-4o", "messages": [{"role": "user", "content": "How much is 21 times 2?"}], "tools": [tool]}
asked = client.post("/chat/completions", json={**body, "tool_choice": "required"}).raise_for_status().json()
body["messages"].append(asked["choices"][0]["message"])

for call in asked["choices"][0]["message"]["tool_calls"]:
    numbers = json.loads(call["function"]["arguments"])
    result = numbers["a"] * numbers["b"]
    print(f"multiply({numbers['a']}, {numbers['b']}) = {result}")
    body["messages"].append({"role": "tool", "tool_call_id": call["id"], "content": str(result)})

answer = client.post("/chat/completions", json=body).raise_for_status().json()
print(answer["choices"][0]["message"]["content"])
