from albums.models import Album, PendingAlbum
from conftest import Caller, Person
from photos.tests.builders import place_photo
from pickeez_site.dialects.pickeez.tests.shapes import (
    ALBUM,
    assert_absent,
    assert_refused,
    assert_signed_in_only,
)


def test_the_owner_deletes_the_album_and_the_second_answer_equals_the_first(owner: Person, album: Album) -> None:
    PendingAlbum.objects.get_or_create(album=album)
    first, second = (owner.post(f"/albums/{album.pk}/delete") for _ in range(2))
    assert (first.status_code, set(first.json()), first.json()["deleted"]) == (200, ALBUM, True)
    assert (second.status_code, second.json()) == (200, first.json())
    assert not PendingAlbum.objects.exists()
    assert Album.objects.filter(pk=album.pk).exists()


def test_nobody_sees_a_deleted_album_or_its_photos(
    owner: Person, member: Person, nobody: Caller, album: Album
) -> None:
    photo = place_photo(album, member.user)
    owner.post(f"/albums/{album.pk}/delete")
    for person in (owner, member):
        assert person.get("/albums/mine").json()["albums"] == []
        assert_absent(person, "get", "/albums/{id}", album.pk)
        assert_absent(person, "get", "/photos/{id}", photo.pk)
        assert_absent(person, "post", "/albums/{id}/viewed", album.pk)
        assert_absent(person, "post", "/albums/{id}/done_uploading", album.pk)
    assert nobody.get("/invite_page", {"album_id": album.pk}).status_code == 404


def test_only_the_owner_deletes_it(member: Person, stranger: Person, nobody: Caller, album: Album) -> None:
    assert_refused(member.post(f"/albums/{album.pk}/delete"), 403)
    assert_absent(stranger, "post", "/albums/{id}/delete", album.pk)
    assert_signed_in_only(nobody, "post", f"/albums/{album.pk}/delete")
    assert Album.objects.alive().filter(pk=album.pk).exists()


def test_to_a_former_member_a_deleted_album_is_as_absent_as_to_a_stranger(
    owner: Person, member: Person, stranger: Person, album: Album
) -> None:
    owner.post(f"/albums/{album.pk}/delete")
    for person in (member, stranger):
        assert_absent(person, "post", "/albums/{id}/delete", album.pk)
