"""A model that has its sums done by a function of ours, with Responses."""

import json
import os

import httpx

client = httpx.Client(
    base_url=os.environ.get("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"),
    headers={"Authorization": f"Bearer {os.environ.get('OPENAI_API_KEY', 'any')}"},
    timeout=600,
)

schema = {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}, "required": ["a", "b"]}
tool = {"type": "function", "name": "multiply", "parameters": schema}

body = {"model": "argo:gpt-4o", "input": "How much is 21 times 2?", "tools": [tool]}
asked = client.post("/responses", json={**body, "tool_choice": "required"}).raise_for_status().json()

results = []
for call in (item for item in asked["output"] if item["type"] == "function_call"):
    numbers = json.loads(call["arguments"])
    result = numbers["a"] * numbers["b"]
    print(f"multiply({numbers['a']}, {numbers['b']}) = {result}")
    results.append({"type": "function_call_output", "call_id": call["call_id"], "output": str(result)})

body |= {"input": results, "previous_response_id": asked["id"]}
print(client.post("/responses", json=body).raise_for_status().json()["output"][-1]["content"][0]["text"])
