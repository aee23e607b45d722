"""Taking photos along from an album: what may be taken, by whom, and how far an archive is."""

import io
import re
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import ExifTags, Image

from albums.models import Album, Invitation
from albums.services import delete_album, set_may_upload, uninvite_phones
from conftest import Person, committing, picture
from core.tests.answers import Answer
from photos.models import Photo, Zip
from photos.services import PhotoFacts, set_like, store_photo, trash_photo
from photos.tests.builders import place_photo, place_photos
from pickeez_site.gallery.tests.visitors import JSON, Visitor
from pickeez_site.gallery.views import download

pytestmark = pytest.mark.django_db


def page_of(album: Album) -> str:
    return reverse("gallery:download", args=[album.pk])


def words(answer: Answer) -> str:
    return answer.content.decode()


def ask(browser: Visitor, album: Album, what: str, *photos: Photo, **more: str) -> Answer:
    return browser.post(page_of(album), {"what": what, "photos": [str(photo.pk) for photo in photos], **more})


def names_in(browser: Visitor, answer: Answer) -> set[str]:
    """The names of the pictures in the archive that an answer leads to."""
    assert answer.status_code == 303
    link = re.search(
        r'id="zip-link"><a class="button wide" href="([^"]+)"', words(browser.get(answer["Location"]))
    )
    assert link
    sent: Any = browser.get(link[1])
    assert sent["Content-Disposition"].startswith("attachment")
    with zipfile.ZipFile(io.BytesIO(b"".join(sent.streaming_content))) as archive:
        assert archive.testzip() is None
        return set(archive.namelist())


@pytest.fixture
def browser(member: Person) -> Visitor:
    return Visitor(member.user)


@pytest.fixture
def photos(browser: Visitor, member: Person, owner: Person, album: Album) -> list[Photo]:
    """Three photos; the member is on the first, and likes the second, which is the owner's."""
    for number, person in enumerate((member, owner, member)):
        file = picture(size=(60, 40), seed=number)
        file.name = f"Beach {number}.png"
        Visitor(person.user).post(reverse("gallery:add", args=[album.pk]), {"files": [file]})
    found = list(Photo.objects.order_by("pk"))
    found[0].sightings.create(user=member.user, shows=True, by="builtin")
    set_like(photo=found[1], user=member.user, kind="like")
    return found


def test_all_mine_liked_and_chosen_ones_can_be_taken(browser: Visitor, album: Album, photos: list[Photo]) -> None:
    page = words(browser.get(page_of(album)))
    assert [title in page for title in ("All photos", "Photos of me", "Photos that I like")] == [True] * 3
    assert names_in(browser, ask(browser, album, "all")) == {"Beach 0.png", "Beach 1.png", "Beach 2.png"}
    assert names_in(browser, ask(browser, album, "me")) == {"Beach 0.png"}
    assert names_in(browser, ask(browser, album, "liked")) == {"Beach 1.png"}
    assert names_in(browser, ask(browser, album, "chosen", photos[0], photos[2])) == {"Beach 0.png", "Beach 2.png"}
    assert words(browser.get(page_of(album))).count("Summer.zip") == 4


def test_the_owner_takes_their_own_choice(owner: Person, album: Album, photos: list[Photo]) -> None:
    browser = Visitor(owner.user)
    assert "Photos of me" not in words(browser.get(page_of(album)))
    assert len(names_in(browser, ask(browser, album, "all"))) == 3
    assert ask(browser, album, "me").status_code == 400


def test_photos_of_other_albums_and_deleted_ones_are_left_out(
    browser: Visitor, stranger: Person, album: Album, photos: list[Photo]
) -> None:
    foreign = place_photo(Album.objects.create(owner=stranger.user), stranger.user)
    trash_photo(photo=photos[2], by=photos[2].owner)
    assert names_in(browser, ask(browser, album, "chosen", foreign, photos[0], photos[2])) == {"Beach 0.png"}
    assert ask(browser, album, "chosen", foreign).status_code == 400
    assert "no photo to take" in words(ask(browser, album, "chosen"))


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"what": "none"}, 404),
        ({}, 404),
        ({"what": "all", "part": "0"}, 404),
        ({"what": "all", "part": "x"}, 404),
        ({"what": "all", "part": "2"}, 400),
        ({"what": "chosen", "photos": ["<script>", "1"]}, 400),
    ],
)
def test_what_cannot_be_read_is_refused(
    browser: Visitor, album: Album, photos: list[Photo], data: dict[str, object], status: int
) -> None:
    assert browser.post(page_of(album), data).status_code == status
    assert browser.get(page_of(album) + "?after=x").status_code == 404
    assert not Zip.objects.exists()


