"""Groups: a copy of a photo against decoding it, the public view of many photos, and the memory of an archive.

`python -m bench.groups` works in a temporary folder with an SQLite file. `PICTURES` says how many photos.
"""

import os
import resource
import tempfile
import time
from collections.abc import Callable
from typing import Any

LISTED_SECONDS = 2.0
MEGABYTE = 1024 * 1024


def run() -> None:
    """Prints ratios and what they must be at most."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pickeez_site.settings")
        os.environ |= {"DATA_DIR": folder, "DATABASE_URL": "", "AWS_STORAGE_BUCKET_NAME": ""}
        import django

        django.setup()
        from django.core.management import call_command
        from django.test.utils import setup_test_environment

        setup_test_environment()
        call_command("migrate", verbosity=0)
        _measure(int(os.environ.get("PICTURES", "1000")))


def _seconds(call: Callable[[], Any]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _measure(number: int) -> None:
    from accounts.models import User
    from albums.services import create_album
    from photos import storage
    from photos.images import make_renditions, read_picture
    from photos.services import Wanted, copy_photos, make_zip, request_zip
    from photos.tests.builders import place_photos
    from photos.tests.pictures import compass, saved

    user = User.objects.create_user(name="Bench")
    album, other = create_album(owner=user), create_album(owner=user)
    photos = place_photos(album, user, number)
    data = saved(compass((4000, 3000)), "JPEG", quality=95)
    decoding = _seconds(lambda: list(make_renditions(read_picture(data), "PROOF")))
    copying = _seconds(lambda: copy_photos(photos=photos, album=other, user=user)) / number
    print(f"copying / decoding and storing a photo      {copying / decoding:8.4f}   at most 0.02")

    _public_view(create_album(owner=user))  # what is loaded on first use
    listing = _seconds(lambda: _public_view(album))
    wanted = LISTED_SECONDS * number / 5000
    print(f"seconds of the public view of {number:6} photos {listing:7.3f}   at most {wanted:.2f}")

    for photo in photos:
        storage.save(photo.original.key, os.urandom(MEGABYTE))
    archive = request_zip(
        album=album, user=user, name="All", pictures=[Wanted(photo, "original", "a.jpg") for photo in photos]
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    packing = _seconds(lambda: make_zip(zip_id=archive.pk))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"memory of packing / size of the archive     {grown / number:8.4f}   at most 0.05 ({grown:.0f} MB)")
    print(f"packing, MB a second                        {number / packing:8.1f}")


def _public_view(album: Any) -> None:
    from django.test import Client

    from albums.services import give_tokens

    token = give_tokens(albums=[album])[album.pk]
    answer = Client().get(f"/v1/Group/{album.pk}/Photo", {"Token": token})
    if answer.status_code != 200:
        raise SystemExit(f"The public view answered {answer.status_code}.")


if __name__ == "__main__":
    run()
