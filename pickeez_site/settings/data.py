"""The database, the cache and the storage of files."""

import dj_database_url

from pickeez_site import env
from pickeez_site.settings.base import DATA_DIR
from pickeez_site.settings.safety import MAX_PHOTO_BYTES

DATABASES = {
    "default": dj_database_url.parse(
        env.text("DATABASE_URL", f"sqlite:///{DATA_DIR / 'pickeez.sqlite3'}"),
        conn_max_age=60,
        conn_health_checks=True,
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Many processes write. So a transaction takes the write lock when it begins, and waits for it instead of
    # failing.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # What is deleted is overwritten with zeros, also in the log (`core/sqlite.py`): erased means erased.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON;",
        # A query with the ids of 3,000 photos needs half a megabyte as a prepared statement, and each number of
        # ids needs a new one. Each thread would keep 128 of them. Without the cache, a query takes some
        # microseconds more.
        "cached_statements": 0,
    }
elif DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    # A request notices within seconds that the database's machine has disappeared; with the system's own defaults
    # that takes a quarter of an hour. Options in DATABASE_URL (`?connect_timeout=5`) override these.
    DATABASES["default"]["OPTIONS"] = {
        "connect_timeout": 3,
        "keepalives_idle": 4,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": 10_000,  # milliseconds
        **DATABASES["default"].get("OPTIONS", {}),
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# With a prefix, several installations can share a broker and a cache.
BROKER_PREFIX = env.identifier("BROKER_PREFIX")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
if cache_url := env.text("CACHE_URL"):
    CACHES["default"] = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": cache_url,
        "KEY_PREFIX": BROKER_PREFIX,
    }

AWS_STORAGE_BUCKET_NAME = env.text("AWS_STORAGE_BUCKET_NAME")
AWS_S3_ENDPOINT_URL = env.url("AWS_S3_ENDPOINT_URL") or None
AWS_S3_REGION_NAME = env.text("AWS_S3_REGION_NAME") or None
# Clients map this name to the server that serves the pictures. That is this server, wherever the files are stored.
# The public client of photographers' shops knows this name, and takes no other.
REGION_NAME = env.text("REGION_NAME", "picthrive-dyn")
_static_storage = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
if AWS_STORAGE_BUCKET_NAME:
    from boto3.s3.transfer import TransferConfig
    from botocore.config import Config

    STORAGES = {
        "default": {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "file_overwrite": True,
                "querystring_auth": True,
                "default_acl": None,
                # A request notices within seconds that the storage is unreachable. So photos are sent in one part:
                # with several parts, it would wait for several timeouts.
                "transfer_config": TransferConfig(multipart_threshold=MAX_PHOTO_BYTES + 1),
                "client_config": Config(
                    connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 2}, signature_version="s3v4"
                ),
            },
        },
        "staticfiles": _static_storage,
    }
else:
    STORAGES = {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(DATA_DIR / "media"), "allow_overwrite": True},
        },
        "staticfiles": _static_storage,
    }
