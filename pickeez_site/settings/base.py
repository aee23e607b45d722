"""The server's address and data folder, its apps and its middleware."""

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from pickeez_site import env

BASE_DIR = Path(__file__).resolve().parents[2]
# Whatever this server writes (database, photos, keys, messages) only its own user reads, by default.
UMASK = env.octal("UMASK", 0o077)
os.umask(UMASK)
FILE_UPLOAD_PERMISSIONS = 0o666 & ~UMASK
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o777 & ~UMASK
DATA_DIR = env.directory("DATA_DIR", BASE_DIR / "var")
DATA_DIR.mkdir(parents=True, exist_ok=True)
MIN_SECRET_LENGTH = 32
MIN_SECRET_CHARACTERS = 5  # different ones, as Django's own check has it


def _secret_key() -> str:
    """The configured key, or else one that the first start writes into DATA_DIR.

    A short or simple key can be guessed, and with it every link, session and encrypted token forged.
    """
    if configured := env.text("SECRET_KEY"):
        if not _is_hard_to_guess(configured):
            allowed = f"a random text of at least {MIN_SECRET_LENGTH} characters"
            raise ImproperlyConfigured(f"The environment variable SECRET_KEY must be {allowed}.")
        return configured
    path = DATA_DIR / "secret_key"
    try:
        with path.open("x") as file:
            path.chmod(0o600)
            file.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    key = path.read_text().strip()
    if not _is_hard_to_guess(key):
        raise ImproperlyConfigured(f"{path.name} in DATA_DIR is too short: remove it or set SECRET_KEY.")
    return key


def _is_hard_to_guess(key: str) -> bool:
    return len(key) >= MIN_SECRET_LENGTH and len(set(key)) >= MIN_SECRET_CHARACTERS


DEBUG = env.boolean("DEBUG", False)
SECRET_KEY = _secret_key()
HOST = env.text("HOST", "127.0.0.1")
PORT = env.integer("PORT", 8000, minimum=1)
# The address at which clients reach this server. Links in messages begin with it.
PUBLIC_URL = env.url("PUBLIC_URL", f"http://{HOST}:{PORT}")
ALLOWED_HOSTS = env.words(
    "ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]", HOST, str(urlsplit(PUBLIC_URL).hostname)]
)
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES")

INSTALLED_APPS = [
    "pickeez_site.operations.admin_app.OperatorsAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "corsheaders",
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
    "pickeez_site.gallery",
]
MIDDLEWARE = [
    "pickeez_site.serving.proxies.TrustedProxyMiddleware",
    "pickeez_site.operations.observing.probes.ProbesMiddleware",
    "pickeez_site.operations.observing.requests.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "pickeez_site.serving.outages.OutageMiddleware",
    "pickeez_site.serving.body_limit.BodyLimitMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "pickeez_site.serving.browser_sessions.LastSeenMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "pickeez_site.operations.admin.policy.AdminPolicyMiddleware",
    "pickeez_site.pages.FrontPageMiddleware",
]
ROOT_URLCONF = "pickeez_site.urls"
WSGI_APPLICATION = "pickeez_site.wsgi.application"
APPEND_SLASH = True
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "pickeez_site/templates"],  # searched before the admin's own templates
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
# Only the gallery speaks the reader's language (`gallery/views/base.py`); the words of the APIs never change.
USE_I18N = True
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("he", "עברית")]  # each by its own name
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
LOCALE_PATHS = [BASE_DIR / "pickeez_site/gallery/locale"]
TIME_ZONE = "UTC"
USE_TZ = True
FORMAT_MODULE_PATH = "pickeez_site.formats"
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
WHITENOISE_USE_FINDERS = True  # the admin works without `collectstatic`
