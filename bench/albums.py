"""An album's answer: its time against plain querysets and dictionaries, and its memory.

`python -m bench.albums` creates its own database. `PHOTOS` is the number of photos, of ten members.
"""

import json
import time
import tracemalloc
from collections import defaultdict
from collections.abc import Callable

from django.test import Client

from accounts.models import User
from accounts.services import create_token
from albums.models import Album, Invitation
from albums.services import create_album
from bench.database import fresh_database
from bench.sizes import size
from faces.member_view import PhotoPage
from faces.models import Face, Sighting
from photos.models import Like, Photo, PhotoLocalId
from photos.tests.builders import place_photos
from pickeez_site.serving.media import media_path

MEMBERS, ROUNDS = 10, 5
TIME_AT_MOST, GROWTH_AT_MOST, MEMORY_AT_MOST = 0.25, 1.1, 3


def run() -> None:
    """Prints ratios and their limits."""
    number = size("PHOTOS", 3000, 200)
    with fresh_database():
        album = fill_album(number)
        _measure_time(album, number)
        _measure_memory(album)


def fill_album(number: int) -> Album:
    """An album whose photos have renditions, two faces, opinions, and names on their uploader's device."""
    phones = [f"1202555{index:04}" for index in range(MEMBERS)]
    users = [User.objects.create_user(name=f"User {phone}", verified_phone=phone) for phone in phones]
    album = create_album(owner=users[0], name="Summer")
    for user, phone in zip(users, phones, strict=True):
        Invitation.objects.create(album=album, phone=phone, claimed_by=user)
        photos = place_photos(album, user, number // MEMBERS)
        for left in (10, 20):
            Face.objects.bulk_create(
                Face(original=photo.original, x=left, y=1, width=9, height=9, score=1, embedding=b"0" * 512)
                for photo in photos
            )
        for shown in users[:3]:
            Sighting.objects.bulk_create(Sighting(photo=photo, user=shown, by="builtin") for photo in photos[::2])
            Like.objects.bulk_create(Like(photo=photo, user=shown, kind="like") for photo in photos[::3])
        PhotoLocalId.objects.bulk_create(PhotoLocalId(photo=photo, user=user, value="IMG_1") for photo in photos)
    return album


def requester(album: Album) -> Callable[[], bytes]:
    """Returns a function that asks for the album as its owner, and returns the JSON."""
    client = Client(headers={"authorization": f"Bearer {create_token(user=album.owner)}"})

    def ask() -> bytes:
        answer = client.get(f"/albums/{album.pk}")
        assert answer.status_code == 200, answer.content
        return answer.content

    return ask


def _measure_time(album: Album, number: int) -> None:
    ask = requester(album)
    ours: list[float] = []
    plain: list[float] = []
    assert len(json.loads(ask())["users"]) == len(json.loads(_plain(album))["users"]) == MEMBERS
    for _ in range(ROUNDS):  # in turn, so that other work on the machine slows both
        for job, spent in ((ask, ours), (lambda: _plain(album), plain)):
            start = time.process_time()
            job()
            spent.append(time.process_time() - start)
    print(f"albums, {number} photos of {MEMBERS} members: {1000 * min(ours):.0f} ms")
    print(f"  {min(ours) / min(plain):.2f} of the time of plain querysets and json (at most {TIME_AT_MOST})")


def _plain(album: Album) -> bytes:
    """The members and photos alone, as one would write them with nothing but Django and the standard library."""
    me = album.owner
    photos = Photo.objects.alive().filter(album=album).select_related("original").order_by("pk")
    related = ("original__renditions", "original__faces", "likes", "sightings", "local_ids")
    by_user = defaultdict(list)
    for photo in photos.prefetch_related(*related):
        liked = {like.user_id: like.kind for like in photo.likes.all()}
        faces = photo.original.faces.all()
        by_user[photo.uploader_id].append(
            {
                "_id": str(photo.pk),
                "album_id": str(photo.album_id),
                "owner_id": str(photo.owner_id),
                "s3_path": photo.s3_path,
                "url": f"http://testserver{media_path(photo, 'original')}",
                "renditions": {
                    made.kind: {
                        "url": f"http://testserver{media_path(photo, made.kind)}",
                        "width": made.width,
                        "height": made.height,
                    }
                    for made in photo.original.renditions.all()
                },
                "rectangles": [
                    {"x": face.x, "y": face.y, "width": face.width, "height": face.height} for face in faces
                ],
                "num_faces": len(faces),
                "detected_data": photo.detected_data,
                "photo_local_id": next((row.value for row in photo.local_ids.all() if row.user_id == me.pk), None),
                "created_at": photo.created_at.isoformat(),
                "updated_at": max(photo.updated_at, photo.original.updated_at).isoformat(),
                "status": photo.original.status,
                "manually_filtered": liked.get(me.pk) == "like",
                "manually_unfiltered": liked.get(me.pk) == "dislike",
                "computed": any(row.shows and row.user_id == me.pk for row in photo.sightings.all()),
            }
        )
    users = [{"_id": str(user_id), "photos": listed} for user_id, listed in by_user.items()]
    return json.dumps({"_id": str(album.pk), "name": album.name, "users": users}).encode()


def _measure_memory(album: Album) -> None:
    photos = Photo.objects.alive().filter(album=album)
    middle = photos.order_by("pk")[photos.count() // 2].pk

    def read(page: PhotoPage) -> None:
        for _ in page:
            pass

    few = _peak(lambda: read(PhotoPage(photos.filter(pk__lt=middle), album.owner)))
    grown = _peak(lambda: read(PhotoPage(photos, album.owner))) / few
    print(f"  reading all photos takes {grown:.2f} of the memory of half of them (at most {GROWTH_AT_MOST})")
    ask = requester(album)
    length = len(ask())
    print(f"  answering takes {_peak(ask) / length:.1f} of the answer's size (at most {MEMORY_AT_MOST})")


def _peak(job: Callable[[], object]) -> int:
    """Bytes that Python holds at most while the job is done."""
    job()  # what is loaded on first use
    tracemalloc.start()
    try:
        job()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


if __name__ == "__main__":
    run()
