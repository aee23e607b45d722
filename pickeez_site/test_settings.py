"""Settings of the tests: a temporary DATA_DIR, nothing of the operator's environment, and a fast face engine."""

import atexit
import os
import tempfile
from pathlib import Path

# `make test-stack` sets these variables. All others belong to the operator, and are removed.
FROM_ENVIRONMENT = {"DATABASE_URL", "CELERY_BROKER_URL", "CACHE_URL", "BROKER_PREFIX"}
FROM_ENVIRONMENT |= {"AWS_STORAGE_BUCKET_NAME", "AWS_S3_ENDPOINT_URL", "OBJECT_MODEL"}

_data_dir = tempfile.TemporaryDirectory(prefix="pickeez-tests-")
atexit.register(_data_dir.cleanup)
for _line in (Path(__file__).parent.parent / ".env.example").read_text().splitlines():
    _name = _line.lstrip("# ").partition("=")[0]
    if _name.isupper() and _name not in FROM_ENVIRONMENT and not _name.startswith("AWS_"):
        os.environ.pop(_name, None)
os.environ.update({"DATA_DIR": _data_dir.name, "SECRET_KEY": "for-tests-only-" + "x" * 50})

from pickeez_site.settings import *  # noqa: E402, F403

SMS_BACKEND = PUSH_BACKEND = WEB_PUSH_BACKEND = "accounts.messaging.memory.MemoryBackend"
FACE_ENGINE = "faces.tests.fake_engine.FakeEngine"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_TASK_ALWAYS_EAGER = CELERY_TASK_EAGER_PROPAGATES = True
SELFIE_WAIT_SECONDS = 0
WHITENOISE_AUTOREFRESH = True  # each test client would read all static files at its start
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":  # noqa: F405
    # A file, as in production: each thread has its own connection.
    DATABASES["default"]["TEST"] = {"NAME": f"{_data_dir.name}/tests.sqlite3"}  # noqa: F405
