"""The number of messages that wait at the broker."""

from typing import Any

from django.conf import settings
from kombu.exceptions import ChannelError

from pickeez_site.celery import app

TIMEOUT_SECONDS = 2


def queue_depths() -> dict[str, int]:
    """The number of waiting messages in each queue. Raises kombu's errors when the broker is unreachable."""
    if settings.CELERY_BROKER_URL.startswith("redis"):
        return _depths_in_redis()
    connection: Any  # kombu's stubs lack what transports add: errors and channels with `queue_declare`
    with app.connection_for_read(connect_timeout=TIMEOUT_SECONDS) as connection:
        depths = {}
        for name in app.amqp.queues:
            # A channel for each: a broker closes the channel on which it was asked for a queue that does not
            # exist.
            channel = connection.channel()
            try:
                depths[name] = int(channel.queue_declare(name, passive=True).message_count)
            except (ChannelError, *connection.channel_errors):
                depths[name] = 0
            finally:
                channel.close()
        return depths


def _depths_in_redis() -> dict[str, int]:
    """Asks Redis directly, because kombu looks for the queues without the prefix of our keys."""
    from redis import Redis

    timeouts = {"socket_timeout": TIMEOUT_SECONDS, "socket_connect_timeout": TIMEOUT_SECONDS}
    names = list(app.amqp.queues)
    with Redis.from_url(settings.CELERY_BROKER_URL, **timeouts) as client, client.pipeline() as pipe:
        for name in names:
            pipe.llen(f"{settings.BROKER_PREFIX}{name}")
        return dict(zip(names, pipe.execute(), strict=True))
