"""Deployments of the server: the embedded default, or PostgreSQL, a bucket, and Redis or RabbitMQ.

Every test has its own database, bucket, keys and queues, which are deleted when it ends.
"""

import logging
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
import kombu
import psycopg
import pytest
import redis
from moto.server import ThreadedMotoServer
from psycopg import sql

from pickeez_site.tests.services.proxy import TcpProxy

POSTGRES, REDIS, RABBITMQ = 5432, 6379, 5672
PORTS = {"PostgreSQL": POSTGRES, "Redis": REDIS, "RabbitMQ": RABBITMQ}
DATABASE_USER = os.environ.get("STACK_DATABASE_USER", "root")
BROKERS = ("embedded", "redis", "rabbitmq")
QUEUES = ("quick", "selfies", "pictures", "faces", "bulk")
REGION = "us-east-1"


@dataclass
class Deployment:
    """The settings of a server, and the proxies in front of its services."""

    name: str
    settings: dict[str, str] = field(default_factory=dict)
    database: TcpProxy | None = None
    broker: TcpProxy | None = None
    bucket: TcpProxy | None = None


def missing_services() -> list[str]:
    """The services that do not answer on their standard ports."""
    return [name for name, port in PORTS.items() if not _answers(port)]


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except OSError:
        return False
    return True


@contextmanager
def deploy(broker: str) -> Iterator[Deployment]:
    """A deployment with this broker (one of `BROKERS`). Skips the test when its services are missing."""
    if broker == "embedded":
        yield Deployment(broker)
        return
    if missing := missing_services():
        pytest.skip(f"{' and '.join(missing)} do not answer on their standard ports")
    name = f"pickeez_{secrets.token_hex(4)}"
    with _database(name) as database, _bucket(name) as (bucket, key_settings), _broker(broker, name) as proxy:
        scheme, port = ("redis", REDIS) if broker == "redis" else ("amqp", RABBITMQ)
        assert port in PORTS.values()
        settings = {
            "DATABASE_URL": f"postgres://{DATABASE_USER}@127.0.0.1:{database.port}/{name}",
            "CELERY_BROKER_URL": f"{scheme}://127.0.0.1:{proxy.port}//"
            if scheme == "amqp"
            else f"redis://127.0.0.1:{proxy.port}/0",
            "BROKER_PREFIX": f"{name}-",
            "AWS_STORAGE_BUCKET_NAME": name.replace("_", "-"),
            "AWS_S3_ENDPOINT_URL": f"http://127.0.0.1:{bucket.port}",
            "AWS_S3_REGION_NAME": REGION,
            **key_settings,
        }
        yield Deployment(broker, settings, database, proxy, bucket)


@contextmanager
def _database(name: str) -> Iterator[TcpProxy]:
    administration = f"postgres://{DATABASE_USER}@127.0.0.1:{POSTGRES}/postgres"
    with psycopg.connect(administration, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    proxy = TcpProxy(POSTGRES)
    try:
        yield proxy
    finally:
        proxy.close()
        with psycopg.connect(administration, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def _bucket(name: str) -> Iterator[tuple[TcpProxy, dict[str, str]]]:
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # not a line for each of thousands of requests
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "NO_PROXY": "127.0.0.1"}
    client = boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    client.create_bucket(Bucket=name.replace("_", "-"))
    proxy = TcpProxy(port)
    try:
        yield proxy, keys
    finally:
        proxy.close()
        server.stop()


@contextmanager
def _broker(broker: str, name: str) -> Iterator[TcpProxy]:
    proxy = TcpProxy(REDIS if broker == "redis" else RABBITMQ)
    try:
        yield proxy
    finally:
        proxy.close()
        (delete_keys if broker == "redis" else _delete_queues)(f"{name}-")


def delete_keys(prefix: str) -> None:
    """Deletes the keys in Redis that begin with this."""
    with redis.Redis(port=REDIS) as client:
        for key in client.scan_iter(f"{prefix}*", count=1000):
            client.delete(key)


def _delete_queues(prefix: str) -> None:
    with kombu.Connection(f"amqp://127.0.0.1:{RABBITMQ}//") as connection:
        channel: Any = connection.channel()
        for queue in QUEUES:
            channel.queue_delete(prefix + queue)
        for exchange in (f"{prefix}tasks", f"{prefix}celery.pidbox", f"reply.{prefix}celery.pidbox"):
            channel.exchange_delete(exchange)
