"""ARGO over HTTP: a pool of connections, and what its failures mean."""
