"""The page on which photos are added, without its script: a form with several files."""

import errno
import re

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from albums.models import Album, Invitation, PendingAlbum
from albums.services import delete_album, set_may_upload, uninvite_phones
from conftest import Person, committing, picture
from core.tests.answers import Answer, Json
from photos.models import Photo
from photos.services import trash_photo
from pickeez_site.gallery.tests.visitors import Visitor

pytestmark = pytest.mark.django_db

ONE, TWO = (picture(1, size=(60, 40), seed=seed).getvalue() for seed in (1, 2))
TEXT = b"Only text, whatever its name says. "


def page_of(album: Album) -> str:
    return reverse("gallery:add", args=[album.pk])


def add(browser: Visitor, album: Album, *files: tuple[str, bytes], **headers: str) -> Answer:
    sent = [SimpleUploadedFile(name, content) for name, content in files]
    return browser.post(page_of(album), {"files": sent}, headers=headers)


def words(answer: Answer) -> str:
    return answer.content.decode()


@pytest.fixture
def browser(member: Person) -> Visitor:
    return Visitor(member.user)


@pytest.mark.parametrize("who", ["owner", "member"])
def test_who_is_in_the_album_sees_the_form(owner: Person, member: Person, album: Album, who: str) -> None:
    answer = Visitor({"owner": owner, "member": member}[who].user).get(page_of(album))
    assert answer.status_code == 200
    form = words(answer)
    assert re.search(r'<input[^>]* type="file" name="files" multiple accept="image/\*,image/heic[^>]*>', form)
    assert 'capture="environment"' in form
    assert f'data-most="{100 * 1024 * 1024}"' in form
    assert "100.0" in form


def test_for_others_the_page_does_not_exist(stranger: Person, album: Album) -> None:
    for answer in (Visitor(stranger.user).get(page_of(album)), add(Visitor(stranger.user), album, ("a.png", ONE))):
        assert answer.status_code == 404
        assert "not yours to see" in words(answer)
    done = reverse("gallery:done-uploading", args=[album.pk])
    assert Visitor(stranger.user).post(done).status_code == 404
    assert not Photo.objects.exists()


def test_who_is_signed_out_signs_in_first(album: Album) -> None:
    answer = Client().get(page_of(album))
    assert (answer.status_code, answer["Location"].startswith(reverse("gallery:sign-in"))) == (303, True)
    assert Client().post(page_of(album)).status_code == 303


def test_several_files_are_added_at_once_and_the_album_is_processed(
    browser: Visitor, member: Person, owner: Person, album: Album, pushes: list[dict[str, Json]]
) -> None:
    answer = add(browser, album, ("Beach 1.png", ONE), ("Beach 2.png", TWO), ("again.png", ONE))
    assert answer.status_code == 303
    photos = Photo.objects.order_by("pk")
    assert [photo.sort_order for photo in photos] == ["Beach 1", "Beach 2"]
    assert {photo.uploader for photo in photos} == {member.user}
    assert "2 photos were added." in words(browser.get(answer["Location"]))
    assert "added photos" in str(pushes)


def test_what_is_refused_is_named_in_words_and_the_rest_is_kept(browser: Visitor, album: Album) -> None:
    answer = add(browser, album, ("a.png", ONE), ("<script>x.jpg", TEXT), ("empty.png", b""), ("b.png", TWO))
    assert answer.status_code == 303
    shown = words(browser.get(page_of(album)))
    assert Photo.objects.count() == 2
    assert "2 photos were added." in shown
    assert "&lt;script&gt;x.jpg: This is not a picture" in shown
    assert "empty.png: The file is empty." in shown
    assert "<script>x" not in shown


def test_when_nothing_was_added_the_form_says_why(browser: Visitor, album: Album) -> None:
    answer = add(browser, album, ("notes.jpg", TEXT))
    assert answer.status_code == 400
    assert "<strong>notes.jpg</strong>: This is not a picture" in words(answer)
    assert not PendingAlbum.objects.filter(done_uploading=True).exists()
    none = browser.post(page_of(album))
    assert (none.status_code, "Choose at least one photo." in words(none)) == (400, True)


def test_a_file_that_is_too_large_is_refused_by_name(browser: Visitor, album: Album, settings: Settings) -> None:
    settings.MAX_PHOTO_BYTES = len(ONE)
    answer = add(browser, album, ("small.png", ONE), ("large.png", TWO + b"x"))
    assert answer.status_code == 303
    assert "large.png: The file is too large" in words(browser.get(page_of(album)))


