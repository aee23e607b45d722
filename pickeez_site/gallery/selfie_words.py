"""Why a selfie was refused, in the reader's language."""

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from faces.models import Selfie

# The domain's reasons (`faces/services/selfie_faces.py`, `photos/images/`); the others are faults that it names.
REASONS = [
    gettext_noop("The file is empty."),
    gettext_noop("The picture has no pixels."),
    gettext_noop("The file is not a picture of a supported type."),
    gettext_noop("The picture is broken or incomplete."),
    gettext_noop("The picture is upside down. Turn it, and give it again."),
    gettext_noop("The picture lies on its side. Turn it, and give it again."),
    gettext_noop("The picture shows no face. Give one of you alone."),
    gettext_noop("The face is blurred, covered or turned away. Give a sharp picture from the front."),
]
_TOO_SMALL = re.compile(r"The face is too small")
_SEVERAL = re.compile(r"The picture shows (\d+) faces")
_TOO_MANY_PIXELS = re.compile(r"The picture has more than \d+ pixels")


def refusal_of(selfie: Selfie) -> str:
    """Returns in the reader's language why this selfie was refused, and what to do; "" for one that was not."""
    if selfie.status != Selfie.Status.REFUSED:
        return ""
    if selfie.error in REASONS:
        return _(selfie.error)
    if several := _SEVERAL.match(selfie.error):
        faces = int(several[1])
        return ngettext(
            "The picture shows %(faces)d face. Give one of you alone.",
            "The picture shows %(faces)d faces. Give one of you alone.",
            faces,
        ) % {"faces": faces}
    if _TOO_SMALL.match(selfie.error):
        return _("The face is too small. Give a picture from nearer.")
    if _TOO_MANY_PIXELS.match(selfie.error):
        return _("The picture is too large. Give a smaller one.")
    return _("The picture could not be looked at. Please try another one.")
