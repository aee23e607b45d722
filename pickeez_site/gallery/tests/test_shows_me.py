"""Members say of photos that they see whether these show them; a stranger, a removed member and nobody cannot."""

from uuid import uuid4

import pytest
from django.urls import reverse

from albums.models import Album
from albums.services import create_album, uninvite_phones
from conftest import MakePicture, Person, committing
from faces.models import Sighting
from photos.models import Photo
from pickeez_site.gallery.tests.visitors import JSON, Visitor


@pytest.fixture
def photo(owner: Person, album: Album, make_picture: MakePicture) -> Photo:
    answer = owner.post("/photos/", {"album_id": album.pk, "file": make_picture(0)})
    return Photo.objects.get(pk=answer.json()["_id"])


def path_of(photo: Photo) -> str:
    return reverse("gallery:shows-me", args=[photo.album_id, photo.pk])


@pytest.mark.parametrize("who", ["owner", "member"])
def test_a_member_says_it_and_takes_it_back(
    who: str, photo: Photo, owner: Person, member: Person, album: Album
) -> None:
    user = {"owner": owner, "member": member}[who].user
    visitor, back = Visitor(user), "/gallery/?page=2"
    for said, shows in [("yes", [True]), ("no", [False]), ("unsaid", [])]:
        answer = visitor.post(path_of(photo), {"shows": said, "next": back})
        assert (answer.status_code, answer["Location"]) == (303, back)
        assert list(Sighting.objects.filter(user=user).values_list("shows", flat=True)) == shows


def test_a_script_gets_the_form_as_it_then_is(photo: Photo, member: Person) -> None:
    visitor = Visitor(member.user)
    said = visitor.post(path_of(photo), {"shows": "yes", "next": "/gallery/"}, headers=JSON).json()
    assert (said["shows"], said["own_word"]) == (True, True)
    assert 'value="unsaid"' in said["form"]
    assert 'name="next" value="/gallery/"' in said["form"]
    said = visitor.post(path_of(photo), {"shows": "unsaid"}, headers=JSON).json()
    assert (said["shows"], said["own_word"]) == (False, None)
    assert 'value="yes"' in said["form"]


def test_two_tabs_that_say_the_opposite_leave_the_last_word(photo: Photo, member: Person) -> None:
    tabs = Visitor(member.user), Visitor(member.user)
    for tab, said in zip(tabs, ("yes", "no"), strict=True):
        assert tab.post(path_of(photo), {"shows": said}).status_code == 303
    assert [row.shows for row in Sighting.objects.filter(user=member.user)] == [False]


@pytest.mark.parametrize("said", ["", "maybe", "<script>"])
def test_another_word_is_refused_in_words(photo: Photo, member: Person, said: str) -> None:
    answer = Visitor(member.user).post(path_of(photo), {"shows": said})
    assert answer.status_code == 400
    assert not Sighting.objects.exists()


def test_for_strangers_removed_members_and_deleted_photos_there_is_no_such_page(
    photo: Photo, owner: Person, member: Person, stranger: Person, album: Album, make_picture: MakePicture
) -> None:
    other = create_album(owner=owner.user, name="Other").pk
    foreign = owner.post("/photos/", {"album_id": other, "file": make_picture(2)}).json()["_id"]
    paths = {
        reverse("gallery:shows-me", args=[album.pk, foreign]),
        reverse("gallery:shows-me", args=[other, foreign]),
        reverse("gallery:shows-me", args=[album.pk, uuid4()]),
    }
    for path in paths:
        assert Visitor(member.user).post(path, {"shows": "yes"}).status_code == 404
    assert Visitor(stranger.user).post(path_of(photo), {"shows": "yes"}).status_code == 404
    with committing():
        uninvite_phones(album=album, phones=[member.phone])
    assert Visitor(member.user).post(path_of(photo), {"shows": "yes"}).status_code == 404
    owner.post(f"/photos/{photo.pk}/delete")
    assert Visitor(owner.user).post(path_of(photo), {"shows": "yes"}).status_code == 404
    assert not Sighting.objects.exists()


def test_nobody_and_forms_of_other_sites_are_refused(photo: Photo, member: Person) -> None:
    assert Visitor().post(path_of(photo), {"shows": "yes"}).status_code == 303
    assert Visitor().post(path_of(photo), {"shows": "yes"}, headers=JSON).status_code == 401
    assert Visitor(member.user, csrf=True).post(path_of(photo), {"shows": "yes"}).status_code == 403
    assert Visitor(member.user).get(path_of(photo)).status_code == 405
    assert not Sighting.objects.exists()
