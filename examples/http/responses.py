"""The Responses API, and a second question that goes on from the first."""

import os

import httpx

client = httpx.Client(
    base_url=os.environ.get("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"),
    headers={"Authorization": f"Bearer {os.environ.get('OPENAI_API_KEY', 'any')}"},
    timeout=600,
)


def ask(question, **more):
    body = {"model": "argo:gpt-4o", "input": question, **more}
    return client.post("/responses", json=body).raise_for_status().json()


def text_of(response):
    parts = [part for item in response["output"] if item["type"] == "message" for part in item["content"]]
    return "".join(part["text"] for part in parts if part["type"] == "output_text")


first = ask("Name a noble gas.")
print(text_of(first))
print(text_of(ask("And its atomic number?", previous_response_id=first["id"])))
