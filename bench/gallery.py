"""An album's page in a browser: the time of its first page against the JSON of the whole album, and its size.

`python -m bench.gallery` creates its own database. `PHOTOS` is the number of photos, of ten members.
"""

import time
from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from albums.models import Album
from bench.albums import fill_album, requester
from bench.database import fresh_database
from bench.sizes import size

ROUNDS = 5
TIME_AT_MOST, KB_AT_MOST = 1.5, 60


def run() -> None:
    """Prints ratios and their limits."""
    number = size("PHOTOS", 3000, 200)
    with fresh_database():
        album = fill_album(number)
        page, ask = _visitor(album), requester(album)
        pages: list[float] = []
        answers: list[float] = []
        kilobytes = len(page()) / 1000
        for _ in range(ROUNDS):  # in turn, so that other work on the machine slows both
            for job, spent in ((page, pages), (ask, answers)):
                start = time.process_time()
                job()
                spent.append(time.process_time() - start)
    print(f"gallery, the first page of {number} photos: {1000 * min(pages):.0f} ms")
    print(f"  {min(pages) / min(answers):.2f} of the time of the album's JSON (at most {TIME_AT_MOST})")
    print(f"  {kilobytes:.0f} kB of HTML, compressed (at most {KB_AT_MOST})")


def _visitor(album: Album) -> Callable[[], bytes]:
    client = Client(headers={"accept-encoding": "gzip"})
    client.force_login(album.owner)

    def visit() -> bytes:
        answer = client.get(reverse("gallery:album", args=[album.pk]))
        assert answer.status_code == 200, answer.content
        return answer.content

    return visit


if __name__ == "__main__":
    run()
