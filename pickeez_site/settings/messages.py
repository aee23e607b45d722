"""SMS, pushes, e-mails, codes, and signing in with Facebook or a provider of OpenID Connect."""

from email.utils import formataddr
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from pickeez_site import env
from pickeez_site.settings.base import DATA_DIR, PUBLIC_URL

SMS_BACKEND = env.dotted_path("SMS_BACKEND", "accounts.messaging.file.FileBackend")
PUSH_BACKEND = env.dotted_path("PUSH_BACKEND", "accounts.messaging.file.FileBackend")
# Pushes to browsers need no gateway of ours: each browser names its maker's.
WEB_PUSH_BACKEND = env.dotted_path("WEB_PUSH_BACKEND", "accounts.messaging.web_push.WebPushBackend")
VAPID_PRIVATE_KEY = env.text("VAPID_PRIVATE_KEY")  # base64url; empty: it is derived from SECRET_KEY
# Whom the push services may write to about this server's pushes; some accept no http URL and no bare host.
VAPID_SUBJECT = env.text(
    "VAPID_SUBJECT", PUBLIC_URL if PUBLIC_URL.startswith("https://") else "mailto:operator@localhost"
)
OUTBOX_DIR = DATA_DIR / "outbox"
TWILIO_ACCOUNT_SID = env.text("TWILIO_ACCOUNT_SID")
TWILIO_AUTH_TOKEN = env.text("TWILIO_AUTH_TOKEN")
TWILIO_FROM = env.text("TWILIO_FROM")
TWILIO_API_URL = env.url("TWILIO_API_URL")  # empty: Twilio's own address
FCM_CREDENTIALS = env.text("FCM_CREDENTIALS")  # the path of a service account's JSON file
FCM_API_URL = env.url("FCM_API_URL")  # empty: Google's own address
MESSAGE_TIMEOUT_SECONDS = 8

_email = env.email_url("EMAIL_URL", {"EMAIL_BACKEND": "accounts.messaging.email_outbox.EmailBackend"})
EMAIL_BACKEND = _email["EMAIL_BACKEND"]
EMAIL_HOST = _email.get("EMAIL_HOST") or "localhost"
EMAIL_PORT = _email.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = _email.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = _email.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = _email.get("EMAIL_USE_TLS") or False
EMAIL_USE_SSL = _email.get("EMAIL_USE_SSL") or False
EMAIL_TIMEOUT = MESSAGE_TIMEOUT_SECONDS
DEFAULT_FROM_EMAIL = env.email("EMAIL_FROM", formataddr(("Pickeez", f"no-reply@{urlsplit(PUBLIC_URL).hostname}")))

