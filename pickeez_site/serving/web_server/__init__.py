"""The HTTP server: waitress inside gunicorn's processes. See `docs/serving.md`.

A loop in each process takes whole requests and sends finished answers; only work on a request has a thread.
"""
