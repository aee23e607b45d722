"""How old a user looks, and of which gender, going by their selfies."""

from statistics import fmean

from accounts.models import User
from faces.engine import get_engine
from faces.engine.demographics import Looks, can_tell_looks, looks_of
from faces.models import Selfie
from photos import storage
from photos.images import UnreadableImage, read_picture

MAX_SELFIES = 3


def looks_of_user(*, user: User) -> Looks | None:
    """The mean over the user's newest selfies; None without selfies, or without the weights to tell.

    Raises `photos.storage.StorageUnavailable`.
    """
    if not can_tell_looks():
        return None
    selfies = Selfie.objects.taken().filter(user=user).order_by("-created_at")[:MAX_SELFIES]
    found = [looks for looks in map(_looks, selfies) if looks]
    if not found:
        return None
    return Looks(fmean(looks.years for looks in found), fmean(looks.maleness for looks in found))


def _looks(selfie: Selfie) -> Looks | None:
    try:
        picture = read_picture(storage.read(selfie.key)).pixels
    except (UnreadableImage, FileNotFoundError):
        return None
    faces = get_engine().find_faces(picture)
    return looks_of(picture, faces[0].box) if faces else None
