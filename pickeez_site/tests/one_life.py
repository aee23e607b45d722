"""One picture of a guest, what each of the four APIs does to it, and where everybody sees it. See `docs/one-life.md`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from albums.models import Album
from albums.services import create_album
from conftest import Caller, Person, committing
from core.tests.answers import Answer, Json
from photos.models import Photo
from pickeez_site.dialects.pickeez.tests.shapes import photos_in, status_of
from pickeez_site.dialects.picthrive.tests.shapes import call
from pickeez_site.dialects.pictopy.tests.gallery import Gallery
from pickeez_site.dialects.pixoneye.tests.customers import Customer

MEMBERS = {"Pickeez: photo", "Pickeez: album", "PicThrive: photo", "PicThrive: group"}
GUEST = {*MEMBERS, "PictoPy: library"}  # where a guest sees their photo in the owner's album …
OWNER = {*MEMBERS, "PictoPy: album"}  # … and the album's owner
LIBRARY = {"PictoPy: library"}
NOWHERE: set[str] = set()


@dataclass
class Life:
    """A guest's photo (its id) in the owner's album, taken with a device; `content` are its bytes."""

    owner: Person
    guest: Person
    stranger: Person
    nobody: Caller
    shop: Customer
    album: Album
    content: bytes
    photo: str
    path: str
    urls: list[str]

    def seen_by(self, caller: Caller, photo: str = "") -> set[str]:
        """Where the caller sees the photo; where they may not look, it is not."""
        photo = photo or self.photo
        album = caller.get(f"/albums/{self.album.pk}")
        group = caller.get(f"/v1/Group/{self.album.pk}/Photo")
        library = caller.get("/images/all-images")
        named = caller.get("/albums/view-album", {"album_name": "Summer"})
        alone = caller.get(f"/v1/Photo/{photo}")
        found = {
            "Pickeez: photo": caller.get(f"/photos/{photo}").status_code == 200,
            "Pickeez: album": photo in _ids(album, lambda body: [row["_id"] for row in photos_in(body)]),
            "PicThrive: photo": alone.status_code == 200 and not alone.json()["Deleted"],
            "PicThrive: group": photo in _ids(group, lambda body: [row["PhotoId"] for row in body["Photos"]]),
            "PictoPy: library": self.path in _ids(library, lambda body: body["data"]["image_files"]),
            "PictoPy: album": self.path in _ids(named, lambda body: body["data"]["photos"]),
        }
        return {place for place, is_there in found.items() if is_there}

    def assert_seen(self, *, owner: set[str], guest: set[str]) -> None:
        """Where the two see it; a stranger and nobody never do, and its URLs work while the album has it."""
        assert (self.seen_by(self.owner), self.seen_by(self.guest)) == (owner, guest)
        assert (self.seen_by(self.stranger), self.seen_by(self.nobody)) == (NOWHERE, NOWHERE)
        assert {status_of(self.nobody, url) for url in self.urls} == ({200} if guest & MEMBERS else {404})

    @property
    def scanned(self) -> int:
        """What Pixoneye counts on the guest's device."""
        count: int = self.shop.get("scanned-images-by-device-id/device-1/Shop").json().get("count", 0)
        return count

    @property
    def kept(self) -> str:
        """The id of the guest's library photo."""
        return str(Photo.objects.get(album=None, owner=self.guest.user).pk)


def _ids(answer: Answer, read: Callable[[Json], list[str]]) -> list[str]:
    return read(answer.json()) if answer.status_code == 200 else []


# The actions. Each takes a life and the person who acts, and answers.
Action = Callable[[Life, Person], Answer]


def upload_file(life: Life, person: Person) -> Answer:
    file = SimpleUploadedFile("again.png", life.content)
    return person.post("/photos/", {"album_id": str(life.album.pk), "file": file})


def register_key(life: Life, person: Person) -> Answer:
    return person.post("/photos/", {"album_id": str(life.album.pk), "s3_path": life.path})


def fill_slot(life: Life, person: Person) -> Answer:
    added = call(person, "POST", f"/v1/Group/{life.album.pk}/Photo", {"AddPhotos": 1}).json()["AddedPhotos"][0]
    with committing():
        return life.nobody.client.put(added["UploadUrl"], life.content, content_type="image/png")


def copy_from_elsewhere(life: Life, person: Person) -> Answer:
    body = {"GroupId": str(life.album.pk), "DoCopy": True}
    return call(person, "PUT", f"/v1/Photo/{elsewhere(life, person)}", body)


def move_from_elsewhere(life: Life, person: Person) -> Answer:
    return call(person, "PUT", f"/v1/Photo/{elsewhere(life, person)}", {"GroupId": str(life.album.pk)})


def elsewhere(life: Life, person: Person) -> str:
    """The same bytes in an album of the person's own."""
    other = create_album(owner=person.user, name="Elsewhere")
    file = SimpleUploadedFile("elsewhere.png", life.content)
    photo_id: str = person.post("/photos/", {"album_id": str(other.pk), "file": file}).json()["_id"]
    return photo_id


def add_image(life: Life, person: Person) -> Answer:
    """PictoPy's only way into an album, which is the caller's own."""
    elsewhere(life, person)
    (path,) = {photo.original.key for photo in Photo.objects.filter(owner=person.user, album__name="Elsewhere")}
    return Gallery(person).post("/albums/add-multiple-to-album", album_name="Summer", paths=[path])


def delete_by_pickeez(life: Life, person: Person) -> Answer:
    return person.post(f"/photos/{life.photo}/delete")


def delete_by_picthrive(life: Life, person: Person) -> Answer:
    return call(person, "DELETE", f"/v1/Photo/{life.photo}")


def remove_by_pictopy(life: Life, person: Person) -> Answer:
    return Gallery(person).delete("/albums/remove-from-album", album_name="Summer", path=life.path)


def delete_image_by_pictopy(life: Life, person: Person) -> Answer:
    return Gallery(person).delete("/images/delete-image", path=life.path)


def erase_by_pixoneye(life: Life, _: Person) -> Answer:
    return life.shop.delete("delete-user-data-by-app-id/device-1/Shop")


def delete_album_by_pickeez(life: Life, person: Person) -> Answer:
    return person.post(f"/albums/{life.album.pk}/delete")


def update_album_by_pickeez(life: Life, person: Person) -> Answer:
    return person.post(f"/albums/{life.album.pk}", {"deleted": "true"})


def delete_album_by_picthrive(life: Life, person: Person) -> Answer:
    return call(person, "DELETE", f"/v1/Group/{life.album.pk}")


def delete_album_by_pictopy(life: Life, person: Person) -> Answer:
    return Gallery(person).delete("/albums/delete-album", name="Summer")


def change_invitations(life: Life, person: Person, **data: Any) -> Answer:
    return person.post(f"/albums/{life.album.pk}/invite_phones", {"phones[]": [life.guest.phone], **data})
