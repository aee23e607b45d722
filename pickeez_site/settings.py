"""Settings, all from the environment (see `.env.example`); a wrong value stops the start, naming the variable."""

import secrets
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured
from kombu import Exchange, Queue

from photos.stages import STAGES
from pickeez_site import env
from pickeez_site.operations.observing.logs import FORMATS, LEVELS, configuration

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = env.directory("DATA_DIR", BASE_DIR / "var")
DATA_DIR.mkdir(parents=True, exist_ok=True)


def _secret_key() -> str:
    """The configured key, or one made on the first start and kept beside the data."""
    if configured := env.text("SECRET_KEY"):
        return configured
    path = DATA_DIR / "secret_key"
    try:
        with path.open("x") as file:
            path.chmod(0o600)
            file.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    key = path.read_text().strip()
    if not key:
        raise ImproperlyConfigured(f"{path.name} in DATA_DIR is empty: remove it or set SECRET_KEY.")
    return key


# --- Where it runs -----------------------------------------------------------------------------------------------
DEBUG = env.boolean("DEBUG", False)
SECRET_KEY = _secret_key()
HOST = env.text("HOST", "127.0.0.1")
PORT = env.integer("PORT", 8000, minimum=1)
# The address under which clients reach this server: links in messages are made with it.
PUBLIC_URL = env.url("PUBLIC_URL", f"http://{HOST}:{PORT}")
ALLOWED_HOSTS = env.words(
    "ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]", HOST, str(urlsplit(PUBLIC_URL).hostname)]
)
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "core",
    "accounts",
    "albums",
    "photos",
    "faces",
    "profiles",
    "pickeez_site",
]
MIDDLEWARE = [
    "pickeez_site.serving.proxies.TrustedProxyMiddleware",
    "pickeez_site.operations.observing.probes.ProbesMiddleware",
    "pickeez_site.operations.observing.requests.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "pickeez_site.serving.outages.OutageMiddleware",
    "pickeez_site.serving.body_limit.BodyLimitMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "pickeez_site.dialects.openapi.pages.FrontPageMiddleware",
]
ROOT_URLCONF = "pickeez_site.urls"
WSGI_APPLICATION = "pickeez_site.wsgi.application"
APPEND_SLASH = True
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "pickeez_site/templates"],  # before the admin's own
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
LANGUAGE_CODE = "en"
USE_I18N = False
TIME_ZONE = "UTC"
USE_TZ = True
FORMAT_MODULE_PATH = "pickeez_site.formats"
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
WHITENOISE_USE_FINDERS = True  # no collectstatic step between a fresh clone and the admin

# --- Safety ------------------------------------------------------------------------------------------------------
_https = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = _https
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _https
SECURE_REDIRECT_EXEMPT = [r"^ping/?$"]  # health probes speak plain HTTP from inside
# Media and page URLs carry signatures: no other site learns them. Not "no-referrer": browsers would then send
# forms with `Origin: null`, and Django refuse them.
SECURE_REFERRER_POLICY = "same-origin"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
X_FRAME_OPTIONS = "DENY"
AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# Bodies: parameters stay small, files may be large but never end up in memory whole.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
MAX_PHOTO_BYTES = env.integer("MAX_PHOTO_BYTES", 100 * 1024 * 1024, minimum=1)
# Above this a picture is refused before its pixels are decoded: 150 megapixels are about 450 MB of memory.
MAX_PHOTO_PIXELS = env.integer("MAX_PHOTO_PIXELS", 150_000_000, minimum=1)
MEDIA_URL_SECONDS = env.integer("MEDIA_URL_SECONDS", 24 * 3600, minimum=60)
TRASH_DAYS = 30  # how long a deleted photo is kept
UPLOAD_SLOT_SECONDS = 6 * 3600  # how long a presigned upload works
ZIP_SECONDS = 24 * 3600  # how long an archive is kept

