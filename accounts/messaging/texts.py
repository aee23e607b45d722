"""Words of users in messages to others. An SMS must not carry a stranger's link under our sender's name."""

import re
import unicodedata

MAX_CHARACTERS = 60
_JOINERS = "\u200c\u200d"  # parts of Persian words and of emoji
_SCHEME = re.compile(
    r"[a-z][a-z0-9+.-]*:[/\\]+|\b(?:https?|ftp|mailto|tel|sms|smsto|geo|intent|javascript|data):", re.IGNORECASE
)
# Phones make a link of any words with a dot between them. Browsers read the other two characters as dots, too.
# Joiners, variation selectors and fillers between dot and word cannot be seen, and some readers leave them out.
_UNSEEN = r"[\u034f\u115f\u1160\u200c\u200d\ufe00-\ufe0f]*"
_DOT_BEFORE_WORD = re.compile(rf"[.\u3002\uff61]+{_UNSEEN}(?=[^\W\d_])")
_IP_ADDRESS = re.compile(r"\d+(?:[.\u3002\uff61]\d+){3}")
_DOTS = re.compile(r"[.\u3002\uff61]")


def short_line(text: str) -> str:
    """Returns the text as one line of at most 60 characters in which a phone finds no link."""
    text = unicodedata.normalize("NFKC", text)
    text = "".join(_visible(character) for character in text)
    text = _SCHEME.sub(" ", text)
    text = _DOT_BEFORE_WORD.sub(" ", text)
    text = _IP_ADDRESS.sub(lambda match: _DOTS.sub(" ", match[0]), text)
    line = " ".join(text.split())
    return line if len(line) <= MAX_CHARACTERS else f"{line[: MAX_CHARACTERS - 1].rstrip()}…"


def _visible(character: str) -> str:
    """Returns a line break or other control character as a space, and no invisible one."""
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp"):
        return " "
    return "" if category == "Cf" and character not in _JOINERS else character
