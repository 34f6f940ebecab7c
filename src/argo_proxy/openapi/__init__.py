"""The published description of this API (OpenAPI 3.1), made of the very types that read requests and write answers.

operations ──► document ◄── schemas        what there is at which path; what bodies may look like
"""
