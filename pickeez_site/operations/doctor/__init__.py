"""Checks of a running server. Each looks at one thing, returns a `Finding`, and raises nothing.

`manage.py doctor` runs all of them; health probes run some of them. Heavy libraries are imported on use.
"""

from pickeez_site.operations.doctor.findings import Finding, Level

__all__ = ["Finding", "Level"]
