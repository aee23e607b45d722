"""Tests on real processes and real services; see `gate.py`, `places.py` and `albums.py` for what they stand on."""
