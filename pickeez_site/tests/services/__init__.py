"""Tests with real processes and real services; `proxy.py`, `deployments.py` and `shared_album.py` are their tools."""
