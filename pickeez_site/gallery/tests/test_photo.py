"""The page of one photo: its picture, its neighbours in the tab, who and when, and what can be done with it."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.http import content_disposition_header

from accounts.models import User
from albums.models import Album
from albums.services import create_album, delete_album, uninvite_phones
from conftest import Person
from faces.models import Sighting
from photos.models import Like, Original, Photo
from photos.services import trash_photo
from photos.tests.builders import place_photo, place_photos, store_file
from pickeez_site.gallery.tests.browsers import (
    SCRIPT,
    assert_nothing_runs,
    browser,
    send_form,
    text_of,
)

pytestmark = pytest.mark.django_db
NOON = datetime(2024, 7, 6, 12, tzinfo=UTC)


def page_of(photo: Photo, route: str = "photo") -> str:
    return reverse(f"gallery:{route}", args=[photo.album_id, photo.pk])


def steps(client: Client, path: str) -> tuple[UUID | None, UUID | None]:
    """The photos to which the links of a page lead, back and forth."""
    page = text_of(client.get(path))
    found = {rel: UUID(pk) for rel, pk in re.findall(r'rel="(prev|next)" href="\S+/photos/([0-9a-f-]{36})/', page)}
    return found.get("prev"), found.get("next")


@pytest.fixture
def photo(album: Album, owner: Person) -> Photo:
    return place_photo(album, owner.user, taken_at=NOON)


class TestAccess:
    def test_owner_and_member_see_it_and_others_a_page_in_words(
        self, photo: Photo, owner: Person, member: Person, stranger: Person
    ) -> None:
        for person in (owner, member):
            assert browser(person.user).get(page_of(photo)).status_code == 200
        answer = browser(stranger.user).get(page_of(photo))
        assert answer.status_code == 404
        assert "There is no such page" in text_of(answer)
        assert browser().get(page_of(photo)).status_code == 303

    def test_a_removed_member_no_longer_sees_it(self, album: Album, photo: Photo, member: Person) -> None:
        uninvite_phones(album=album, phones=[member.phone])
        assert browser(member.user).get(page_of(photo)).status_code == 404

    def test_deleted_photos_and_albums_and_ids_of_others_are_pages_not_found(
        self, album: Album, photo: Photo, owner: Person, stranger: Person
    ) -> None:
        client = browser(owner.user)
        other = create_album(owner=owner.user, name="Winter")
        strangers = place_photo(create_album(owner=stranger.user), stranger.user)
        for pk in (strangers.pk, place_photo(other, owner.user).pk, UUID(int=7)):
            assert client.get(reverse("gallery:photo", args=[album.pk, pk])).status_code == 404
        deleted = place_photo(album, owner.user)
        trash_photo(photo=deleted)
        assert client.get(page_of(deleted)).status_code == 404
        delete_album(album=album)
        assert client.get(page_of(photo)).status_code == 404

    @pytest.mark.parametrize(
        "query", ["in=x", "in=person", "in=person&person=x", f"in=person&person={UUID(int=7)}"]
    )
    def test_a_tab_that_is_not_there_is_a_page_not_found(self, photo: Photo, owner: Person, query: str) -> None:
        assert browser(owner.user).get(f"{page_of(photo)}?{query}").status_code == 404

    def test_the_photos_of_who_is_no_member_are_no_tab(
        self, photo: Photo, owner: Person, stranger: Person
    ) -> None:
        Sighting.objects.create(photo=photo, user=stranger.user, by="builtin")
        path = f"{page_of(photo)}?in=person&person={stranger.user.pk}"
        assert browser(owner.user).get(path).status_code == 404


class TestNeighbours:
    def test_the_next_photo_is_the_next_one_of_the_tab(self, album: Album, owner: Person, member: Person) -> None:
        oldest, middle, newest = (
            place_photo(album, owner.user, taken_at=NOON + timedelta(hours=hours)) for hours in range(3)
        )
        for photo in (oldest, newest):
            Like.objects.create(photo=photo, user=member.user, kind="like")
            Sighting.objects.create(photo=photo, user=member.user, by="builtin")
        client = browser(member.user)
        assert steps(client, page_of(middle)) == (newest.pk, oldest.pk)
        assert steps(client, page_of(newest)) == (None, middle.pk)
        assert steps(client, page_of(oldest)) == (middle.pk, None)
        for query in ("in=liked", "in=me", f"in=person&person={member.user.pk}"):
            assert steps(client, f"{page_of(newest)}?{query}") == (None, oldest.pk)
            page = text_of(client.get(f"{page_of(newest)}?{query}"))
            assert f"/photos/{oldest.pk}/?{query.replace('&', '&amp;')}" in page

    def test_one_leads_back_to_where_the_photo_is_in_the_tab(self, album: Album, owner: Person) -> None:
        older, newer = place_photo(album, owner.user, taken_at=NOON), place_photo(album, owner.user)
        client = browser(owner.user)
        back = re.search(r'<a class="button plain back" href="([^"]+)"', text_of(client.get(page_of(older))))
        assert back
        page = text_of(client.get(back[1]))
        assert str(older.pk) in page
        assert str(newer.pk) not in page


class TestWords:
    def test_it_tells_who_added_it_when_it_was_taken_and_who_is_on_it(
        self, photo: Photo, owner: Person, member: Person, stranger: Person
    ) -> None:
        for person in (owner, member, stranger):
            Sighting.objects.create(photo=photo, user=person.user, by="algorithm", found=person != owner)
            Like.objects.create(photo=photo, user=person.user, kind="dislike" if person == owner else "like")
        page = text_of(browser(member.user).get(page_of(photo)))
        assert "Taken 6 Jul 2024 12:00, added by Owner" in page
        assert re.search(r"On this photo:</span> Member<", page)
        assert re.search(r"Liked by:</span> Member<", page)
        assert "Stranger" not in page

    def test_without_a_time_it_tells_when_it_was_added_or_what_the_client_said(
        self, album: Album, owner: Person
    ) -> None:
        photo = place_photo(album, owner.user)
        Photo.objects.update(created_at=NOON)
        assert "Added by Owner 6 Jul 2024 12:00" in text_of(browser(owner.user).get(page_of(photo)))
        Photo.objects.update(photo_creation_date=SCRIPT)
        page = text_of(browser(owner.user).get(page_of(photo)))
        assert "Taken &lt;script&gt;" in page

    def test_names_are_text(self, photo: Photo, owner: Person, member: Person) -> None:
        User.objects.update(name=SCRIPT)
        Album.objects.update(name=SCRIPT)
        Sighting.objects.create(photo=photo, user=owner.user, by="builtin")
        assert_nothing_runs(text_of(browser(member.user).get(page_of(photo))))

    @pytest.mark.parametrize(
        ("status", "words"), [("failed", "This picture cannot be shown. &lt;b&gt;"), ("new", "is being processed")]
    )
    def test_what_has_no_picture_is_told_in_words(
        self, album: Album, owner: Person, member: Person, status: str, words: str
    ) -> None:
        photo = place_photo(album, owner.user, status=status, error="<b>")
        assert words in text_of(browser(member.user).get(page_of(photo)))

    def test_browsers_show_the_original_only_if_they_can(self, photo: Photo, owner: Person) -> None:
        client = browser(owner.user)
        assert f'data-original="/media/{photo.pk}/original/' in text_of(client.get(page_of(photo)))
        Original.objects.update(content_type="image/heic")
        page = text_of(client.get(page_of(photo)))
        assert 'data-original=""' in page
        assert f'src="/media/{photo.pk}/medium/' in page
        assert re.search(rf'href="/media/{photo.pk}/download/[^"]+\.heic" download', page)

    def test_a_script_gets_the_panel_alone(self, photo: Photo, owner: Person) -> None:
        page = text_of(browser(owner.user).get(page_of(photo), {"part": "panel"}))
        assert "<html" not in page
        assert "csrfmiddlewaretoken" in page


class TestDownload:
    @pytest.mark.parametrize(("name", "saved"), [("Ö/IMG 1.jpg", "Ö_IMG 1.jpg"), ("", "file.jpg")])
    def test_the_original_is_saved_under_its_name(
        self, photo: Photo, member: Person, name: str, saved: str
    ) -> None:
        Photo.objects.update(sort_order=name)
        store_file(photo.original, b"original")
        client = browser(member.user)
        link = re.search(r'href="([^"]+)" download', text_of(client.get(page_of(photo))))
        assert link
        answer = client.get(link[1])
        assert b"".join(answer) == b"original"
        assert answer["Content-Disposition"] == content_disposition_header(True, saved)
        trash_photo(photo=photo)
        assert client.get(link[1]).status_code == 404


class TestLike:
    def test_a_member_likes_and_unlikes_without_scripts(self, photo: Photo, owner: Person, member: Person) -> None:
        client = browser(member.user)
        for wish, kind in [("yes", "like"), ("yes", "like"), ("no", "none")]:
            answer = send_form(client, page_of(photo), page_of(photo, "like") + "?in=liked", {"like": wish})
            assert (answer.status_code, answer["Location"]) == (303, page_of(photo) + "?in=liked")
            assert [(like.user_id, like.kind) for like in Like.objects.all()] == [(member.user.pk, kind)]
        page = text_of(client.get(page_of(photo)))
        assert 'name="like" value="yes"' in page
        assert 'aria-pressed="false"' in page

    def test_a_script_gets_what_holds_now(self, photo: Photo, member: Person) -> None:
        client = Client(headers={"Accept": "application/json"})
        client.force_login(member.user)
        assert client.post(page_of(photo, "like"), {"like": "yes"}).json() == {"liked": True}
        assert client.post(page_of(photo, "like"), {"like": "no"}).json() == {"liked": False}

    @pytest.mark.parametrize("data", [{}, {"like": "maybe"}, {"like": ""}])
    def test_what_says_nothing_changes_nothing(self, photo: Photo, member: Person, data: dict[str, str]) -> None:
        Like.objects.create(photo=photo, user=member.user, kind="like")
        answer = send_form(browser(member.user), page_of(photo), page_of(photo, "like"), data)
        assert answer.status_code == 400
        assert "Nothing was changed" in text_of(answer)
        assert Like.objects.get().kind == "like"

    def test_others_cannot(self, photo: Photo, member: Person, stranger: Person) -> None:
        client = Client()
        client.force_login(stranger.user)
        assert client.post(page_of(photo, "like"), {"like": "yes"}).status_code == 404
        assert Client().post(page_of(photo, "like"), {"like": "yes"}).status_code == 303
        assert browser(member.user).post(page_of(photo, "like"), {"like": "yes"}).status_code == 403
        assert browser(member.user).get(page_of(photo, "like")).status_code == 405
        assert not Like.objects.exists()


class TestDelete:
    def test_the_uploader_deletes_their_own_and_comes_back_to_where_it_was(
        self, album: Album, owner: Person, member: Person
    ) -> None:
        newer, mine, older = (
            place_photo(album, member.user, taken_at=NOON - timedelta(hours=hours)) for hours in range(3)
        )
        client = browser(member.user)
        answer = send_form(client, page_of(mine), page_of(mine, "photo-delete"))
        assert answer.status_code == 303
        page = text_of(client.get(answer["Location"]))
        assert "The photo is deleted." in page
        assert f"p-{older.pk}" in page
        assert f"p-{newer.pk}" not in page
        assert [photo.pk for photo in Photo.objects.filter(deleted_at__isnull=False)] == [mine.pk]

    def test_the_albums_owner_deletes_a_guests_and_the_guest_keeps_it(
        self, album: Album, owner: Person, member: Person
    ) -> None:
        photo = place_photo(album, member.user)
        client = browser(owner.user)
        assert "Member keeps it." in text_of(client.get(page_of(photo)))
        assert send_form(client, page_of(photo), page_of(photo, "photo-delete")).status_code == 303
        assert [kept.album_id for kept in Photo.objects.alive()] == [None]

    def test_other_members_cannot_and_are_told_so(
        self, photo: Photo, owner: Person, member: Person, stranger: Person
    ) -> None:
        client = browser(member.user)
        assert "photo-delete" not in text_of(client.get(page_of(photo)))
        answer = send_form(client, page_of(photo), page_of(photo, "photo-delete"))
        assert answer.status_code == 403
        assert "may delete it" in text_of(answer)
        others = Client()
        others.force_login(stranger.user)
        assert others.post(page_of(photo, "photo-delete")).status_code == 404
        assert Client().post(page_of(photo, "photo-delete")).status_code == 303
        assert browser(owner.user).post(page_of(photo, "photo-delete")).status_code == 403
        assert browser(owner.user).get(page_of(photo, "photo-delete")).status_code == 405
        assert Photo.objects.alive().count() == 1

    def test_it_may_be_repeated(self, photo: Photo, owner: Person) -> None:
        client = Client(headers={"Accept": "application/json"})
        client.force_login(owner.user)
        for _ in range(2):
            answer = client.post(page_of(photo, "photo-delete"))
            assert (answer.status_code, answer.json()) == (200, {"deleted": str(photo.pk)})

    def test_a_photo_of_another_album_is_not_deleted_by_this_albums_address(
        self, album: Album, owner: Person
    ) -> None:
        elsewhere = place_photo(create_album(owner=owner.user), owner.user)
        client = Client()
        client.force_login(owner.user)
        path = reverse("gallery:photo-delete", args=[album.pk, elsewhere.pk])
        assert client.post(path).status_code == 404
        assert Photo.objects.alive().count() == 1


def test_a_photo_among_many_costs_as_many_queries_as_among_few(
    album: Album, owner: Person, member: Person
) -> None:
    client = browser(owner.user)

    def queries(photo: Photo) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page_of(photo)).status_code == 200
        return len(captured)

    queries(place_photo(album, owner.user, taken_at=NOON))  # the first visit is noted
    few = queries(place_photo(album, owner.user, taken_at=NOON))
    photos = place_photos(album, member.user, 200, taken_at=NOON)
    for person in (owner, member):
        Sighting.objects.bulk_create([Sighting(photo=photo, user=person.user, by="builtin") for photo in photos])
    assert queries(photos[100]) == few
    assert few <= 15
