"""The album as a member sees it: who and what is on a page, whose word counts, and at which cost."""

import tracemalloc
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from albums.models import Album, Invitation
from albums.services import create_album, delete_album, set_local_id, uninvite_phones
from faces.member_view import (
    AlbumPage,
    Opinions,
    PhotoPage,
    PhotoSeen,
    RenditionSize,
    album_seen,
    albums_seen,
    photo_alone,
    photo_page,
)
from faces.member_view import albums as album_pages
from faces.member_view import photos as photo_pages
from faces.models import Face, Sighting
from faces.selectors import photos_showing
from photos.models import Like, Original, Photo, PhotoLocalId
from photos.services import trash_photo
from photos.tests.builders import place_photo, place_photos

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    return User.objects.create_user(name="Alice", verified_phone="12025550101")


@pytest.fixture
def bob() -> User:
    return User.objects.create_user(name="Bob", verified_phone="12025550102")


@pytest.fixture
def album(alice: User, bob: User) -> Album:
    album = create_album(owner=alice, name="Summer")
    join(album, bob)
    return album


def join(album: Album, user: User) -> None:
    Invitation.objects.create(album=album, phone=user.verified_phone or "", claimed_by=user)


def find_faces(photo: Photo, *lefts: int) -> None:
    for left in lefts:
        Face.objects.create(original=photo.original, x=left, y=1, width=9, height=8, score=1, embedding=b"")


def seen(photo: Photo, viewer: User | None = None) -> PhotoSeen:
    return photo_alone(photo, viewer)[0]


def ids(page: PhotoPage) -> list[object]:
    return [photo.id for photo in page]


def names(page: AlbumPage) -> list[str]:
    return [album.name for album in page.albums]


class TestMembers:
    def test_they_come_in_the_order_of_their_invitations_and_the_owner_last(
        self, album: Album, alice: User, bob: User
    ) -> None:
        carol = User.objects.create_user(name="Carol", verified_phone="12025550103")
        for user in (carol, alice, bob):  # the owner's own phone, and one guest twice
            Invitation.objects.create(album=album, phone=f"{user.verified_phone}9", claimed_by=user)
        members = album_seen(album, bob).albums[0].members
        assert [(member.name, member.is_owner) for member in members] == [
            ("Bob", False),
            ("Carol", False),
            ("Alice", True),
        ]

    def test_a_removed_member_is_none_and_takes_their_photos_along(
        self, album: Album, alice: User, bob: User
    ) -> None:
        kept, _ = place_photo(album, alice), place_photo(album, bob)
        uninvite_phones(album=album, phones=[bob.verified_phone or ""])
        page = album_seen(album, alice)
        assert [member.name for member in page.albums[0].members] == ["Alice"]
        assert ids(page.photos) == [kept.pk]
        assert page.albums[0].progress.total == 1

    def test_phones_of_whom_nothing_is_known_wait(self, album: Album, alice: User) -> None:
        Invitation.objects.create(album=album, phone="12025550155")
        (summer,) = album_seen(album, alice).albums
        assert (summer.invited_phones, summer.waiting_phones) == (["12025550102", "12025550155"], ["12025550155"])


