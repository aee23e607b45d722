"""Health, metrics and logs of a running server. See `docs/observing.md`."""
