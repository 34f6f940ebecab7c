"""The embedded ARGO gateway; it shares no code with the proxy, so that it can disagree with it."""
