"""The rows of the table in `docs/one-life.md`, each through every API that has the action, looked at through all."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings

from albums.models import Album
from albums.services import create_album, invite_phones, restore_albums
from conftest import Caller, Person, committing, picture
from core.tests.presence import present
from photos.models import Original, Photo
from photos.services import erase_images, purge_trash, remove_dropped_files, restore_photos, trash_photos
from pickeez_site.dialects.picthrive.tests.shapes import call
from pickeez_site.dialects.pictopy.tests.gallery import Gallery
from pickeez_site.dialects.pixoneye.tests.customers import Customer
from pickeez_site.tests import one_life
from pickeez_site.tests.one_life import GUEST, LIBRARY, NOWHERE, OWNER, Action, Life

DELETED_BY_OWNER = [one_life.delete_by_pickeez, one_life.delete_by_picthrive, one_life.remove_by_pictopy]
DELETED_BY_GUEST = [one_life.delete_by_pickeez, one_life.delete_by_picthrive]
ERASED = [one_life.delete_image_by_pictopy, one_life.erase_by_pixoneye]
ALBUM_DELETED = [
    one_life.delete_album_by_pickeez,
    one_life.update_album_by_pickeez,
    one_life.delete_album_by_picthrive,
    one_life.delete_album_by_pictopy,
]
BROUGHT = [
    one_life.upload_file,
    one_life.register_key,
    one_life.fill_slot,
    one_life.copy_from_elsewhere,
    one_life.move_from_elsewhere,
]
by_name = pytest.mark.parametrize


def named(actions: Sequence[Action]) -> list[object]:
    return [pytest.param(action, id=action.__name__) for action in actions]


@pytest.fixture
def life(owner: Person, member: Person, stranger: Person, nobody: Caller, album: Album) -> Life:
    content, shop = picture(1, size=(90, 60)), Customer("Acme", "Shop")
    photo = shop.upload(member, album, content)
    fields = owner.get(f"/photos/{photo}").json()
    urls = [fields["url"], *(rendition["url"] for rendition in fields["renditions"].values())]
    path = Original.objects.get().key
    return Life(owner, member, stranger, nobody, shop, album, content.getvalue(), photo, path, urls)


def purge_in_days(days: int) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=days)), committing():
        purge_trash()
    remove_dropped_files()


def test_an_upload_is_seen_by_the_members_and_in_its_owners_library(life: Life) -> None:
    life.assert_seen(owner=OWNER, guest=GUEST)
    assert life.scanned == 1


@by_name("bring", named(BROUGHT[:2]))
def test_the_same_bytes_again_are_the_same_photo(life: Life, bring: Action) -> None:
    answers = [bring(life, life.guest) for _ in range(2)]
    assert [answer.json() for answer in answers] == [{"_id": life.photo}] * 2
    assert Photo.objects.count() == 1
    assert bring(life, life.stranger).status_code == 404
    life.assert_seen(owner=OWNER, guest=GUEST)


def test_a_copy_belongs_to_whoever_made_it_and_lives_on_its_own(life: Life) -> None:
    other = create_album(owner=life.owner.user, name="Autumn")
    body = {"GroupId": str(other.pk), "DoCopy": True}
    copied = call(life.owner, "PUT", f"/v1/Photo/{life.photo}", body).json()["PhotoId"]
    fields = life.owner.get(f"/photos/{copied}").json()
    assert (fields["owner_id"], fields["album_id"]) == (life.owner.id, str(other.pk))
    assert life.guest.get(f"/photos/{copied}").status_code == 404
    assert call(life.stranger, "PUT", f"/v1/Photo/{life.photo}", body).status_code == 404
    one_life.delete_by_picthrive(life, life.guest)
    assert life.owner.get(f"/photos/{copied}").status_code == 200


def test_a_moved_photo_keeps_its_id_and_a_guest_who_is_none_there_keeps_the_picture(life: Life) -> None:
    other = create_album(owner=life.owner.user, name="Autumn")
    for _ in range(2):
        answer = call(life.owner, "PUT", f"/v1/Photo/{life.photo}", {"GroupId": str(other.pk)})
        assert (answer.status_code, answer.json()) == (200, {"PhotoId": life.photo})
    assert life.owner.get(f"/photos/{life.photo}").json()["album_id"] == str(other.pk)
    assert life.seen_by(life.guest) == LIBRARY
    assert life.guest.get(f"/v1/Photo/{life.kept}").json()["GroupId"] is None
    assert call(life.stranger, "PUT", f"/v1/Photo/{life.photo}", {"GroupId": str(other.pk)}).status_code == 404


def test_a_sort_order_is_everybodys(life: Life) -> None:
    for person in (life.owner, life.guest):
        for _ in range(2):
            answer = call(person, "PUT", f"/v1/Photo/{life.photo}", {"SortOrder": person.id})
            assert (answer.status_code, answer.json()) == (200, {"PhotoId": life.photo})
    assert life.owner.get(f"/v1/Photo/{life.photo}").json()["SortOrder"] == life.guest.id
    assert call(life.stranger, "PUT", f"/v1/Photo/{life.photo}", {"SortOrder": "x"}).status_code == 404


def test_a_like_is_its_members_and_may_be_repeated(life: Life) -> None:
    for _ in range(2):
        answer = life.owner.post(f"/photos/{life.photo}/set_filter", {"type": "like"})
        assert answer.json() == {"msg": "ok"}
    assert life.guest.get(f"/photos/{life.photo}").json()["filters"] == {life.owner.id: "like"}
    assert life.stranger.post(f"/photos/{life.photo}/set_filter", {"type": "like"}).status_code == 404
    life.assert_seen(owner=OWNER, guest=GUEST)


@by_name("delete", named(DELETED_BY_GUEST))
def test_what_its_guest_deletes_is_gone_for_everybody_and_purged_after_thirty_days(
    life: Life, delete: Action, stored: Callable[..., list[str]]
) -> None:
    first, second = (delete(life, life.guest) for _ in range(2))
    assert (second.status_code, second.json()) == (first.status_code, first.json()) == (200, first.json())
    life.assert_seen(owner=NOWHERE, guest=NOWHERE)
    assert life.scanned == 0
    assert life.guest.get(f"/v1/Photo/{life.photo}").json()["Deleted"] is True
    assert {delete(life, person).status_code for person in (life.owner, life.stranger)} == {404}
    purge_in_days(29)
    assert stored()
    purge_in_days(31)
    assert (Photo.objects.count(), stored()) == (0, [])


@by_name("delete", named(DELETED_BY_GUEST))
@by_name("bring", named(BROUGHT[:2]))
def test_the_same_bytes_bring_it_back_for_its_guest(life: Life, delete: Action, bring: Action) -> None:
    delete(life, life.guest)
    assert bring(life, life.guest).json() == {"_id": life.photo}
    life.assert_seen(owner=OWNER, guest=GUEST)


@by_name("delete", named(DELETED_BY_GUEST))
@by_name("bring", named(BROUGHT))
def test_and_for_nobody_else(life: Life, delete: Action, bring: Action) -> None:
    delete(life, life.guest)
    bring(life, life.owner)
    assert life.seen_by(life.guest) & {"Pickeez: photo", "PicThrive: photo"} == NOWHERE
    assert not Photo.objects.alive().filter(pk=life.photo).exists()


@by_name("delete", named(DELETED_BY_OWNER))
def test_what_the_albums_owner_deletes_leaves_the_album_and_its_guest_keeps_it(life: Life, delete: Action) -> None:
    first = delete(life, life.owner)
    assert first.status_code == 200
    life.assert_seen(owner=NOWHERE, guest=LIBRARY)
    assert life.scanned == 1
    if delete != one_life.remove_by_pictopy:
        assert (delete(life, life.owner).status_code, delete(life, life.owner).json()) == (200, first.json())
    purge_in_days(31)
    assert life.guest.get(f"/photos/{life.kept}").json()["album_id"] is None
    assert life.owner.get(f"/photos/{life.kept}").status_code == 404
    assert one_life.delete_image_by_pictopy(life, life.guest).status_code == 200
    assert (Photo.objects.count(), Original.objects.count()) == (0, 0)


@by_name("delete", named(DELETED_BY_OWNER))
def test_others_delete_nothing(life: Life, delete: Action) -> None:
    own = life.owner.post("/photos/", {"album_id": str(life.album.pk), "file": picture(2)}).json()["_id"]
    assert life.guest.post(f"/photos/{own}/delete").status_code == 403
    assert call(life.guest, "DELETE", f"/v1/Photo/{own}").status_code == 403
    assert delete(life, life.stranger).status_code == 404
    life.assert_seen(owner=OWNER, guest=GUEST)


@by_name("delete", named(DELETED_BY_OWNER))
@by_name("bring", named(BROUGHT))
def test_what_the_albums_owner_has_deleted_does_not_come_back_by_its_guest(
    life: Life, delete: Action, bring: Action
) -> None:
    delete(life, life.owner)
    answer = bring(life, life.guest)
    assert answer.status_code == 403
    assert set(answer.json()) in ({"msg"}, {"Error"})
    assert (life.seen_by(life.owner), life.seen_by(life.guest)) == (NOWHERE, LIBRARY)
    purge_in_days(31)
    assert bring(life, life.guest).status_code in (403, 404)
    assert Photo.objects.alive().filter(album=life.album).count() == 0


@by_name("delete", named(DELETED_BY_OWNER))
def test_nor_when_its_guest_has_left_and_is_invited_again(life: Life, delete: Action) -> None:
    delete(life, life.owner)
    one_life.change_invitations(life, life.guest, remove="true")
    one_life.change_invitations(life, life.owner)
    life.assert_seen(owner=NOWHERE, guest=LIBRARY)


@by_name("bring", named([action for action in BROUGHT if action != one_life.register_key]))
def test_nor_by_anybody_else(life: Life, bring: Action) -> None:
    one_life.delete_by_pickeez(life, life.owner)
    invite_phones(album=life.album, phones=[life.stranger.phone])
    assert bring(life, life.stranger).status_code == 403
    assert Photo.objects.alive().filter(album=life.album).count() == 0


@by_name("delete", named(DELETED_BY_OWNER))
@by_name("bring", named([*BROUGHT, one_life.add_image]))
def test_the_albums_owner_brings_it_back_and_then_others_may_too(
    life: Life, delete: Action, bring: Action
) -> None:
    delete(life, life.owner)
    assert bring(life, life.owner).status_code in (200, 201)
    assert Photo.objects.alive().filter(album=life.album).count() == 1
    assert one_life.upload_file(life, life.guest).status_code == 200


@by_name("delete", named(DELETED_BY_OWNER))
def test_the_albums_owner_gets_no_hold_of_a_picture_that_its_guest_has_deleted_since(
    life: Life, delete: Action
) -> None:
    delete(life, life.owner)
    other = create_album(owner=life.owner.user, name="Autumn")
    in_other = {"album_id": str(other.pk), "s3_path": life.path}
    assert life.owner.post("/photos/", in_other).status_code == 403
    call(life.guest, "DELETE", f"/v1/Photo/{life.kept}")
    assert one_life.register_key(life, life.owner).status_code == 403
    brought = one_life.upload_file(life, life.owner).json()["_id"]  # the owner's own file
    assert life.owner.get(f"/photos/{brought}").json()["owner_id"] == life.owner.id


def test_a_file_whose_content_is_not_known_yet_leaves_the_album_again_and_is_kept(life: Life) -> None:
    from photos import storage

    one_life.delete_by_picthrive(life, life.owner)
    storage.save("camera/new.png", life.content)
    answer = life.guest.post("/photos/", {"album_id": str(life.album.pk), "s3_path": "camera/new.png"})
    assert answer.status_code == 200
    assert life.guest.get(f"/photos/{answer.json()['_id']}").status_code == 404
    assert life.guest.get(f"/v1/Photo/{answer.json()['_id']}").json()["Deleted"] is True
    assert Photo.objects.alive().filter(album=life.album).count() == 0
    assert life.seen_by(life.guest) == LIBRARY


@by_name("erase", named(ERASED))
def test_what_is_erased_is_gone_with_its_copies_at_once(
    life: Life, erase: Action, stored: Callable[..., list[str]]
) -> None:
    other = create_album(owner=life.owner.user, name="Autumn")
    call(life.owner, "PUT", f"/v1/Photo/{life.photo}", {"GroupId": str(other.pk), "DoCopy": True})
    assert erase(life, life.guest).status_code == 200
    remove_dropped_files()
    life.assert_seen(owner=NOWHERE, guest=NOWHERE)
    assert (Photo.objects.count(), stored()) == (0, [])
    assert erase(life, life.guest).status_code in (200, 404)
    assert one_life.upload_file(life, life.guest).status_code == 200


@by_name("delete", named(DELETED_BY_OWNER))
@by_name("days", [0, 31])
def test_the_erasure_of_a_device_takes_what_its_guest_has_kept(
    life: Life, delete: Action, days: int, stored: Callable[..., list[str]]
) -> None:
    delete(life, life.owner)
    purge_in_days(days)
    assert life.scanned == 1
    one_life.erase_by_pixoneye(life, life.guest)
    remove_dropped_files()
    assert (Photo.objects.count(), stored()) == (0, [])


@by_name("delete", named(ALBUM_DELETED))
def test_a_deleted_album_is_seen_by_nobody_and_guests_keep_their_pictures(life: Life, delete: Action) -> None:
    assert delete(life, life.owner).status_code == 200
    life.assert_seen(owner=NOWHERE, guest=LIBRARY)
    assert life.owner.get("/albums/mine").json()["albums"] == life.owner.get("/v1/Group/").json()["Groups"] == []
    again = delete(life, life.owner)
    assert again.status_code == (404 if delete == one_life.delete_album_by_pictopy else 200)
    assert one_life.upload_file(life, life.guest).status_code == 404
    with committing():
        restore_albums(albums=Album.objects.all())
    life.assert_seen(owner=OWNER, guest=GUEST)
    delete(life, life.owner)
    purge_in_days(31)
    assert (Album.objects.count(), Photo.objects.count()) == (0, 1)
    assert life.seen_by(life.guest) == LIBRARY


@by_name("delete", named(ALBUM_DELETED))
def test_only_its_owner_deletes_an_album(life: Life, delete: Action) -> None:
    assert delete(life, life.guest).status_code in (403, 404)
    assert delete(life, life.stranger).status_code == 404
    life.assert_seen(owner=OWNER, guest=GUEST)


@by_name("leaver", ["guest", "owner"])
def test_whoever_leaves_or_is_removed_takes_their_photos_along_and_brings_them_back(
    life: Life, leaver: str
) -> None:
    person: Person = getattr(life, leaver)
    first, second = (one_life.change_invitations(life, person, remove="true") for _ in range(2))
    assert (second.status_code, second.json()) == (200, first.json())
    life.assert_seen(owner=NOWHERE, guest=LIBRARY)
    assert life.guest.get(f"/albums/{life.album.pk}").status_code == 404
    one_life.change_invitations(life, life.owner)
    life.assert_seen(owner=OWNER, guest=GUEST)
    assert one_life.delete_by_pickeez(life, life.guest).status_code == 200
    life.assert_seen(owner=NOWHERE, guest=NOWHERE)


def test_whoever_deletes_themselves_takes_everything_along(life: Life, stored: Callable[..., list[str]]) -> None:
    other = create_album(owner=life.owner.user, name="Autumn")
    call(life.owner, "PUT", f"/v1/Photo/{life.photo}", {"GroupId": str(other.pk), "DoCopy": True})
    assert life.guest.post("/delete_me", {"sure": "yes"}).json() == {"msg": "ok"}
    remove_dropped_files()
    assert (life.seen_by(life.owner), Photo.objects.count(), stored()) == (NOWHERE, 0, [])
    assert life.scanned == 0


def test_an_operator_hides_a_photo_everywhere_and_nobody_else_brings_it_back(life: Life) -> None:
    trash_photos(photo_ids=[present(Photo.objects.first()).pk])
    life.assert_seen(owner=NOWHERE, guest=NOWHERE)
    for bring in BROUGHT[:2]:
        assert bring(life, life.guest).status_code == 403
    restore_photos(photo_ids=[present(Photo.objects.first()).pk])
    life.assert_seen(owner=OWNER, guest=GUEST)


class TestImported:
    """A picture that the guest has imported from the server's disk, and moved to the owner's album."""

    @pytest.fixture
    def path(self, life: Life, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> str:
        folder = tmp_path_factory.mktemp("pictures")
        settings.IMPORT_ROOTS, settings.IMPORT_USERS = [folder], [life.guest.phone]
        file = folder / "secret-folder-name.png"
        file.write_bytes(picture(3).getvalue())
        self.take(life, str(file))
        imported = present(Photo.objects.filter(s3_path=str(file)).first())
        call(life.guest, "PUT", f"/v1/Photo/{imported.pk}", {"GroupId": str(life.album.pk)})
        life.photo, life.path = str(imported.pk), str(file)
        return str(file)

    def take(self, life: Life, path: str) -> int:
        imported: int = Gallery(life.guest).post("/images/images", paths=[path]).json()["data"]
        return imported

    def test_its_path_is_shown_to_nobody_but_the_importer(self, life: Life, path: str, settings: Settings) -> None:
        assert life.guest.get(f"/photos/{life.photo}").json()["s3_path"] == path
        assert path in Gallery(life.guest).images
        folder = path.rpartition("/")[0]
        settings.ALGO_PASSWORD = "password"
        other = create_album(owner=life.owner.user, name="Autumn")
        body = {"GroupId": str(other.pk), "DoCopy": True}
        copied = call(life.owner, "PUT", f"/v1/Photo/{life.photo}", body).json()["PhotoId"]
        key = present(Photo.objects.filter(pk=life.photo).first()).original.key
        assert life.owner.get(f"/photos/{life.photo}").json()["s3_path"] == key
        forced = {"password": "password", "forced_album_id": str(life.album.pk)}
        for caller, query in [
            *((life.owner, place) for place in (f"/photos/{life.photo}", f"/photos/{copied}", "/albums/mine")),
            *((life.owner, place) for place in ("/images/all-images", "/albums/view-all", "/tag/match")),
            *((life.owner, f"/v1/{place}") for place in (f"Photo/{copied}", f"Group/{life.album.pk}/Photo")),
            (life.owner, "/albums/view-album?album_name=Summer"),
            (life.nobody, f"/invite_page?album_id={life.album.pk}"),
        ]:
            answer = caller.get(query)
            assert (answer.status_code, folder in answer.content.decode()) == (200, False), query
        assert folder not in life.nobody.get("/albums/algo/get_pending", forced).content.decode()
        removal = Gallery(life.owner).delete("/albums/remove-from-album", album_name="Summer", path=path)
        assert removal.status_code == 404  # as if there were no such image
        assert life.stranger.get(f"/photos/{life.photo}").status_code == 404
        for delete in DELETED_BY_OWNER[:2]:
            answer = delete(life, life.owner)
            assert (answer.status_code, folder in answer.content.decode()) == (200, False)

    @by_name("delete", named(DELETED_BY_OWNER[:2]))
    def test_importing_again_does_not_bring_it_back_to_the_album(
        self, life: Life, path: str, delete: Action
    ) -> None:
        delete(life, life.owner)
        for _ in range(2):
            assert self.take(life, path) == 0
        assert not Photo.objects.alive().filter(album=life.album, pk=life.photo).exists()
        assert path in Gallery(life.guest).images
        assert (
            call(life.guest, "PUT", f"/v1/Photo/{life.kept}", {"GroupId": str(life.album.pk)}).status_code == 403
        )
        purge_in_days(31)
        assert self.take(life, path) == 0
        assert path in Gallery(life.guest).images

    def test_importing_again_brings_back_what_the_importer_has_deleted(self, life: Life, path: str) -> None:
        one_life.delete_by_pickeez(life, life.guest)
        assert path not in Gallery(life.guest).images
        assert self.take(life, path) == 1
        assert path in Gallery(life.guest).images

    def test_erasing_it_by_its_path_takes_it_out_of_all_albums(self, life: Life, path: str) -> None:
        erase_images(user=life.guest.user, paths=[path])
        assert not Photo.objects.filter(pk=life.photo).exists()
