"""What an operator wants to know of a running server: small looks at one thing each, which raise nothing.

`manage.py doctor` runs them all; what answers health probes may run any of them. Heavy libraries are
imported on use.
"""

from pickeez_site.operations.doctor.findings import Finding, Level

__all__ = ["Finding", "Level"]
