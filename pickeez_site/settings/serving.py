"""What clients may cost the web server (`docs/serving.md`), and who sends the files."""

from pickeez_site import env
from pickeez_site.serving.web_server.limits import Limits

WEB_LIMITS = Limits(
    head_seconds=env.integer("WEB_HEAD_SECONDS", 20, minimum=1),
    idle_seconds=env.integer("WEB_IDLE_SECONDS", 60, minimum=1),
    bytes_per_second=env.integer("WEB_BYTES_PER_SECOND", 1024, minimum=1),
    connections=env.integer("WEB_CONNECTIONS", 2000, minimum=1),
    connections_per_address=env.integer("WEB_CONNECTIONS_PER_ADDRESS", 500, minimum=1),
)
# Behind nginx: the path of an internal location that is the folder of the media files.
X_ACCEL_PREFIX = env.text("X_ACCEL_PREFIX").rstrip("/")
