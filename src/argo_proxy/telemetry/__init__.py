"""What the operator sees: one line per request, never a word of what was asked or answered, never a key."""
