"""Limits, and the security headers for browsers."""

from pickeez_site import env
from pickeez_site.settings.base import PUBLIC_URL

_https = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE_SSL_REDIRECT = _https
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _https else 0
# Only on wish: browsers then refuse plain HTTP for the whole domain, also for its other servers, and keep that for
# months after it was taken back.
HSTS_PRELOAD = env.boolean("HSTS_PRELOAD", False)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _https and HSTS_PRELOAD
SILENCED_SYSTEM_CHECKS = [
    "security.W005",
    "security.W021",
]  # they ask for what `HSTS_PRELOAD` leaves to the operator
SECURE_REDIRECT_EXEMPT = [r"^ping/?$"]  # health probes use plain HTTP inside of the network
# URLs of media and pages contain signatures, which no other site may see. Not "no-referrer": browsers would then
# send forms with `Origin: null`, which Django refuses.
SECURE_REFERRER_POLICY = "same-origin"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
X_FRAME_OPTIONS = "DENY"
AUTH_USER_MODEL = "accounts.User"
# The first one is for operators with a password. The admin lets in nobody else (`operations/admin_site.py`).
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "accounts.backends.PasswordlessBackend",
]
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_AGE = 90 * 24 * 3600  # seconds since it was last used (`serving/browser_sessions.py`)
ADMIN_SESSION_SECONDS = 14 * 24 * 3600
SESSION_SEEN_SECONDS = 15 * 60  # how often a session's last use is written
CSRF_FAILURE_VIEW = "pickeez_site.gallery.views.errors.csrf_failed"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# Request bodies: parameters are small. Files may be large, but are never in memory as a whole.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
MAX_PHOTO_BYTES = env.integer("MAX_PHOTO_BYTES", 100 * 1024 * 1024, minimum=1)
# A larger picture is refused before its pixels are decoded …
MAX_PHOTO_PIXELS = env.integer("MAX_PHOTO_PIXELS", 150_000_000, minimum=1)
# … and so is one that needs more memory for that (`photos/images/memory.py`).
DECODING_MEMORY_MB = env.integer("DECODING_MEMORY_MB", 450, minimum=100)
MEDIA_URL_SECONDS = env.integer("MEDIA_URL_SECONDS", 24 * 3600, minimum=60)
TRASH_DAYS = 30  # a deleted photo is kept this long
UPLOAD_SLOT_SECONDS = 6 * 3600  # a presigned upload URL is valid this long
RESUMABLE_UPLOAD_SECONDS = 24 * 3600  # an upload that was cut off can be resumed this long
ZIP_SECONDS = 24 * 3600  # an archive is kept this long