def test_more_photos_than_an_archive_may_have_come_in_parts(
    browser: Visitor, album: Album, photos: list[Photo], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photos.services.zips.MAX_PHOTOS", 2)
    monkeypatch.setattr(download, "MAX_PHOTOS", 2)
    assert "part 2 of 2" in words(browser.get(page_of(album)))
    assert names_in(browser, ask(browser, album, "all", part="1")) == {"Beach 0.png", "Beach 1.png"}
    assert names_in(browser, ask(browser, album, "all", part="2")) == {"Beach 2.png"}


def test_an_archive_tells_how_far_it_is(browser: Visitor, album: Album, photos: list[Photo]) -> None:
    answer = browser.client.post(page_of(album), {"what": "all"})  # no worker has begun
    path = answer["Location"]
    Zip.objects.update(done=1)
    waiting = browser.get(path, headers=JSON).json()
    assert waiting == {"status": "new", "done": 1, "total": 3, "link": "", "words": "1 of 3 photos are packed."}
    assert '<noscript><meta http-equiv="refresh"' in words(browser.get(path))
    Zip.objects.update(status=Zip.Status.FAILED, error="the inside")
    failed = browser.get(path, headers=JSON).json()
    assert (failed["status"], "could not be made" in failed["words"]) == ("failed", True)
    assert "the inside" not in words(browser.get(path))


def test_a_script_is_told_where_the_archive_is(browser: Visitor, album: Album, photos: list[Photo]) -> None:
    answer = browser.post(page_of(album), {"what": "all"}, headers=JSON)
    assert answer.status_code == 201
    assert browser.get(answer.json()["zip"], headers=JSON).json()["status"] == "ready"


def test_too_many_archives_at_once_are_refused_in_words(
    browser: Visitor, owner: Person, album: Album, photos: list[Photo]
) -> None:
    for photo in photos:
        chosen = {"what": "chosen", "photos": [str(photo.pk)]}
        assert browser.client.post(page_of(album), chosen).status_code == 303
    refused = ask(browser, album, "all")
    assert (refused.status_code, "wait" in words(refused)) == (429, True)
    assert ask(Visitor(owner.user), album, "all").status_code == 303


def test_the_same_photos_are_packed_once(
    browser: Visitor, owner: Person, album: Album, photos: list[Photo]
) -> None:
    waiting = [browser.client.post(page_of(album), {"what": "all"})["Location"] for _ in range(4)]
    made = [ask(browser, album, "chosen", *photos)["Location"] for _ in range(4)]
    assert {*waiting, *made} == {waiting[0]}
    assert ask(Visitor(owner.user), album, "all")["Location"] != waiting[0]
    Zip.objects.update(status=Zip.Status.FAILED)
    assert ask(browser, album, "all")["Location"] != waiting[0]


def test_a_guest_fills_no_disk_with_archives(
    browser: Visitor, owner: Person, album: Album, photos: list[Photo], monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(Visitor(owner.user), album, "all")
    monkeypatch.setattr("photos.services.zips.MAX_KEPT", 2)
    made = [ask(browser, album, "chosen", photo)["Location"] for photo in photos]
    assert [browser.get(path).status_code for path in made] == [404, 200, 200]
    assert Zip.objects.count() == 3


def test_archives_are_of_who_asked_for_them(
    browser: Visitor, owner: Person, member: Person, stranger: Person, album: Album, photos: list[Photo]
) -> None:
    path = ask(browser, album, "all")["Location"]
    for who in (owner, stranger):
        assert Visitor(who.user).get(path).status_code == 404
    assert Visitor(stranger.user).get(page_of(album)).status_code == 404
    assert ask(Visitor(stranger.user), album, "all").status_code == 404
    assert Client().get(page_of(album)).status_code == 303
    other = Album.objects.create(owner=member.user)
    assert browser.get(path.replace(str(album.pk), str(other.pk))).status_code == 404


@pytest.mark.parametrize("what", ["removed", "deleted"])
def test_who_is_not_in_the_album_any_more_takes_nothing(
    browser: Visitor, member: Person, album: Album, photos: list[Photo], what: str
) -> None:
    path = ask(browser, album, "all")["Location"]
    link = browser.get(path, headers=JSON).json()["link"]
    if what == "removed":
        uninvite_phones(album=album, phones=[member.phone])
    else:
        delete_album(album=album)
    assert [browser.get(each).status_code for each in (path, link, page_of(album))] == [404, 404, 404]


def test_an_archive_with_photos_of_a_removed_member_is_gone(
    owner: Person, member: Person, album: Album, photos: list[Photo]
) -> None:
    browser = Visitor(owner.user)
    whole, own = ask(browser, album, "all")["Location"], ask(browser, album, "chosen", photos[1])["Location"]
    link = browser.get(whole, headers=JSON).json()["link"]
    uninvite_phones(album=album, phones=[member.phone])
    assert [browser.get(each).status_code for each in (whole, link, own)] == [404, 404, 200]
    assert names_in(browser, ask(browser, album, "all")) == {"Beach 1.png"}


def test_chosen_photos_are_told_to_the_share_sheet(
    browser: Visitor, album: Album, photos: list[Photo], monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = {"what": "chosen", "as": "files", "photos": [str(photo.pk) for photo in photos[:2]]}
    files = browser.post(page_of(album), chosen, headers=JSON).json()["files"]
    assert [(file["name"], file["type"]) for file in files] == [("Beach 0", "image/png"), ("Beach 1", "image/png")]
    for file in files:
        sent: Any = browser.get(file["url"])
        assert b"".join(sent.streaming_content)
    monkeypatch.setattr(download, "MAX_SHARED", 1)
    refused = browser.post(page_of(album), chosen, headers=JSON)
    assert (refused.status_code, "At most 1 photo" in refused.json()["error"]) == (400, True)


def test_nothing_is_made_without_the_token_of_the_page(member: Person, album: Album, photos: list[Photo]) -> None:
    assert ask(Visitor(member.user, csrf=True), album, "all").status_code == 403
    assert not Zip.objects.exists()


def test_the_page_has_a_few_queries_and_pages(
    browser: Visitor, member: Person, album: Album, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.get(page_of(album))  # the session notes that it was seen
    costs = []
    for number in (1, 9):
        place_photos(album, member.user, number)
        with CaptureQueriesContext(connection) as queries:
            browser.get(page_of(album))
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 12
    monkeypatch.setattr(download, "PAGE", 4)
    seen, path = [], page_of(album)
    while path:
        page = words(browser.get(path))
        seen += re.findall(r'name="photos" value="([^"]+)"', page)
        more = re.search(r'href="(\?after=[^"#]+)#some"', page)
        path = page_of(album) + more[1] if more else ""
    assert seen == [str(pk) for pk in Photo.objects.order_by("pk").values_list("pk", flat=True)]


def test_scripts_in_names_are_escaped(browser: Visitor, album: Album, photos: list[Photo]) -> None:
    Album.objects.update(name="<script>alert(1)</script>")
    Photo.objects.update(sort_order="<script>alert(2)</script>")
    path = ask(browser, album, "all")["Location"]
    for each in (page_of(album), path):
        assert "<script>alert" not in words(browser.get(each))


@pytest.fixture
def looker(album: Album, member: Person) -> Visitor:
    """The member, who may only look from now on."""
    set_may_upload(invitation=Invitation.objects.get(claimed_by=member.user), may_upload=False)
    return Visitor(member.user)


def with_gps() -> bytes:
    file, exif = io.BytesIO(), Image.Exif()
    exif[ExifTags.IFD.GPSInfo] = {ExifTags.GPS.GPSLatitudeRef: "N", ExifTags.GPS.GPSLatitude: (48.0, 8.0, 0.0)}
    Image.new("RGB", (1600, 1200), "teal").save(file, "JPEG", exif=exif)
    return file.getvalue()


@pytest.fixture
def placed(album: Album, owner: Person) -> Photo:
    """A photo that tells where it was taken."""
    file = SimpleUploadedFile("IMG_1.HEIC", with_gps())
    with committing():
        return store_photo(user=owner.user, album=album, file=file, facts=PhotoFacts(sort_order="IMG_1.HEIC"))


def test_who_may_only_look_takes_pictures_that_tell_no_place(
    looker: Visitor, owner: Person, album: Album, placed: Photo
) -> None:
    for browser, sizes, name in (
        (Visitor(owner.user), (1600, 1200), "IMG_1.HEIC"),
        (looker, (1280, 960), "IMG_1.jpg"),
    ):
        assert names_in(browser, ask(browser, album, "all")) == {name}
        panel = browser.get(reverse("gallery:photo", args=[album.pk, placed.pk])).text
        download = re.search(r'href="(/media/[^"]+)" download', panel)
        (shared,) = browser.post(
            page_of(album), {"what": "chosen", "photos": str(placed.pk), "as": "files"}, headers=JSON
        ).json()["files"]
        assert download
        for path in (download[1], shared["url"]):
            sent: Any = browser.get(path)
            with Image.open(io.BytesIO(b"".join(sent.streaming_content))) as taken:
                assert taken.size == sizes
                assert bool(taken.getexif().get_ifd(ExifTags.IFD.GPSInfo)) == (sizes == (1600, 1200))
    page = looker.get(page_of(album)).text
    assert "without the place where they were taken" in page
    assert "/original/" not in looker.get(reverse("gallery:photo", args=[album.pk, placed.pk])).text


def test_all_of_me_is_one_tap_from_the_tab(browser: Visitor, album: Album, photos: list[Photo]) -> None:
    tab = words(browser.get(reverse("gallery:album-me", args=[album.pk])))
    assert "Download all of these" in tab
    assert '<input type="hidden" name="what" value="me">' in tab
    assert len(names_in(browser, ask(browser, album, "me"))) == 1
    assert "Download all of these" not in words(browser.get(reverse("gallery:album", args=[album.pk])))
