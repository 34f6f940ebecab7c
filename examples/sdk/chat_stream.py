"""An answer that is printed while it is made."""

import os

from openai import OpenAI

client = OpenAI(
    base_url=os.environ.get("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"),
    api_key=os.environ.get("OPENAI_API_KEY", "any"),
)

stream = client.chat.completions.create(
    model="argo:claude-sonnet-4",
    messages=[{"role": "user", "content": "Tell a very short story about a beamline."}],
    stream=True,
)
for chunk in stream:
    print(chunk.choices[0].delta.content or "", end="", flush=True)
print()
