r"""Masks secrets that a message or a traceback contains by mistake, as the last step before a line is written.

No pattern replaces quotes, backslashes or blanks, so that a line of JSON stays valid.
"""

import re

MASK = "***"
_NAMES = (
    r"(?:[a-z_]*token|[a-z_]*password|passwd|[a-z_]*secret(?:_key)?|api[_-]?key|code|phone|signature|sig|authorization"
    r"|cookie|sessionid|csrftoken|x-amz-[a-z-]+|awsaccesskeyid)"
)
_VALUE = r"[^\s\"'\\&;,)}\]]+"
_PATTERNS = (
    # Authorization: Bearer XXX
    (re.compile(r"\b(bearer|basic|token) +(?!\*)[\w.~+/=-]{8,}", re.IGNORECASE), rf"\1 {MASK}"),
    # postgres://user:XXX@host
    (re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s:/@\"'\\]*):[^\s/\"'\\]+@", re.IGNORECASE), rf"\1:{MASK}@"),
    # ?token=XXX
    (re.compile(rf"\b({_NAMES})=(?!\*){_VALUE}", re.IGNORECASE), rf"\1={MASK}"),
    # "token": "XXX", also inside a JSON string
    (re.compile(rf"(\\?[\"']{_NAMES}\\?[\"']\s*:\s*\\?[\"'])(?!\*){_VALUE}", re.IGNORECASE), rf"\1{MASK}"),
    # /media/ID/KIND/EXPIRES-XXX.jpg, /uploads/XXX, /i/XXX, /o/XXX, /gallery/sign-in/link/XXX
    (re.compile(r"(/media/[\w-]+/\w+/\d+-)(?!\*)[\w-]+"), rf"\1{MASK}"),
    (re.compile(r"(/(?:uploads|i|o|sign-in/link)/)(?!\*)[\w:.=~-]{8,}"), rf"\1{MASK}"),
)


def scrub(text: str) -> str:
    """The text, with everything masked that looks like a secret."""
    for pattern, masked in _PATTERNS:
        text = pattern.sub(masked, text)
    return text