class TestPhotos:
    def test_what_a_photo_is_to_others_is_not_what_it_is_to_the_viewer(
        self, album: Album, alice: User, bob: User
    ) -> None:
        liked, disliked, undecided, shown, denied = place_photos(album, alice, 5)
        for photo, kind in [(liked, "like"), (disliked, "dislike"), (undecided, "none")]:
            Like.objects.create(photo=photo, user=bob, kind=kind)
        for photo in (shown, denied):
            Sighting.objects.create(photo=photo, user=bob, by="algorithm", found=photo == shown)
        PhotoLocalId.objects.create(photo=liked, user=bob, value="IMG_1")

        def said(viewer: User | None) -> list[tuple[bool, bool, bool, str | None]]:
            photos = album_seen(album, viewer).photos
            return [(photo.liked, photo.disliked, photo.shows_viewer, photo.local_id) for photo in photos]

        nothing = (False, False, False, None)
        assert said(bob) == [
            (True, False, False, "IMG_1"),
            (False, True, False, None),
            nothing,
            (False, False, True, None),
            nothing,
        ]
        assert said(alice) == said(None) == [nothing] * 5
        assert (album_seen(album, bob).albums[0].filtered, album_seen(album, None).albums[0].filtered) == (2, 0)

    def test_it_carries_its_renditions_and_its_faces_from_left_to_right(self, album: Album, alice: User) -> None:
        bare, pictured = place_photo(album, alice, status="processing"), place_photo(album, alice)
        find_faces(pictured, 30, 10, 20)
        first, second = album_seen(album, alice).photos
        assert (first.id, first.renditions, first.rectangles) == (bare.pk, [], [])
        assert RenditionSize("square", 3, 2) in second.renditions
        assert len(second.renditions) == 6
        assert second.rectangles == [{"x": x, "y": 1, "width": 9, "height": 8} for x in (10, 20, 30)]

    @pytest.mark.parametrize(
        ("rectangles", "said", "status", "number"),
        [
            ([{"x": 1, "y": 1, "width": 1, "height": 1}], 7, "ready", 1),
            ([], 7, "ready", 0),
            (None, 7, "ready", 7),
            (None, 0, "new", 0),
            (None, None, "ready", 2),
            (None, None, "processing", None),
            (None, None, "failed", None),
        ],
    )
    def test_the_clients_word_on_faces_goes_before_what_was_found(
        self,
        album: Album,
        alice: User,
        rectangles: list[dict[str, float]] | None,
        said: int | None,
        status: str,
        number: int | None,
    ) -> None:
        photo = place_photo(album, alice, status=status)
        find_faces(photo, 5, 15)
        Photo.objects.update(rectangles=rectangles, num_faces=said)
        found = seen(photo)
        assert found.num_faces == number
        assert len(found.rectangles) == (2 if rectangles is None else len(rectangles))

    def test_the_clients_word_on_its_time_goes_before_the_cameras(self, album: Album, alice: User) -> None:
        taken = datetime(2024, 5, 6, 7, 8, tzinfo=UTC)
        photo = place_photo(album, alice)
        assert seen(photo).photo_creation_date is None
        Original.objects.update(taken_at=taken)
        assert seen(photo).photo_creation_date == taken
        Photo.objects.update(photo_creation_date="once, in May")
        assert seen(photo).photo_creation_date == "once, in May"

    def test_it_changes_with_its_original(self, album: Album, alice: User) -> None:
        photo, later = place_photo(album, alice), datetime(2100, 1, 1, tzinfo=UTC)
        Original.objects.update(updated_at=later)
        assert seen(photo).updated_at == later

    def test_what_a_client_gave_comes_back_as_it_was(self, album: Album, alice: User) -> None:
        given = {"z": 2**64, "a": [-(2**70), 5.1, {"deep": "é"}], "m": None}
        photo = place_photo(album, alice)
        Photo.objects.update(detected_data=given)
        assert seen(photo).detected_data == given

    def test_one_alone_tells_what_everybody_thinks_also_when_it_is_deleted(
        self, album: Album, alice: User, bob: User
    ) -> None:
        photo, _ = place_photos(album, alice, 2)
        Like.objects.create(photo=photo, user=bob, kind="dislike")
        Like.objects.create(photo=photo, user=alice, kind="none")
        Sighting.objects.create(photo=photo, user=bob, by="builtin")
        Sighting.objects.create(photo=photo, user=alice, by="algorithm", found=False, in_last_call=True)
        trash_photo(photo=photo)
        found, opinions = photo_alone(photo, bob)
        assert (found.id, found.disliked) == (photo.pk, True)
        assert opinions == Opinions(
            likes={alice.pk: "none", bob.pk: "dislike"}, shown=[bob.pk], decided={alice.pk: False}
        )
        photo.original.delete()
        with pytest.raises(Photo.DoesNotExist):
            photo_alone(photo, bob)

    def test_any_photos_can_be_asked_for(self, album: Album, alice: User, bob: User) -> None:
        _, mine, other = place_photos(album, alice, 3)
        in_library = place_photo(None, bob)
        for photo in (mine, in_library):
            Sighting.objects.create(photo=photo, user=bob, by="builtin")
        Sighting.objects.create(photo=other, user=alice, by="builtin")
        visible = Photo.objects.visible_to(bob)
        assert ids(photo_page(photos_showing(visible, bob.pk), bob)) == [mine.pk, in_library.pk]
        assert [photo.album_id for photo in photo_page(visible.filter(album=None), bob)] == [None]

    def test_a_copy_shows_what_is_known_of_the_original_both_have(
        self, album: Album, alice: User, bob: User
    ) -> None:
        photo, other = place_photos(album, alice, 2)
        find_faces(photo, 5)
        Photo.objects.filter(pk=other.pk).update(original=photo.original, copied_from=photo.pk)
        first, second = album_seen(album, alice).photos
        assert first.renditions == second.renditions
        assert first.rectangles == second.rectangles != []


