"""The few answers that are about the proxy itself."""

from __future__ import annotations

from argo_proxy import __version__

HTML = b"text/html; charset=utf-8"

_ENDPOINTS = (
    ("POST", "/v1/chat/completions", "OpenAI Chat Completions, streamed or whole"),
    ("POST", "/v1/completions", "OpenAI's legacy Completions, streamed or whole"),
    ("POST", "/v1/responses", "OpenAI Responses: tools, streams, background, going on from earlier ones"),
    ("POST", "/v1/embeddings", "OpenAI Embeddings, as numbers or base64"),
    ("POST", "/v1/chat", 'ARGO\'s own chat call, passed through; with "stream": true its streamed one'),
    ("POST", "/v1/embed", "ARGO's own embedding call, passed through"),
    ("GET", "/v1/models", "the models and their names"),
    ("GET", "/health", "whether the proxy runs"),
    ("GET", "/health/ready", "whether it can serve: ARGO is in reach"),
    ("GET", "/version", "its version, and whether there is a newer one"),
    ("POST", "/refresh", "read the list of models anew"),
    ("GET", "/openapi.json", '<a href="/openapi.json">all of this for programs</a>: OpenAPI 3.1'),
)

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>argo-proxy</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 4rem auto; padding: 0 1rem; color: #222; }}
td {{ padding: .2rem 1rem .2rem 0; vertical-align: top; }}
code {{ font-size: .95em; white-space: nowrap; }}
@media (prefers-color-scheme: dark) {{ body {{ background: #181818; color: #ddd; }} }}
</style>
</head>
<body>
<h1>argo-proxy {version}</h1>
<p>Use Argonne's ARGO gateway from every program that speaks the OpenAI API: point its base URL at
<code>/v1</code> here, with any API key.</p>
<table>
{rows}
</table>
</body>
</html>
"""


def landing_page() -> bytes:
    """A short page that says what this is and where the API is."""
    rows = "\n".join(
        f"<tr><td><code>{method} {path}</code></td><td>{what}</td></tr>" for method, path, what in _ENDPOINTS
    )
    return _PAGE.format(version=__version__, rows=rows).encode()