# --- Data --------------------------------------------------------------------------------------------------------
DATABASES = {
    "default": dj_database_url.parse(
        env.text("DATABASE_URL", f"sqlite:///{DATA_DIR / 'pickeez.sqlite3'}"),
        conn_max_age=60,
        conn_health_checks=True,
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Many processes write: take the write lock when a transaction begins, and wait for it instead of failing.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        # A query with the ids of 3,000 photos is half a megabyte as a statement, and a new one for each number of
        # ids: each thread would keep 128 of them. Without, a query takes some microseconds more.
        "cached_statements": 0,
    }
elif DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    # A machine that went without a word is noticed within a request's patience; the system's own is a quarter of
    # an hour. What DATABASE_URL says (`?connect_timeout=5`) holds.
    DATABASES["default"]["OPTIONS"] = {
        "connect_timeout": 3,
        "keepalives_idle": 4,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": 10_000,  # milliseconds
        **DATABASES["default"].get("OPTIONS", {}),
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Several installations may share a broker and a cache.
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
# The name by which clients map pictures to where they are served: this server, whatever keeps the files.
REGION_NAME = env.text("REGION_NAME", AWS_S3_REGION_NAME or "local")
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
                # A storage that is away is noticed within a request's patience. So photos are sent whole:
                # of parts, several would be waited for.
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

# --- Messages ----------------------------------------------------------------------------------------------------
SMS_BACKEND = env.dotted_path("SMS_BACKEND", "accounts.messaging.file.FileBackend")
PUSH_BACKEND = env.dotted_path("PUSH_BACKEND", "accounts.messaging.file.FileBackend")
OUTBOX_DIR = DATA_DIR / "outbox"
TWILIO_ACCOUNT_SID = env.text("TWILIO_ACCOUNT_SID")
TWILIO_AUTH_TOKEN = env.text("TWILIO_AUTH_TOKEN")
TWILIO_FROM = env.text("TWILIO_FROM")
TWILIO_API_URL = env.url("TWILIO_API_URL")  # empty: Twilio's own
FCM_CREDENTIALS = env.text("FCM_CREDENTIALS")  # path of a service account's JSON file
FCM_API_URL = env.url("FCM_API_URL")  # empty: Google's own
MESSAGE_TIMEOUT_SECONDS = 8

PHONE_CODE_SECONDS = 600
PHONE_CODE_TRIES = 5
PHONE_CODES_PER_HOUR = env.integer("PHONE_CODES_PER_HOUR", 5, minimum=1)
PHONE_CODES_PER_ADDRESS_PER_HOUR = env.integer("PHONE_CODES_PER_ADDRESS_PER_HOUR", 50, minimum=1)
PHONE_CODES_PER_RANGE_PER_HOUR = env.integer("PHONE_CODES_PER_RANGE_PER_HOUR", 50, minimum=1)
SMS_BY_USER_PER_HOUR = env.integer("SMS_BY_USER_PER_HOUR", 1000, minimum=1)
SMS_TO_PHONE_PER_HOUR = env.integer("SMS_TO_PHONE_PER_HOUR", 10, minimum=1)
PHONE_GUESSES_PER_ADDRESS_PER_HOUR = env.integer("PHONE_GUESSES_PER_ADDRESS_PER_HOUR", 100, minimum=1)

# --- Facebook ----------------------------------------------------------------------------------------------------
FACEBOOK_APP_ID = env.text("FACEBOOK_APP_ID")
FACEBOOK_APP_SECRET = env.text("FACEBOOK_APP_SECRET")
FACEBOOK_GRAPH_URL = env.url("FACEBOOK_GRAPH_URL", "https://graph.facebook.com")
FACEBOOK_DIALOG_URL = env.url("FACEBOOK_DIALOG_URL", "https://www.facebook.com/dialog/oauth")
FACEBOOK_SIGN_INS_PER_ADDRESS_PER_HOUR = env.integer("FACEBOOK_SIGN_INS_PER_ADDRESS_PER_HOUR", 100, minimum=1)

# --- Work --------------------------------------------------------------------------------------------------------
ALBUM_PROCESSOR = env.choice("ALBUM_PROCESSOR", ("builtin", "external"), "builtin")
ALGO_PASSWORD = env.text("ALGO_PASSWORD")
ALBUM_QUIET_SECONDS = env.integer("ALBUM_QUIET_SECONDS", 60)
LEASE_SECONDS = 15
PROCESSING_TRIES = 3  # a photo that killed its worker this often is given up
SWEEP_SECONDS = 10
SELFIE_WAIT_SECONDS = 10
WATERMARK_TEXT = env.text("WATERMARK_TEXT", "PROOF")
FACE_ENGINE = env.dotted_path("FACE_ENGINE", "faces.engine.deepface.DeepFaceEngine")
FACE_MODEL = env.text("FACE_MODEL", "Dlib")
FACE_DETECTOR = env.text("FACE_DETECTOR", "dlib")
DEEPFACE_HOME = env.directory("DEEPFACE_HOME", DATA_DIR / "deepface")
OBJECT_MODEL = env.file("OBJECT_MODEL", DATA_DIR / "models" / "FastestDet.onnx")
# Whose library calls without a token go to, when they come from this machine: a user's id or verified phone.
LOCAL_LIBRARY_USER = env.id_or_phone("LOCAL_LIBRARY_USER")
IMPORT_ROOTS = env.directories("IMPORT_ROOTS")

_broker_dir = DATA_DIR / "broker"
EMBEDDED_BROKER = "filesystem://localhost"
CELERY_BROKER_URL = env.text("CELERY_BROKER_URL", EMBEDDED_BROKER)
# No task is longer: RabbitMQ closes the channel of who has not acknowledged for 30 minutes.
LONG_TASK_SECONDS = 25 * 60
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {
    # Redis gives a message to somebody else when it was not acknowledged for so long: more than the longest task.
    "visibility_timeout": 30 * 60,
    "global_keyprefix": BROKER_PREFIX,
    # A broker that is away must hold neither a request nor a worker.
    "socket_connect_timeout": 2,
    "socket_timeout": 3,
    "socket_keepalive": True,
    "health_check_interval": 25,
}
if CELERY_BROKER_URL == EMBEDDED_BROKER:
    CELERY_BROKER_TRANSPORT = "pickeez_site.serving.embedded_broker:Transport"
    for _name in ("messages", "control"):
        (_broker_dir / _name).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_broker_dir / "messages"),
        "data_folder_out": str(_broker_dir / "messages"),
        "control_folder": str(_broker_dir / "control"),
        "polling_interval": 0.1,
    }