def test_too_many_files_at_once_are_refused_in_words(browser: Visitor, album: Album, settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2
    answer = add(browser, album, *(("a.png", ONE),) * 3)
    assert (answer.status_code, "At most 2 files" in words(answer)) == (400, True)
    assert not Photo.objects.exists()


@pytest.mark.parametrize("cut", [1, 30, 400])
def test_a_form_that_was_cut_off_adds_nothing(browser: Visitor, album: Album, cut: int) -> None:
    parts = b"".join(
        b'--edge\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n' + content + b"\r\n"
        for content in (ONE, TWO)
    )
    whole = parts + b"--edge--"
    form = "multipart/form-data; boundary=edge"
    with committing():
        answer = browser.client.generic("POST", page_of(album), whole[:-cut], form)
    assert (answer.status_code, "did not arrive whole" in words(answer)) == (400, True)
    assert not Photo.objects.exists()
    with committing():
        assert browser.client.generic("POST", page_of(album), whole, form).status_code == 303


@pytest.mark.parametrize("what", ["removed", "deleted"])
def test_an_album_that_is_lost_takes_nothing(browser: Visitor, member: Person, album: Album, what: str) -> None:
    if what == "removed":
        uninvite_phones(album=album, phones=[member.phone])
    else:
        delete_album(album=album)
    assert add(browser, album, ("a.png", ONE)).status_code == 404
    assert not Photo.objects.exists()


def test_who_may_only_look_is_told_so(browser: Visitor, album: Album) -> None:
    set_may_upload(invitation=Invitation.objects.get(album=album), may_upload=False)
    done = browser.post(reverse("gallery:done-uploading", args=[album.pk]))
    for answer in (browser.get(page_of(album)), add(browser, album, ("a.png", ONE)), done):
        assert answer.status_code == 403
        assert "You may look at this album" in words(answer)
    assert not Photo.objects.exists()


def test_what_the_owner_has_deleted_is_refused_by_name(browser: Visitor, owner: Person, album: Album) -> None:
    add(browser, album, ("a.png", ONE))
    trash_photo(photo=Photo.objects.get(), by=owner.user)
    answer = add(browser, album, ("a.png", ONE))
    assert (answer.status_code, "a.png</strong>: This picture was deleted" in words(answer)) == (400, True)


@pytest.mark.parametrize(("error", "status"), [(errno.ENOSPC, 507), (errno.EIO, 503)])
def test_a_disk_that_fails_is_told_and_what_was_stored_before_is_kept(
    browser: Visitor, album: Album, monkeypatch: pytest.MonkeyPatch, error: int, status: int
) -> None:
    save, room = FileSystemStorage.save, 1

    def fail(*arguments: object, **options: object) -> str:
        nonlocal room
        room -= 1
        if room < 0:
            raise OSError(error, "the disk")
        return save(*arguments, **options)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(FileSystemStorage, "save", fail)
        with committing():  # the worker is not what fails
            room = 0
            assert (
                browser.client.post(page_of(album), {"files": [SimpleUploadedFile("a.png", ONE)]}).status_code
                == status
            )
        room = 1
        files = [SimpleUploadedFile(name, content) for name, content in (("a.png", ONE), ("b.png", TWO))]
        answer = browser.client.post(page_of(album), {"files": files})
    assert answer.status_code == 303
    assert "b.png: The s" in words(browser.get(page_of(album)))
    assert Photo.objects.get().sort_order == "a"


def test_files_are_never_in_memory(browser: Visitor, album: Album, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def note(*, file: object) -> None:
        seen.append(type(file).__name__)

    monkeypatch.setattr("pickeez_site.gallery.views.add.check_picture", note)
    add(browser, album, ("a.png", ONE))
    assert seen == ["TemporaryUploadedFile"]


def test_a_script_gets_data(browser: Visitor, album: Album) -> None:
    answer = add(browser, album, ("a.png", ONE), ("b.jpg", TEXT), Accept="application/json")
    (refused,) = answer.json()["refused"]
    assert (answer.status_code, answer.json()["added"], refused["name"]) == (200, 1, "b.jpg")
    none = add(browser, album, ("b.jpg", TEXT), Accept="application/json")
    assert (none.status_code, set(none.json())) == (400, {"error"})


def test_nothing_is_added_without_the_token_of_the_page(member: Person, album: Album) -> None:
    other = Visitor(member.user, csrf=True)
    assert add(other, album, ("a.png", ONE)).status_code == 403
    done = reverse("gallery:done-uploading", args=[album.pk])
    assert other.post(done).status_code == 403
    page = words(other.get(page_of(album)))
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token
    sent = {"csrfmiddlewaretoken": token[1], "files": [SimpleUploadedFile("a.png", ONE)]}
    assert other.post(page_of(album), sent).status_code == 303
    assert other.post(done, {"csrfmiddlewaretoken": token[1]}).status_code == 303


def test_being_done_is_told_to_the_queue(browser: Visitor, album: Album) -> None:
    answer = browser.client.post(
        reverse("gallery:done-uploading", args=[album.pk]), headers={"Accept": "application/json"}
    )
    assert (answer.status_code, answer.json()) == (200, {})
    assert PendingAlbum.objects.get(album=album).done_uploading


def test_scripts_in_names_are_escaped(browser: Visitor, album: Album) -> None:
    Album.objects.update(name="<script>alert(1)</script>")
    assert "<script>alert" not in words(browser.get(page_of(album)))
