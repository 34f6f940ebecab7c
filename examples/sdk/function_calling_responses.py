"""A model that has its sums done by a function of ours, with Responses."""

import json
import os

from openai import OpenAI

client = OpenAI(
    base_url=os.environ.get("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"),
    api_key=os.environ.get("OPENAI_API_KEY", "any"),
)

schema = {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}, "required": ["a", "b"]}
tool = {"type": "function", "name": "multiply", "parameters": schema}

question = "How much is 21 times 2?"
asked = client.responses.create(model="argo:gpt-4o", input=question, tools=[tool], tool_choice="required")

results = []
for call in asked.output:
    if call.type == "function_call":
        numbers = json.loads(call.arguments)
        result = numbers["a"] * numbers["b"]
        print(f"multiply({numbers['a']}, {numbers['b']}) = {result}")
        results.append({"type": "function_call_output", "call_id": call.call_id, "output": str(result)})

answer = client.responses.create(model="argo:gpt-4o", input=results, previous_response_id=asked.id, tools=[tool])
print(answer.output_text)
