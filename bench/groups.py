"""Groups: a copy of a photo against decoding it, the public view of many photos, and the memory of an archive.

`python -m bench.groups` creates its own database. `PICTURES` is the number of photos.
"""

import os
import resource
import time
from collections.abc import Callable

from django.test import Client

from accounts.models import User
from albums.models import Album
from albums.services import create_album, ensure_tokens
from bench.database import fresh_database
from bench.sizes import size
from photos import storage
from photos.images import make_renditions, read_picture
from photos.services import RequestedPicture, build_zip, copy_photos, request_zip
from photos.tests.builders import place_photos
from photos.tests.pictures import compass, saved

LISTED_SECONDS = 2.0
MEGABYTE = 1024 * 1024


def run() -> None:
    """Prints ratios and their limits."""
    with fresh_database():
        _measure(size("PICTURES", 1000, 50))


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _measure(number: int) -> None:
    user = User.objects.create_user(name="Bench")
    album, other = create_album(owner=user), create_album(owner=user)
    photos = place_photos(album, user, number)
    data = saved(compass((4000, 3000)), "JPEG", quality=95)
    decoding = _seconds(lambda: list(make_renditions(read_picture(data), "PROOF")))
    copying = _seconds(lambda: copy_photos(photos=photos, album=other, user=user)) / number
    print(f"copying / decoding and storing a photo      {copying / decoding:8.4f}   at most 0.02")

    _public_view(create_album(owner=user))  # loads what is imported on first use
    listing = _seconds(lambda: _public_view(album))
    wanted = LISTED_SECONDS * number / 5000
    print(f"seconds of the public view of {number:6} photos {listing:7.3f}   at most {wanted:.2f}")

    for photo in photos:
        storage.save(photo.original.key, os.urandom(MEGABYTE))
    archive = request_zip(
        album=album,
        user=user,
        name="All",
        pictures=[RequestedPicture(photo, "original", "a.jpg") for photo in photos],
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    packing = _seconds(lambda: build_zip(zip_id=archive.pk))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"memory of packing / size of the archive     {grown / number:8.4f}   at most 0.05 ({grown:.0f} MB)")
    print(f"packing, MB a second                        {number / packing:8.1f}")


def _public_view(album: Album) -> None:
    token = ensure_tokens(albums=[album])[album.pk] or ""
    answer = Client().get(f"/v1/Group/{album.pk}/Photo", {"Token": token})
    if answer.status_code != 200:
        raise SystemExit(f"The public view answered {answer.status_code}.")


if __name__ == "__main__":
    run()
