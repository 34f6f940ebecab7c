"""The edge: the only code that knows HTTP on the client's side."""
