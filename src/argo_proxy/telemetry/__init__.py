"""What the operator sees: one line per request, never a key, and never a word of what was asked or answered.

Only with `log_bodies` the words are shown, too: what is said (`overheard`), cut short (`excerpt`), without secrets
(`redaction`).
"""
