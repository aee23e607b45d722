"""Logs and metrics."""

from pickeez_site import env
from pickeez_site.operations.observing.logs import FORMATS, LEVELS, configuration

LOG_FORMAT = env.choice("LOG_FORMAT", FORMATS, "text")
LOG_LEVEL = env.choice("LOG_LEVEL", LEVELS, "INFO")
LOGGING = configuration(LOG_FORMAT, LOG_LEVEL)
# /metrics answers this machine, clients in these networks, and clients that send this token.
METRICS_NETWORKS = env.networks("METRICS_NETWORKS")
METRICS_TOKEN = env.text("METRICS_TOKEN")
# The address at which a worker serves its own metrics, without a token; port 0 turns that off.
METRICS_HOST = env.text("METRICS_HOST", "127.0.0.1")
METRICS_PORT = env.integer("METRICS_PORT", 0)
