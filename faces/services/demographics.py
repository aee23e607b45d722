"""Estimates the age and gender of a user from their selfies."""

from statistics import fmean

from accounts.models import User
from faces.engine import get_engine
from faces.engine.demographics import DemographicEstimate, can_estimate_demographics, estimate_demographics
from faces.models import Selfie
from photos import storage
from photos.images import UnreadableImage, read_picture

MAX_SELFIES = 3


def estimate_user_demographics(*, user: User) -> DemographicEstimate | None:
    """Returns the mean over the user's newest selfies; None without selfies, or without the networks' weights.

    Raises `photos.storage.StorageUnavailable`.
    """
    if not can_estimate_demographics():
        return None
    estimates = []
    for selfie in Selfie.objects.accepted().filter(user=user).order_by("-created_at")[:MAX_SELFIES]:
        try:
            picture = read_picture(storage.read(selfie.key)).pixels
        except (UnreadableImage, FileNotFoundError):
            continue
        if faces := get_engine().find_faces(picture):
            estimates.append(estimate_demographics(picture, faces[0].box))
    if not estimates:
        return None
    return DemographicEstimate(
        years=fmean(estimate.years for estimate in estimates),
        male_probability=fmean(estimate.male_probability for estimate in estimates),
    )
