"""A chat in the terminal; Ctrl-D ends it."""

import os
import sys

from openai import OpenAI

client = OpenAI(
    base_url=os.environ.get("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"),
    api_key=os.environ.get("OPENAI_API_KEY", "any"),
)

messages = []
print("you> ", end="", flush=True)
for line in sys.stdin:
    messages.append({"role": "user", "content": line.strip()})
    reply = ""
    print("bot> ", end="")
    for chunk in client.chat.completions.create(model="argo:gpt-4o", messages=messages, stream=True):
        piece = chunk.choices[0].delta.content or ""
        print(piece, end="", flush=True)
        reply += piece
    messages.append({"role": "assistant", "content": reply})
    print("\nyou> ", end="", flush=True)
print()
