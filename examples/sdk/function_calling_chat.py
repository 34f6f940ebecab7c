"""A model that has its sums done by a function of ours, with Chat Completions."""

import json
import os

from openai import OpenAI

client = OpenAI(
    base_url=os.environ.get("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"),
    api_key=os.environ.get("OPENAI_API_KEY", "any"),
)

schema = {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}, "required": ["a", "b"]}
tool = {"type": "function", "function": {"name": "multiply", "parameters": schema}}

messages = [{"role": "user", "content": "How much is 21 times 2?"}]
asked = client.chat.completions.create(model="argo:gpt-4o", messages=messages, tools=[tool], tool_choice="required")
message = asked.choices[0].message
messages.append(message)

for call in message.tool_calls:
    numbers = json.loads(call.function.arguments)
    result = numbers["a"] * numbers["b"]
    print(f"multiply({numbers['a']}, {numbers['b']}) = {result}")
    messages.append({"role": "tool", "tool_call_id": call.id, "content": str(result)})

answer = client.chat.completions.create(model="argo:gpt-4o", messages=messages, tools=[tool])
print(answer.choices[0].message.content)