elif CELERY_BROKER_URL.startswith("amqp"):
    # Published means that the broker has said so; what holds a socket up for longer is away.
    CELERY_BROKER_TRANSPORT_OPTIONS = {"confirm_publish": True, "read_timeout": 5, "write_timeout": 5}
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for its broker for as long as it takes
# A broker that is away must not hold a web request: one more try, then the sweep finds the work in the database.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_max": 0.2}
CELERY_TASK_IGNORE_RESULT = True  # the database says what is done
# A message stays with the broker until its task has ended, also when the process that ran it was killed …
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
# … and when the broker was away in the middle of it: the work is done once, whoever is told of it twice.
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
# A process takes what it works on and no more: what it held back would wait while another one is idle.
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Work on one photo, selfie or album takes seconds. What hangs is cut off; its lease lapses, and that is a try.
CELERY_TASK_SOFT_TIME_LIMIT = 4 * 60
CELERY_TASK_TIME_LIMIT = 5 * 60
# Native libraries keep what they once took: a child that has grown beyond this is replaced after its task.
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 1024 * env.integer("WORKER_CHILD_MEMORY_MB", 600, minimum=200)  # KiB
# What somebody waits for stands behind nothing that takes long. One worker takes from all queues in turn; several
# may share them out (`--queues`).
QUEUES = ("quick", "selfies", "pictures", "faces", "bulk")
# In Redis every key has the prefix.
_prefix = "" if CELERY_BROKER_URL.startswith("redis") else BROKER_PREFIX
CELERY_TASK_DEFAULT_QUEUE = f"{_prefix}quick"
BULK_QUEUE = f"{_prefix}bulk"
_exchange = Exchange(f"{_prefix}tasks")
# Workers of another deployment with the same broker do not hear what is asked of these …
CELERY_CONTROL_EXCHANGE = f"{_prefix}celery"
# … and one that was killed does not keep its successor out of its mailbox until RabbitMQ has noticed.
CELERY_CONTROL_QUEUE_EXCLUSIVE = False
CELERY_CONTROL_QUEUE_DURABLE = True  # RabbitMQ is about to refuse queues that are neither
CELERY_TASK_QUEUES = [Queue(f"{_prefix}{_name}", _exchange, routing_key=f"{_prefix}{_name}") for _name in QUEUES]
CELERY_TASK_CREATE_MISSING_QUEUES = False
CELERY_TASK_ROUTES = {
    task: {"queue": f"{_prefix}{queue}"}
    for queue, tasks in {
        "selfies": ["faces.tasks.process_selfie"],
        "faces": ["faces.tasks.assign_faces", "faces.tasks.process_album"],
        "bulk": [
            "faces.tasks.recluster_faces",
            "faces.tasks.recluster_library",
            "photos.tasks.continue_folders",
            "photos.tasks.make_zip",
            "photos.tasks.purge_deleted",
            "profiles.tasks.derive_profiles",
        ],
    }.items()
    for task in tasks
} | {stage.task: {"queue": f"{_prefix}{stage.queue}"} for stage in STAGES}
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "core.tasks.sweep", "schedule": SWEEP_SECONDS, "options": {"expires": SWEEP_SECONDS}},
    "deliver-messages": {"task": "accounts.tasks.deliver_messages", "schedule": 30, "options": {"expires": 30}},
    "remove-files": {"task": "photos.tasks.remove_files", "schedule": 60, "options": {"expires": 60}},
    "collect-uploads": {
        "task": "photos.tasks.collect_uploads",
        "schedule": SWEEP_SECONDS,
        "options": {"expires": SWEEP_SECONDS},
    },
    "continue-folders": {"task": "photos.tasks.continue_folders", "schedule": 30, "options": {"expires": 30}},
    "recluster-faces": {"task": "faces.tasks.recluster_faces", "schedule": crontab(hour=4, minute=10)},
    "sweep-zips": {"task": "photos.tasks.sweep_zips", "schedule": 30, "options": {"expires": 30}},
    "derive-profiles": {"task": "profiles.tasks.derive_profiles", "schedule": crontab(hour=3, minute=30)},
    "purge-deleted": {"task": "photos.tasks.purge_deleted", "schedule": 3600, "options": {"expires": 3600}},
}

# --- Web API -----------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "DEFAULT_GENERATOR_CLASS": "pickeez_site.dialects.openapi.generator.Generator",
    "OAS_VERSION": "3.1.1",
    "TITLE": "Pickeez",
    "DESCRIPTION": "All that this server speaks: several APIs, each with errors and credentials of its own.",
    "VERSION": "1",
    "SERVERS": [{"url": "/"}],
}

# --- What an operator sees ---------------------------------------------------------------------------------------
LOG_FORMAT = env.choice("LOG_FORMAT", FORMATS, "text")
LOG_LEVEL = env.choice("LOG_LEVEL", LEVELS, "INFO")
LOGGING = configuration(LOG_FORMAT, LOG_LEVEL)
# Who else than this machine itself may see /metrics: clients in these networks, and whoever sends this token.
METRICS_NETWORKS = env.networks("METRICS_NETWORKS")
METRICS_TOKEN = env.text("METRICS_TOKEN")
# Where a worker serves its own metrics, if anywhere; nobody is asked for a token there.
METRICS_HOST = env.text("METRICS_HOST", "127.0.0.1")
METRICS_PORT = env.integer("METRICS_PORT", 0)
