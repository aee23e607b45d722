"""The page of an album: its photos by day, a page at a time, in tabs."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from albums.models import Album, AlbumView, Invitation, PendingAlbum
from albums.services import delete_album, set_may_upload, touch_albums, uninvite_phones
from conftest import Person
from faces.models import Sighting
from faces.services import save_decisions
from photos.models import Like, Original, Rendition
from photos.services import set_like, trash_photo
from photos.tests.builders import place_photo, place_photos
from pickeez_site.gallery.tests.browsers import SCRIPT, assert_nothing_runs, browser, text_of
from pickeez_site.gallery.views import album as album_views

pytestmark = pytest.mark.django_db
NONE = UUID(int=7)
NOON = datetime(2024, 7, 6, 12, tzinfo=UTC)
TABS = ["album", "album-me", "album-liked", "album-people", "album-state"]


def page_of(album: Album, tab: str = "album") -> str:
    return reverse(f"gallery:{tab}", args=[album.pk])


def tiles(page: str) -> list[UUID]:
    return [UUID(found) for found in re.findall(r'<li id="p-([0-9a-f-]{36})"', page)]


def shown(client: Client, path: str) -> list[UUID]:
    answer = client.get(path)
    assert answer.status_code == 200
    return tiles(text_of(answer))


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(album_views, "PAGE", 3)


class TestAccess:
    def test_who_may_only_look_is_offered_no_adding(self, album: Album, owner: Person, member: Person) -> None:
        add = reverse("gallery:add", args=[album.pk])
        for person in (owner, member):
            assert add in text_of(browser(person.user).get(page_of(album)))
        set_may_upload(invitation=Invitation.objects.get(album=album), may_upload=False)
        for photos in range(2):
            place_photos(album, owner.user, photos)
            assert add not in text_of(browser(member.user).get(page_of(album)))
            assert add in text_of(browser(owner.user).get(page_of(album)))

    @pytest.mark.parametrize("tab", TABS)
    def test_owner_and_member_see_it_and_others_a_page_in_words(
        self, album: Album, owner: Person, member: Person, stranger: Person, tab: str
    ) -> None:
        place_photo(album, owner.user)
        for person in (owner, member):
            assert browser(person.user).get(page_of(album, tab)).status_code == 200
        answer = browser(stranger.user).get(page_of(album, tab))
        assert answer.status_code == 404
        assert "There is no such page" in text_of(answer)
        assert "Summer" not in text_of(answer)
        assert browser().get(page_of(album, tab)).status_code == 303

    @pytest.mark.parametrize("tab", TABS)
    def test_a_removed_member_and_everybody_else_once_it_is_deleted_see_a_page_in_words(
        self, album: Album, owner: Person, member: Person, tab: str
    ) -> None:
        uninvite_phones(album=album, phones=[member.phone])
        assert browser(member.user).get(page_of(album, tab)).status_code == 404
        delete_album(album=album)
        assert browser(owner.user).get(page_of(album, tab)).status_code == 404

    def test_a_removed_members_photos_leave_it(self, album: Album, owner: Person, member: Person) -> None:
        kept, _, deleted = (
            place_photo(album, owner.user),
            place_photo(album, member.user),
            place_photo(album, owner.user),
        )
        trash_photo(photo=deleted)
        uninvite_phones(album=album, phones=[member.phone])
        assert shown(browser(owner.user), page_of(album)) == [kept.pk]

    @pytest.mark.parametrize("path", ["albums/nonsense/", f"albums/{NONE}/", f"albums/{NONE}/people/"])
    def test_an_album_that_is_not_there_is_a_page_not_found(self, owner: Person, path: str) -> None:
        assert browser(owner.user).get(f"/gallery/{path}").status_code == 404


class TestHead:
    def test_it_names_the_album_its_owner_and_its_counts(
        self, album: Album, owner: Person, member: Person
    ) -> None:
        place_photos(album, owner.user, 2)
        page = text_of(browser(member.user).get(page_of(album)))
        assert "<h1>Summer</h1>" in page
        for words in ("by Owner", "2 photos", "2 members"):
            assert words in page
        assert "Your album" in text_of(browser(owner.user).get(page_of(album)))

    def test_names_are_text(self, album: Album, owner: Person, member: Person) -> None:
        User.objects.update(name=SCRIPT)
        Album.objects.update(name=SCRIPT)
        place_photo(album, owner.user)
        place_photo(album, owner.user, status="failed", error=SCRIPT)
        for tab in TABS[:4]:
            assert_nothing_runs(text_of(browser(member.user).get(page_of(album, tab))))

    def test_without_names_there_are_words(self, album: Album, owner: Person, member: Person) -> None:
        User.objects.update(name="")
        Album.objects.update(name="")
        page = text_of(browser(member.user).get(page_of(album)))
        assert "Album without a name" in page
        assert "by Guest ··0111" in page
        assert "12025550111" not in page

    def test_a_visit_is_noted_once_and_a_question_for_the_head_notes_nothing(
        self, album: Album, member: Person, stranger: Person
    ) -> None:
        client = browser(member.user)
        assert client.head(page_of(album)).status_code == 200
        assert client.get(page_of(album), {"part": "grid"}).status_code == 200
        browser(stranger.user).get(page_of(album))
        assert not AlbumView.objects.exists()
        for _ in range(2):
            client.get(page_of(album))
        assert [view.user_id for view in AlbumView.objects.all()] == [member.user.pk]


class TestGrid:
    def test_photos_are_grouped_by_the_day_on_the_clock_of_who_took_them(
        self, album: Album, owner: Person
    ) -> None:
        late = place_photo(album, owner.user, taken_at=NOON + timedelta(hours=11), utc_offset=120)
        early = place_photo(album, owner.user, taken_at=NOON)
        page = text_of(browser(owner.user).get(page_of(album)))
        assert tiles(page) == [late.pk, early.pk]
        assert re.findall(r"<h2>(\w+), <time[^>]*>([^<]*)</time>", page) == [
            ("Sunday", "7 Jul 2024"),
            ("Saturday", "6 Jul 2024"),
        ]
        assert "Photo by Owner, 7 Jul 2024 01:00" in page

    def test_a_picture_has_its_size_its_renditions_and_words(self, album: Album, owner: Person) -> None:
        photo = place_photo(album, owner.user, taken_at=NOON)
        Rendition.objects.filter(kind="medium").update(width=1280, height=853)
        Rendition.objects.filter(kind="small").update(width=320, height=213)
        page = text_of(browser(owner.user).get(page_of(album)))
        (image,) = re.findall(r"<li.*?<img[^>]*>", page)
        assert f'href="/gallery/albums/{album.pk}/photos/{photo.pk}/"' in image
        assert 'class="r150"' in image
        assert 'width="1280" height="853"' in image
        assert re.search(rf'srcset="/media/{photo.pk}/small/\S+ 320w, /media/{photo.pk}/medium/\S+ 1280w"', image)
        assert 'alt="Photo by Owner, 6 Jul 2024 12:00"' in image
        assert "watermark" not in page

    def test_what_is_not_on_the_first_screen_is_loaded_when_it_comes_near(
        self, album: Album, owner: Person
    ) -> None:
        place_photos(album, owner.user, 12)
        page = text_of(browser(owner.user).get(page_of(album)))
        lazy = [" loading=" in image for image in re.findall(r"<img src=./media[^>]*>", page)]
        assert lazy == [False] * 8 + [True] * 4

    @pytest.mark.parametrize(
        ("width", "height", "shape"),
        [(1280, 960, 133), (960, 1280, 75), (1280, 128, 400), (256, 1280, 50), (1, 1, 100), (1280, 1, 400)],
    )
    def test_panoramas_and_tall_screenshots_have_bounded_tiles(
        self, album: Album, owner: Person, width: int, height: int, shape: int
    ) -> None:
        place_photo(album, owner.user)
        Rendition.objects.update(width=width, height=height)
        assert f'class="r{shape}"' in text_of(browser(owner.user).get(page_of(album)))

    def test_every_shape_has_its_class(self) -> None:
        from django.contrib.staticfiles.finders import find

        path = find("gallery/album.css")
        assert isinstance(path, str)
        with open(path) as file:  # noqa: PTH123 - the finder answers with a string
            classes = dict(re.findall(r"\.r(\d+) \{ --shape: ([\d.]+); \}", file.read()))
        assert {int(name): round(100 * float(ratio)) for name, ratio in classes.items()} == {
            shape: shape for shape in album_views.SHAPES
        }

    def test_what_has_no_picture_is_shown_in_words(self, album: Album, owner: Person, member: Person) -> None:
        place_photo(album, owner.user, status="new")
        place_photo(album, owner.user, status="failed", error="broken")
        page = text_of(browser(member.user).get(page_of(album)))
        assert len(tiles(page)) == 2
        assert "Being processed" in page
        assert "This picture cannot be shown." in page
        assert "/media/" not in page

    def test_an_empty_album_and_empty_tabs_say_so(self, album: Album, member: Person) -> None:
        for tab, words in [
            ("album", "No photos yet."),
            ("album-me", "No photo shows you yet."),
            ("album-liked", "You like no photo yet."),
        ]:
            assert words in text_of(browser(member.user).get(page_of(album, tab)))


@pytest.mark.usefixtures("small_pages")
class TestPages:
    def test_more_links_lead_through_all_photos_without_scripts(self, album: Album, owner: Person) -> None:
        placed = [photo.pk for photo in place_photos(album, owner.user, 7, taken_at=NOON)]
        client, path, found = browser(owner.user), page_of(album), []
        while True:
            page = text_of(client.get(path))
            found.append(tiles(page))
            more = re.search(r'rel="next" href="([^"]+)"', page)
            if more is None:
                break
            path = more[1]
        assert found == [placed[:3:-1], placed[3:0:-1], placed[:1]]
        assert "To the newest photos" in page

    def test_a_script_gets_the_days_alone_and_several_pages_at_once(self, album: Album, owner: Person) -> None:
        placed = [photo.pk for photo in place_photos(album, owner.user, 8, taken_at=NOON)]
        page = text_of(browser(owner.user).get(page_of(album), {"part": "grid", "pages": "2"}))
        assert tiles(page) == placed[:1:-1]
        assert "<h1>" not in page
        assert 'rel="next"' in page

    @pytest.mark.parametrize(
        "query",
        [
            *("after=x", "after=1_2", f"after={'9' * 30}_{'0' * 32}", "after=%00", "pages=0", "pages=x"),
            *("pages=26", "pages=-1", "pages=%D9%A3", f"pages={'9' * 5000}", "after='%20OR%201=1"),
        ],
    )
    def test_nonsense_in_the_address_is_a_page_in_words(self, album: Album, owner: Person, query: str) -> None:
        answer = browser(owner.user).get(f"{page_of(album)}?{query}")
        assert answer.status_code == 404
        assert "There is no such page" in text_of(answer)

    @pytest.mark.parametrize("seconds", ["-999999999999", "0", "999999999999"])
    def test_a_place_beyond_all_photos_is_an_end_of_the_album(
        self, album: Album, owner: Person, seconds: str
    ) -> None:
        place_photo(album, owner.user)
        answer = browser(owner.user).get(page_of(album), {"after": f"{seconds}_{'f' * 32}"})
        assert answer.status_code == 200


class TestTabs:
    def test_me_and_liked_are_the_viewers_own(self, album: Album, owner: Person, member: Person) -> None:
        both, mine, liked, others, disliked, denied = place_photos(album, owner.user, 6, taken_at=NOON)
        for photo in (both, mine):
            Sighting.objects.create(photo=photo, user=member.user, by="builtin")
        Sighting.objects.create(photo=others, user=owner.user, by="builtin")
        save_decisions(decisions={denied.pk: {member.user.pk: False}})
        for photo in (both, liked):
            Like.objects.create(photo=photo, user=member.user, kind="like")
        Like.objects.create(photo=disliked, user=member.user, kind="dislike")
        Like.objects.create(photo=others, user=owner.user, kind="like")
        client = browser(member.user)
        assert shown(client, page_of(album, "album-me")) == [mine.pk, both.pk]
        assert shown(client, page_of(album, "album-liked")) == [liked.pk, both.pk]
        assert f"/photos/{mine.pk}/?in=me" in text_of(client.get(page_of(album, "album-me")))
        head = text_of(client.get(page_of(album)))
        assert re.findall(r'class="count">(\d+)<', head) == ["6", "2", "2"]

    def test_people_are_the_members_with_the_photos_that_show_them(
        self, album: Album, owner: Person, member: Person, stranger: Person
    ) -> None:
        first, second, gone = place_photos(album, owner.user, 3, taken_at=NOON)
        for photo in (first, second, gone):
            Sighting.objects.create(photo=photo, user=owner.user, by="builtin")
        Sighting.objects.create(photo=first, user=stranger.user, by="builtin")
        trash_photo(photo=gone)
        client = browser(member.user)
        page = text_of(client.get(page_of(album, "album-people")))
        assert "on 2 photos" in page
        assert "on 0 photos" in page
        assert "Stranger" not in page
        path = reverse("gallery:album-person", args=[album.pk, owner.user.pk])
        assert path in page
        assert shown(client, path) == [second.pk, first.pk]
        for nobody in (stranger.user.pk, NONE):
            foreign = reverse("gallery:album-person", args=[album.pk, nobody])
            assert client.get(foreign).status_code == 404
        assert browser(stranger.user).get(path).status_code == 404


class TestCost:
    @pytest.mark.parametrize("tab", TABS)
    def test_an_album_of_many_costs_as_many_queries_as_one_of_few(
        self, album: Album, owner: Person, member: Person, tab: str
    ) -> None:
        client = browser(owner.user)

        def queries() -> int:
            with CaptureQueriesContext(connection) as captured:
                assert client.get(page_of(album, tab)).status_code == 200
            return len(captured)

        def place_many(number: int) -> None:
            photos = [*place_photos(album, owner.user, number), *place_photos(album, member.user, number)]
            for user in (owner.user, member.user):
                Sighting.objects.bulk_create([Sighting(photo=photo, user=user, by="builtin") for photo in photos])
                Like.objects.bulk_create([Like(photo=photo, user=user, kind="like") for photo in photos])

        place_many(1)
        client.get(page_of(album, tab))  # the visit is noted once
        few = queries()
        place_many(150)
        assert queries() == few
        assert few <= 20

    def test_the_first_page_of_3000_photos_is_small(self, album: Album, owner: Person) -> None:
        place_photos(album, owner.user, 3000)
        answer = browser(owner.user).get(page_of(album), headers={"Accept-Encoding": "gzip"})
        assert answer["Content-Encoding"] == "gzip"
        assert len(answer.content) < 60_000


class TestState:
    def test_it_tells_how_far_the_album_is(self, album: Album, owner: Person, member: Person) -> None:
        place_photo(album, owner.user)
        place_photo(album, owner.user, status="failed")
        waiting = place_photo(album, owner.user, status="new")
        state = browser(member.user).get(page_of(album, "album-state")).json()
        assert state.pop("words").startswith("2 of 3 photos are ready.")
        assert state == {"total": 3, "done": 1, "failed": 1, "settled": False}
        page = text_of(browser(member.user).get(page_of(album)))
        assert "2 of 3 photos are ready." in page
        Original.objects.filter(pk=waiting.original_id).update(status="ready")
        touch_albums(album_ids=[album.pk])
        state = browser(member.user).get(page_of(album, "album-state")).json()
        assert (state["done"], state["settled"]) == (2, False)
        assert state["words"] == "All photos are ready. Now we look who is on them."
        PendingAlbum.objects.all().delete()
        assert browser(member.user).get(page_of(album, "album-state")).json() == {
            "total": 3,
            "done": 2,
            "failed": 1,
            "settled": True,
            "words": "",
        }


class TestThousandsOfMembers:
    """An open link may bring as many: pages read the members that they name, and count the others."""

    @pytest.fixture
    def crowd(self, album: Album, owner: Person, member: Person) -> list[User]:
        users = User.objects.bulk_create(
            User(name=f"Guest {number}", verified_phone=f"1202556{number:04}") for number in range(30)
        )
        Invitation.objects.bulk_create(
            Invitation(album=album, phone=user.verified_phone or "", claimed_by=user) for user in users
        )
        return users

    def test_the_people_are_paged_with_the_owner_first(
        self, album: Album, owner: Person, member: Person, crowd: list[User], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(album_views, "MEMBERS", 20)
        place_photo(album, owner.user)
        client, path = browser(member.user), page_of(album, "album-people")
        first, second = text_of(client.get(path)), text_of(client.get(f"{path}?page=2"))
        assert "32 members" in first
        assert (first.count('<li>\n    <span class="avatar"'), "(owner)" in first) == (21, True)
        assert (second.count('<li>\n    <span class="avatar"'), "(owner)" in second) == (11, False)
        named = {user.name for user in crowd if f">{user.name}<" in first or f">{user.name}<" in second}
        assert named == {user.name for user in crowd}

    def test_below_a_photo_the_first_of_them_are_named(
        self, album: Album, owner: Person, member: Person, crowd: list[User]
    ) -> None:
        photo = place_photo(album, owner.user)
        for user in crowd:
            set_like(photo=photo, user=user, kind=Like.Kind.LIKE)
        path = f"{page_of(album)}photos/{photo.pk}/"
        assert "and 10 more" in text_of(browser(member.user).get(path))
