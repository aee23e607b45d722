"""The domain's refusals of files in the reader's language."""

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from albums.services import LookOnly


def refusal_in_words(error: ValidationError | PermissionDenied) -> str:
    """Returns why a file was refused: `FileRefused` by its code, `PictureRemoved` or `LookOnly`."""
    if isinstance(error, LookOnly):
        return _("You may look at this album, but not add photos. Its owner can change that.")
    if isinstance(error, PermissionDenied):
        return _("This picture was deleted from the album. Only the person who deleted it can bring it back.")
    limit = filesizeformat(settings.MAX_PHOTO_BYTES)
    words = {
        "empty": _("The file is empty."),
        "empty_file": _("The file is empty."),
        "too_large": _("The file is too large: a picture may have %(limit)s.") % {"limit": limit},
        "wrong_type": _("This is not a picture that can be shown here."),
        "mismatch": _("The file did not arrive as it was sent. Please try again."),
    }
    return words[error.code or ""]
