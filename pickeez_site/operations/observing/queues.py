"""How many messages wait at the broker."""

from typing import Any

from django.conf import settings
from kombu.exceptions import ChannelError

from pickeez_site.celery import app

SOCKET_SECONDS = 2


def queue_depths() -> dict[str, int]:
    """Waiting messages by queue. Raises what kombu does when the broker is away."""
    if settings.CELERY_BROKER_URL.startswith("redis"):
        return _depths_in_redis()
    with app.connection_for_read(connect_timeout=SOCKET_SECONDS) as connection:
        return {name: _depth(connection, name) for name in app.amqp.queues}


def _depths_in_redis() -> dict[str, int]:
    """Asked directly: kombu looks for the queues without the prefix that all our keys have."""
    from redis import Redis

    patience = {"socket_timeout": SOCKET_SECONDS, "socket_connect_timeout": SOCKET_SECONDS}
    names = list(app.amqp.queues)
    with Redis.from_url(settings.CELERY_BROKER_URL, **patience) as client, client.pipeline() as pipe:
        for name in names:
            pipe.llen(f"{settings.BROKER_PREFIX}{name}")
        return dict(zip(names, pipe.execute(), strict=True))


def _depth(connection: Any, name: str) -> int:
    """A broker closes the channel on which it was asked for a queue that is not there (yet, or any more)."""
    channel = connection.channel()
    try:
        return int(channel.queue_declare(name, passive=True).message_count)
    except (ChannelError, *connection.channel_errors):
        return 0
    finally:
        channel.close()