class TestPages:
    def test_photos_follow_each_other_without_gap_or_double(self, album: Album, alice: User) -> None:
        placed = [photo.pk for photo in place_photos(album, alice, 5)]
        find_faces(Photo.objects.get(pk=placed[2]), 5)
        found, after = [], None
        while True:
            page = photo_page(Photo.objects.alive(), alice, after=after, limit=2)
            found.append([(photo.id, len(photo.rectangles)) for photo in page])
            after = page.next_after
            if after is None:
                break
        assert found == [
            [(placed[0], 0), (placed[1], 0)],
            [(placed[2], 1), (placed[3], 0)],
            [(placed[4], 0)],
        ]

    def test_a_full_page_that_is_the_last_has_no_next(self, album: Album, alice: User) -> None:
        place_photos(album, alice, 2)
        page = photo_page(Photo.objects.alive(), alice, limit=2)
        assert (len(ids(page)), page.next_after) == (2, None)

    def test_albums_come_newest_first_as_many_as_were_asked_for(self, alice: User, bob: User) -> None:
        albums = [create_album(owner=alice, name=str(number)) for number in range(3)]
        join(albums[1], bob)
        page = albums_seen(alice, limit=2)
        assert (names(page), page.next_before) == (["2", "1"], albums[1].pk)
        page = albums_seen(alice, before=page.next_before, limit=2)
        assert (names(page), page.next_before) == (["0"], None)
        assert (names(albums_seen(bob)), names(albums_seen(bob, before=albums[1].pk))) == (["1"], [])

    def test_a_page_ends_before_the_album_whose_photos_have_no_room(
        self, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for number in (1, 5, 2, 1):
            place_photos(create_album(owner=alice, name=str(number)), alice, number)
        monkeypatch.setattr(album_pages, "MAX_PHOTOS", 3)
        pages, before = [], None
        while True:
            page = albums_seen(alice, before=before)
            pages.append((names(page), len(ids(page.photos))))
            before = page.next_before
            if before is None:
                break
        assert pages == [(["1", "2"], 3), (["5"], 3), (["1"], 1)]
        without = albums_seen(alice, with_photos=False)
        assert (names(without), ids(without.photos)) == (["1", "2", "5", "1"], [])

    def test_what_is_large_stands_alone_and_its_photos_go_on(
        self, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        album = create_album(owner=alice, name="Large")
        photos = place_photos(album, alice, 4)
        monkeypatch.setattr(album_pages, "MAX_PHOTOS", 3)
        page = albums_seen(alice)
        assert page.photos.next_after == photos[2].pk
        rest = album_seen(album, alice, photos_after=page.photos.next_after)
        assert (ids(rest.photos), rest.photos.next_after) == ([photos[3].pk], None)

    def test_an_album_without_photos_is_there(self, album: Album, bob: User) -> None:
        set_local_id(album=album, user=bob, value="device-7")
        page = album_seen(album, bob)
        (summer,) = page.albums
        assert (summer.local_id, summer.progress.total, ids(page.photos)) == ("device-7", 0, [])

    def test_a_deleted_album_can_be_shown_but_is_not_listed(self, album: Album, alice: User) -> None:
        place_photo(album, alice)
        delete_album(album=album)
        page = album_seen(album, alice)
        assert (page.albums[0].deleted, ids(page.photos)) == (True, [])
        assert albums_seen(alice).albums == []


class TestCost:
    def place_many(self, album: Album, users: list[User], number: int) -> None:
        for user in users:
            photos = place_photos(album, user, number)
            Face.objects.bulk_create(
                [
                    Face(original=photo.original, x=1, y=1, width=9, height=9, score=1, embedding=b"")
                    for photo in photos
                ]
            )
            for other in users:
                Like.objects.bulk_create([Like(photo=photo, user=other, kind="like") for photo in photos])
                Sighting.objects.bulk_create([Sighting(photo=photo, user=other, by="builtin") for photo in photos])

    def test_many_photos_cost_as_many_queries_as_one(self, album: Album, alice: User, bob: User) -> None:
        def queries() -> int:
            with CaptureQueriesContext(connection) as captured:
                assert all(photo.rectangles for photo in album_seen(album, alice).photos)
                assert all(said.shown for _, said in album_seen(album, None).photos.with_opinions())
            return len(captured)

        self.place_many(album, [alice], 1)
        few = queries()
        self.place_many(album, [alice, bob], 300)
        assert queries() == few
        assert few <= 25

    def test_memory_does_not_grow_with_the_photos(
        self, album: Album, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def peak() -> int:
            tracemalloc.start()
            try:
                for _ in album_seen(album, alice).photos.with_opinions():
                    pass
                return tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()

        monkeypatch.setattr(photo_pages, "CHUNK", 50)
        self.place_many(album, [alice, bob], 100)
        peak()  # what is loaded on first use
        few = peak()
        self.place_many(album, [alice, bob], 400)
        assert peak() < 1.2 * few
