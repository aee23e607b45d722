import io
from collections.abc import Callable

import pytest
from PIL import ExifTags, Image

from albums.models import Album
from albums.services import delete_album, uninvite_phones
from conftest import Caller, MakePicture, Person
from photos.models import Photo
from photos.tests.builders import place_photo
from pickeez_site.dialects.picthrive.tests.shapes import (
    NOT_FOUND,
    PHOTO,
    SUFFIXES,
    assert_absent,
    assert_signed_in_only,
    call,
    fetch,
)


def test_its_members_get_the_photo(
    owner: Person, member: Person, album: Album, upload: Callable[..., Photo]
) -> None:
    photo = upload(member, album, "summer/IMG_07.png")
    for person in (owner, member):
        answer = person.get(f"/v1/Photo/{photo.pk}")
        assert (answer.status_code, set(answer.json())) == (200, PHOTO)
    fields = answer.json()
    assert (fields["OwnerId"], fields["GroupId"], fields["PhotoId"]) == (member.id, str(album.pk), str(photo.pk))
    assert (fields["Width"], fields["Height"], fields["Ratio"], fields["Megapixels"]) == (90, 60, 1.5, 0.01)
    assert (fields["Deleted"], fields["SortOrder"], fields["Region"]) == (False, "IMG_07", "picthrive-dyn")
    assert fields["Hue"].startswith("#7")
    assert fields["Created"] == int(photo.created_at.timestamp())
    assert fields["LastUpdatedUnix"] >= fields["Created"]


def test_every_suffix_works_with_a_plain_get_and_the_original_is_byte_for_byte(
    owner: Person, nobody: Caller, album: Album, upload: Callable[..., Photo], make_picture: MakePicture
) -> None:
    content = make_picture(1, size=(90, 60)).getvalue()
    fields = owner.get(f"/v1/Photo/{upload(owner, album, file=content).pk}").json()
    for name in SUFFIXES:
        assert fields[name].startswith("/")
        status, body = fetch(nobody.client, fields[name])
        assert (status, body[:3] == b"\xff\xd8\xff") == (200, name != "Original")
        if name == "Original":
            assert body == content


@pytest.mark.parametrize("status", ["new", "processing", "failed"])
def test_until_it_is_processed_there_is_nothing_but_the_original(owner: Person, album: Album, status: str) -> None:
    photo = place_photo(album, owner.user, status=status)
    fields = owner.get(f"/v1/Photo/{photo.pk}").json()
    assert {name for name in PHOTO if fields[name] is None} == (SUFFIXES - {"Original"}) | {
        *("Ratio", "Hue", "Width", "Height", "Megapixels")
    }


def test_a_library_photo_is_its_owners_and_in_no_group(owner: Person, member: Person) -> None:
    photo = place_photo(None, owner.user)
    assert owner.get(f"/v1/Photo/{photo.pk}").json()["GroupId"] is None
    assert_absent(member, "GET", "/v1/Photo/{id}", photo.pk)


def test_without_a_name_of_its_own_it_is_sorted_by_the_path(owner: Person, album: Album) -> None:
    photo = place_photo(album, owner.user)
    assert (photo.sort_order, owner.get(f"/v1/Photo/{photo.pk}").json()["SortOrder"]) == (
        "",
        photo.s3_path.removeprefix("camera/").removesuffix(".jpg"),
    )


def test_to_a_stranger_it_does_not_exist_and_nobody_is_asked_to_sign_in(
    stranger: Person, nobody: Caller, owner: Person, album: Album
) -> None:
    photo = place_photo(album, owner.user)
    assert_absent(stranger, "GET", "/v1/Photo/{id}", photo.pk)
    assert_signed_in_only(nobody, "GET", f"/v1/Photo/{photo.pk}")


def test_a_removed_members_photo_is_not_there(owner: Person, member: Person, album: Album) -> None:
    photo = place_photo(album, member.user)
    uninvite_phones(album=album, phones=[member.phone])
    for person in (owner, member):
        assert_absent(person, "GET", "/v1/Photo/{id}", photo.pk)


def test_a_photo_of_a_deleted_group_is_deleted_to_its_owner_and_unknown_to_others(
    owner: Person, member: Person, album: Album
) -> None:
    photo = place_photo(album, member.user)
    delete_album(album=album)
    assert member.get(f"/v1/Photo/{photo.pk}").json()["Deleted"] is True
    assert owner.get(f"/v1/Photo/{photo.pk}").json() == NOT_FOUND


@pytest.mark.parametrize("prefix", ["/v1/Photo", "/v1/photo", "/Photo", "/photo"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_the_path_is_read_in_the_documents_spelling_and_in_simpler_ones(
    owner: Person, album: Album, prefix: str, slash: str
) -> None:
    photo = place_photo(album, owner.user)
    assert owner.get(f"{prefix}/{photo.pk}{slash}").json()["PhotoId"] == str(photo.pk)


def test_setting_the_sort_order_is_for_the_photos_and_the_albums_owner(
    owner: Person, member: Person, stranger: Person, album: Album
) -> None:
    photo, own = place_photo(album, owner.user), place_photo(album, member.user)
    body = {"SortOrder": "A first"}
    assert call(member, "PUT", f"/v1/Photo/{photo.pk}", body).status_code == 403
    assert call(stranger, "PUT", f"/v1/Photo/{photo.pk}", body).status_code == 404
    for person, mine in ((owner, photo), (member, own), (owner, own)):
        assert call(person, "PUT", f"/v1/Photo/{mine.pk}", body).json() == {"PhotoId": str(mine.pk)}
        assert person.get(f"/v1/Photo/{mine.pk}").json()["SortOrder"] == "A first"


def test_no_served_rendition_says_where_it_was_taken(
    owner: Person, nobody: Caller, album: Album, upload: Callable[..., Photo]
) -> None:
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (52.0, 30.0, 0.0)
    exif[ExifTags.Base.Artist] = "somebody"
    file = io.BytesIO()
    Image.new("RGB", (60, 40), "grey").save(file, "JPEG", exif=exif)
    fields = owner.get(f"/v1/Photo/{upload(owner, album, file=file.getvalue()).pk}").json()
    for name in SUFFIXES:
        body = fetch(nobody.client, fields[name])[1]
        assert (b"Exif" in body, b"somebody" in body) == (name == "Original",) * 2
