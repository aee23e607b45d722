"""Web pages of other origins whose scripts may call the APIs (django-cors-headers).

They send tokens and keys of their own. No answer allows them a browser's session, so the admin is not theirs.
"""

from pickeez_site import env

# Where the general rule does not hold: the pages for people, what is open to every origin by itself, and PictoPy,
# which serves a library without a login and lets in LOCAL_LIBRARY_ORIGINS only.
_PICTOPY_ALBUMS = (
    "create-album|delete-album|add-multiple-to-album|remove-from-album|view-album|edit-album-description|view-all"
)
_EXCEPT = (
    r"(?:admin|api|gallery|i|o|static)(?:/|$)",
    r"invite_page/?$",
    r"(?:images|tag)(?:/|$)",
    rf"albums/(?:{_PICTOPY_ALBUMS})/?$",
)
CORS_PATHS = rf"^/(?!{'|'.join(_EXCEPT)})"
NOWHERE = r"(?!)"

CORS_ALLOWED_ORIGINS = env.web_origins("CORS_ORIGINS")
CORS_URLS_REGEX = CORS_PATHS if CORS_ALLOWED_ORIGINS else NOWHERE
CORS_ALLOW_CREDENTIALS = False
CORS_ALLOW_METHODS = ["DELETE", "GET", "HEAD", "POST", "PUT"]
CORS_ALLOW_HEADERS = [
    *("accept", "authorization", "content-type", "if-range", "range", "x-requested-with"),
    *("api_key", "x-api-key", "x-algo-password"),
]
CORS_EXPOSE_HEADERS = ["Accept-Ranges", "Content-Range", "ETag", "Location", "Retry-After"]
CORS_PREFLIGHT_MAX_AGE = 3600