INVITATION_LINK_DAYS = env.integer("INVITATION_LINK_DAYS", 90, minimum=1, maximum=3650)
PHONE_CODE_SECONDS = 600
PHONE_CODE_TRIES = 5
PHONE_CODES_PER_HOUR = env.integer("PHONE_CODES_PER_HOUR", 5, minimum=1)
PHONE_CODES_PER_DAY = env.integer("PHONE_CODES_PER_DAY", 30, minimum=1)
PHONE_CODES_PER_ADDRESS_PER_HOUR = env.integer("PHONE_CODES_PER_ADDRESS_PER_HOUR", 50, minimum=1)
PHONE_CODES_PER_RANGE_PER_HOUR = env.integer("PHONE_CODES_PER_RANGE_PER_HOUR", 50, minimum=1)
SMS_BY_USER_PER_HOUR = env.integer("SMS_BY_USER_PER_HOUR", 50, minimum=1)
SMS_BY_USER_PER_DAY = env.integer("SMS_BY_USER_PER_DAY", 300, minimum=1)
SMS_BY_NEW_USER_PER_DAY = env.integer("SMS_BY_NEW_USER_PER_DAY", 50, minimum=1)
SMS_PER_HOUR = env.integer("SMS_PER_HOUR", 1000, minimum=1)
SMS_PER_COUNTRY_PER_HOUR = env.integer("SMS_PER_COUNTRY_PER_HOUR", 500, minimum=1)
SMS_COUNTRIES = env.countries("SMS_COUNTRIES")  # empty: all
PHONE_LOOKUPS_PER_HOUR = env.integer("PHONE_LOOKUPS_PER_HOUR", 5000, minimum=1)
SMS_TO_PHONE_PER_HOUR = env.integer("SMS_TO_PHONE_PER_HOUR", 10, minimum=1)
SMS_TO_PHONE_PER_DAY = env.integer("SMS_TO_PHONE_PER_DAY", 30, minimum=1)
EMAILS_TO_ADDRESS_PER_HOUR = env.integer("EMAILS_TO_ADDRESS_PER_HOUR", 10, minimum=1)
EMAILS_TO_ADDRESS_PER_DAY = env.integer("EMAILS_TO_ADDRESS_PER_DAY", 30, minimum=1)
EMAILS_BY_USER_PER_HOUR = env.integer("EMAILS_BY_USER_PER_HOUR", 200, minimum=1)
EMAILS_PER_HOUR = env.integer("EMAILS_PER_HOUR", 1000, minimum=1)
PHONE_GUESSES_PER_ADDRESS_PER_HOUR = env.integer("PHONE_GUESSES_PER_ADDRESS_PER_HOUR", 100, minimum=1)
# Wrong codes since the last right one, after which only an operator opens a phone or an e-mail address.
WRONG_CODES_PER_CONTACT = env.integer("WRONG_CODES_PER_CONTACT", 100, minimum=1)
# Wrong passwords (admin, algorithm), and wrong tokens, keys and links.
WRONG_PASSWORDS_PER_ADDRESS_PER_HOUR = env.integer("WRONG_PASSWORDS_PER_ADDRESS_PER_HOUR", 30, minimum=1)
WRONG_PASSWORDS_PER_HOUR = env.integer("WRONG_PASSWORDS_PER_HOUR", 1000, minimum=1)
WRONG_TOKENS_PER_ADDRESS_PER_HOUR = env.integer("WRONG_TOKENS_PER_ADDRESS_PER_HOUR", 600, minimum=1)
WRONG_TOKENS_PER_HOUR = env.integer("WRONG_TOKENS_PER_HOUR", 50_000, minimum=1)

# A provider with whom people sign in to the gallery.
OIDC_ISSUER = env.issuer("OIDC_ISSUER")
OIDC_CLIENT_ID = env.text("OIDC_CLIENT_ID")
OIDC_CLIENT_SECRET = env.text("OIDC_CLIENT_SECRET")  # empty: a public client
if OIDC_ISSUER and not OIDC_CLIENT_ID:
    raise ImproperlyConfigured("The environment variable OIDC_CLIENT_ID must be set, as OIDC_ISSUER is.")
OIDC_NAME = env.text("OIDC_NAME", str(urlsplit(OIDC_ISSUER).hostname))
OIDC_SIGN_INS_PER_ADDRESS_PER_HOUR = env.integer("OIDC_SIGN_INS_PER_ADDRESS_PER_HOUR", 100, minimum=1)

FACEBOOK_APP_ID = env.text("FACEBOOK_APP_ID")
FACEBOOK_APP_SECRET = env.text("FACEBOOK_APP_SECRET")
FACEBOOK_GRAPH_URL = env.url("FACEBOOK_GRAPH_URL", "https://graph.facebook.com")
FACEBOOK_DIALOG_URL = env.url("FACEBOOK_DIALOG_URL", "https://www.facebook.com/dialog/oauth")
FACEBOOK_SIGN_INS_PER_ADDRESS_PER_HOUR = env.integer("FACEBOOK_SIGN_INS_PER_ADDRESS_PER_HOUR", 100, minimum=1)
