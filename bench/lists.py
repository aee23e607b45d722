"""A desktop gallery's lists: queries and seconds for few and for many images; a face more in a large library.

`python -m bench.lists` creates its own database. `IMAGES` and `FACES` set the sizes.
"""

import time
from collections.abc import Callable

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.services import create_token
from albums.services import create_album
from bench.database import fresh_database
from bench.sizes import size
from faces.models import EmbeddingSpace
from faces.services import recluster
from faces.tests.embeddings import assign_faces_of, synthetic_faces
from faces.tests.test_people import add_faces
from photos.models import ObjectLabel
from photos.tests.builders import place_photos

PATHS = (
    "/albums/view-album?album_name=Summer",
    "/albums/view-all",
    "/images/all-images",
    "/images/all-image-objects",
)
ASSIGN_SECONDS = 1.0


def run() -> None:
    """Prints queries, which must not grow, and seconds."""
    with fresh_database():
        _measure_lists(size("IMAGES", 5000, 200))
        _measure_assignment(size("FACES", 20_000, 1_000))


def _measure_lists(number: int) -> None:
    few, many = _requester(10), _requester(number)
    for path in PATHS:
        (small, _), (large, seconds) = few(path), many(path)
        print(f"{path}: {large} queries for {number} images, {small} for 10; {seconds:.2f} s")


def _requester(number: int) -> Callable[[str], tuple[int, float]]:
    user = User.objects.create_user(name="Bench")
    photos = place_photos(create_album(owner=user, name="Summer"), user, number)
    ObjectLabel.objects.bulk_create([ObjectLabel(original=p.original, name="dog", score=0.9) for p in photos])
    client = Client(headers={"authorization": f"Bearer {create_token(user=user)}"})

    def ask(path: str) -> tuple[int, float]:
        with CaptureQueriesContext(connection) as queries:
            start = time.perf_counter()
            answer = client.get(path)
            seconds = time.perf_counter() - start
        assert answer.status_code == 200, answer.content
        return len(queries), seconds

    return ask


def _measure_assignment(number: int) -> None:
    user = User.objects.create_user(name="Bench")
    EmbeddingSpace.objects.create(engine="cloud", threshold=0.55)
    faces, _ = synthetic_faces(number // 50, 50)
    add_faces(user, faces)
    start = time.perf_counter()
    recluster(owner=user)
    clustered = time.perf_counter() - start
    (new,) = add_faces(user, faces[:1])
    start = time.perf_counter()
    assign_faces_of(new.original_id)
    seconds = time.perf_counter() - start
    print(f"a face more in a library of {number}: {seconds:.2f} s (at most {ASSIGN_SECONDS:.0f} s)")
    print(f"  clustering all of it, read from and written to the database: {clustered:.1f} s")


if __name__ == "__main__":
    run()
