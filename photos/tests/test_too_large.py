"""A picture that is too large for a worker's memory fails in words, and is tried again by a worker with more."""

from pytest_django import Settings

from albums.models import Album
from conftest import Person, committing
from core.sweeping import run_sweeps
from photos import storage
from photos.images.decoding import INCOMPLETE
from photos.models import Original
from photos.services import PhotoFacts, register_photo
from photos.tests.pictures import compass, saved


def register(owner: Person, album: Album, content: bytes) -> Original:
    """Registers the photo; its tasks run when that has committed."""
    storage.save("camera/a.jpg", content)
    with committing():
        return register_photo(user=owner.user, album=album, s3_path="camera/a.jpg", facts=PhotoFacts()).original


def sweep(original: Original, *, everything: bool) -> None:
    with committing():
        run_sweeps(everything=everything)
    original.refresh_from_db()


def test_a_picture_too_large_is_tried_again_when_a_worker_starts_with_more_memory(
    owner: Person, album: Album, settings: Settings
) -> None:
    settings.DECODING_MEMORY_MB = 100
    original = register(owner, album, saved(compass((5000, 4000)), "JPEG", progressive=True, subsampling=0))
    sweep(original, everything=True)
    assert original.status == "failed"
    assert original.error == "The picture is too large for this server: 20 megapixels in this form."
    settings.DECODING_MEMORY_MB = 450
    sweep(original, everything=False)
    assert original.status == "failed"
    sweep(original, everything=True)
    assert (original.status, original.error, original.needs_megabytes) == ("ready", "", None)


def test_an_incomplete_picture_is_ready_and_says_so(owner: Person, album: Album) -> None:
    whole = saved(compass().effect_spread(20), "JPEG")
    original = register(owner, album, whole[: len(whole) * 2 // 3])
    original.refresh_from_db()
    assert (original.status, original.error) == ("ready", INCOMPLETE)
