from collections.abc import Callable

import numpy as np
import pytest
from pytest_django import DjangoAssertNumQueries

from albums.models import Album
from conftest import Person, committing
from faces.models import EmbeddingSpace, Face, embedding_bytes
from photos.models import Photo
from photos.services import trash_photo
from photos.tests.builders import place_photo, place_photos
from pickeez_site.dialects.pictopy.tests.envelopes import assert_failure, assert_success
from pickeez_site.dialects.pictopy.tests.gallery import Gallery

PATH = "/tag/match"


def add_face(photo: Photo, *embedding: float, engine: str = "test") -> Face:
    EmbeddingSpace.objects.get_or_create(engine=engine, defaults={"threshold": 0.5})
    place = Face.objects.count()
    fields = {"x": place, "y": 0, "width": 9, "height": 9, "score": 1.0}
    return Face.objects.create(
        original=photo.original, embedding=embedding_bytes(np.array(embedding)), engine=engine, **fields
    )


def named_photo(owner: Person, name: str, *embeddings: tuple[float, ...]) -> Photo:
    photo = place_photo(None, owner.user)
    Photo.objects.filter(pk=photo.pk).update(s3_path=f"/pictures/{name}")
    for embedding in embeddings:
        add_face(photo, *embedding)
    return photo


def pairs(gallery: Gallery, **query: int) -> list[tuple[str, str]]:
    found = gallery.data(PATH, **query)["similar_pairs"]
    return [(pair["image1"], pair["image2"]) for pair in found]


def test_images_that_share_a_face_are_paired_with_the_cosine_of_the_best_faces(
    gallery: Gallery, owner: Person
) -> None:
    named_photo(owner, "a.jpg", (1, 0), (0, 1))
    named_photo(owner, "b.jpg", (0.96, 0.28))
    named_photo(owner, "c.jpg", (-1, 0))
    named_photo(owner, "d.jpg", (0.8, 0.6), (0, 2))
    found = gallery.data(PATH)["similar_pairs"]
    assert [(pair["image1"], pair["image2"]) for pair in found] == [("a.jpg", "b.jpg"), ("b.jpg", "d.jpg")]
    assert [pair["similarity"] for pair in found] == pytest.approx([0.96, 0.936], abs=1e-5)


def test_the_processing_of_images_suffices(gallery: Gallery, imported: Callable[..., str]) -> None:
    imported("a.png", 0, 1)
    imported("b.png", 1)
    imported("c.png", 2)
    data = {"similar_pairs": [{"image1": "a.png", "image2": "b.png", "similarity": 1.0}]}
    assert_success(gallery.get(PATH), 200, data)


def test_copies_of_a_file_match_and_an_image_in_albums_is_one(
    gallery: Gallery, album: Album, imported: Callable[..., str]
) -> None:
    path = imported("a.png", 0, seed=1)
    imported("b.png", 0, seed=1)
    gallery.post("/albums/add-multiple-to-album", album_name="Summer", paths=[path])
    assert pairs(gallery) == [("a.png", "b.png")]


def test_embeddings_of_two_engines_are_not_compared(gallery: Gallery, owner: Person) -> None:
    named_photo(owner, "a.jpg", (1, 0))
    add_face(named_photo(owner, "b.jpg"), 1, 0, engine="other")
    assert pairs(gallery) == []


def test_limit_and_offset_page(gallery: Gallery, owner: Person) -> None:
    for number in range(5):
        named_photo(owner, f"{number}.jpg", (1, number / 20))
    everything = pairs(gallery)
    assert len(everything) == 10
    paged = [pair for offset in range(0, 12, 3) for pair in pairs(gallery, limit=3, offset=offset)]
    assert paged == everything
    assert pairs(gallery, limit=0) == pairs(gallery, offset=10) == []


@pytest.mark.parametrize(
    "query", [{"limit": "x"}, {"limit": "5001"}, {"limit": "-1"}, {"offset": "1.5"}, {"offset": "²"}]
)
def test_a_page_of_another_form_is_refused(gallery: Gallery, query: dict[str, str]) -> None:
    assert_failure(gallery.get(PATH, **query), 400, f"Invalid '{next(iter(query))}' format")


def test_only_what_the_caller_sees_is_compared(
    gallery: Gallery, other_gallery: Gallery, nobodys_gallery: Gallery, owner: Person, stranger: Person
) -> None:
    named_photo(owner, "a.jpg", (1, 0))
    named_photo(stranger, "b.jpg", (1, 0))
    trash_photo(photo=named_photo(owner, "c.jpg", (1, 0)))
    assert pairs(gallery) == pairs(other_gallery) == []
    assert_failure(nobodys_gallery.get(PATH), 401, "Unauthorized")


def test_any_number_of_faces_takes_the_same_queries(
    gallery: Gallery, owner: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number, photo in enumerate(place_photos(None, owner.user, 100)):
        add_face(photo, number, 1)
    with committing(), django_assert_num_queries(5):
        assert gallery.caller.client.get(PATH).status_code == 200
