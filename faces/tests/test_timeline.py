"""The timeline of photos: its order by the clock of those who were there, its pages, and its cost."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from albums.models import Album
from albums.services import create_album
from faces.member_view import Moment, place_in, timeline_page
from faces.models import Face
from photos.models import Original, Photo
from photos.tests.builders import place_photo, place_photos

pytestmark = pytest.mark.django_db
NOON = datetime(2024, 7, 6, 12, tzinfo=UTC)


@pytest.fixture
def alice() -> User:
    return User.objects.create_user(name="Alice", verified_phone="12025550101")


@pytest.fixture
def album(alice: User) -> Album:
    return create_album(owner=alice, name="Summer")


def order(viewer: User) -> list[UUID]:
    return [entry.photo.id for entry in timeline_page(Photo.objects.alive(), viewer).entries]


def pages(viewer: User, limit: int) -> list[list[UUID]]:
    found, after = [], None
    while True:
        page = timeline_page(Photo.objects.alive(), viewer, after=after, limit=limit)
        found.append([entry.photo.id for entry in page.entries])
        after = page.next_after
        if after is None:
            return found
        assert after == Moment.parse(after.cursor)


class TestOrder:
    def test_the_newest_comes_first_whenever_it_was_added(self, album: Album, alice: User) -> None:
        late = place_photo(album, alice, taken_at=NOON)
        early = place_photo(album, alice, taken_at=NOON - timedelta(days=2))
        latest = place_photo(album, alice, taken_at=NOON + timedelta(seconds=1))
        assert order(alice) == [latest.pk, late.pk, early.pk]

    def test_clocks_on_the_wall_count_not_time_zones(self, album: Album, alice: User) -> None:
        """A camera without a time zone says 12:00; a phone in Paris, half an hour earlier, 11:30 (09:30 UTC)."""
        camera = place_photo(album, alice, taken_at=NOON)
        phone = place_photo(album, alice, taken_at=NOON - timedelta(hours=2, minutes=30), utc_offset=120)
        west = place_photo(album, alice, taken_at=NOON + timedelta(hours=5), utc_offset=-570)
        page = timeline_page(Photo.objects.alive(), alice)
        assert [(entry.photo.id, f"{entry.moment.clock:%d %H:%M}") for entry in page.entries] == [
            (camera.pk, "06 12:00"),
            (phone.pk, "06 11:30"),
            (west.pk, "06 07:30"),
        ]
        for entry in page.entries:
            taken = Original.objects.get(photos=entry.photo.id).taken_locally
            assert taken is not None
            assert entry.moment.clock == taken.replace(tzinfo=None)

    def test_a_picture_without_a_time_is_placed_when_it_was_added(self, album: Album, alice: User) -> None:
        dated, undated = place_photo(album, alice, taken_at=NOON), place_photo(album, alice)
        for added, expected in [
            (NOON + timedelta(hours=1), [(undated.pk, False), (dated.pk, True)]),
            (NOON - timedelta(hours=1), [(dated.pk, True), (undated.pk, False)]),
        ]:
            Photo.objects.update(created_at=added)
            page = timeline_page(Photo.objects.alive(), alice)
            assert [(entry.photo.id, entry.is_dated) for entry in page.entries] == expected

    @pytest.mark.parametrize(
        "taken",
        [
            datetime(1826, 6, 1, 12, tzinfo=UTC),
            datetime(1969, 12, 31, 23, 59, 59, 900_000, tzinfo=UTC),
            datetime(1970, 1, 1, tzinfo=UTC),
            datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
        ],
    )
    def test_every_time_that_a_camera_may_say_has_its_place(
        self, album: Album, alice: User, taken: datetime
    ) -> None:
        photo, other = place_photo(album, alice, taken_at=taken), place_photo(album, alice, taken_at=NOON)
        place = place_in(Photo.objects.alive(), photo)
        assert place.moment.clock == taken.replace(tzinfo=None, microsecond=0)
        assert Moment.parse(place.moment.cursor) == place.moment
        neighbours = (place.newer and place.newer.photo_id, place.older and place.older.photo_id)
        assert neighbours == ((other.pk, None) if taken < NOON else (None, other.pk))


class TestPages:
    @pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
    def test_photos_of_one_second_follow_each_other_without_gap_or_double(
        self, album: Album, alice: User, limit: int
    ) -> None:
        same = place_photos(album, alice, 4, taken_at=NOON)
        undated = place_photos(album, alice, 2)
        Photo.objects.filter(pk__in=[photo.pk for photo in undated]).update(created_at=NOON)
        older = place_photo(album, alice, taken_at=NOON - timedelta(seconds=1))
        expected = [photo.pk for photo in [*reversed([*same, *undated]), older]]
        found = pages(alice, limit)
        assert [pk for page in found for pk in page] == expected
        assert len(found) == -(-7 // limit)

    def test_the_neighbours_are_those_of_the_list(self, album: Album, alice: User) -> None:
        place_photos(album, alice, 3, taken_at=NOON)
        place_photos(album, alice, 2, taken_at=NOON + timedelta(hours=1))
        expected = order(alice)
        for newer, pk, older in zip([None, *expected[:-1]], expected, [*expected[1:], None], strict=True):
            place = place_in(Photo.objects.alive(), Photo.objects.get(pk=pk))
            assert (place.newer and place.newer.photo_id, place.older and place.older.photo_id) == (newer, older)

    def test_a_photo_that_is_not_among_them_has_its_neighbours_too(self, album: Album, alice: User) -> None:
        old, middle, new = (
            place_photo(album, alice, taken_at=NOON + timedelta(hours=hours)) for hours in (0, 1, 2)
        )
        place = place_in(Photo.objects.exclude(pk=middle.pk), middle)
        assert place.newer
        assert place.older
        assert (place.newer.photo_id, place.older.photo_id) == (new.pk, old.pk)
        middle.delete()
        with pytest.raises(Photo.DoesNotExist):
            place_in(Photo.objects.all(), Photo(pk=place.moment.photo_id))

    @pytest.mark.parametrize(
        "cursor",
        [
            *("", "_", "1", "x_00000000000000000000000000000000", "1_0", "1_0000000000000000000000000000000g"),
            *("1_00000000-0000-0000-0000-000000000000", "٣_00000000000000000000000000000000"),
            *("9999999999999_00000000000000000000000000000000", "1_00000000000000000000000000000000\n", "'--"),
        ],
    )
    def test_nonsense_is_no_place(self, cursor: str) -> None:
        with pytest.raises(ValueError, match="no place"):
            Moment.parse(cursor)

    def test_it_carries_what_the_photo_is_to_the_viewer(self, album: Album, alice: User) -> None:
        place_photos(album, alice, 3, taken_at=NOON)
        pictured = place_photo(album, alice, taken_at=NOON - timedelta(hours=1))
        Face.objects.create(original=pictured.original, x=5, y=1, width=9, height=8, score=1, embedding=b"")
        last = timeline_page(Photo.objects.alive(), alice).entries[-1].photo
        assert (last.id, last.num_faces, len(last.renditions)) == (pictured.pk, 1, 6)


def test_a_page_of_many_costs_as_many_queries_as_one_of_few(album: Album, alice: User) -> None:
    def queries(limit: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert len(timeline_page(Photo.objects.alive(), alice, limit=limit).entries) == limit
        return len(captured)

    place_photos(album, alice, 300, taken_at=NOON)
    assert queries(1) == queries(250) == 4
