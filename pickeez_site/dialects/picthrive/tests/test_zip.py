import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core.files.base import File
from django.utils import timezone

from albums.models import Album
from albums.services import delete_album, uninvite_phones
from conftest import Caller, Person, committing
from core.tests.answers import Answer, Json
from core.tests.presence import present
from photos.models import Original, Photo, Zip
from photos.services import build_zip, clean_up_zips, remove_dropped_files, trash_photo
from photos.storage import StorageUnavailable
from photos.tests.builders import place_photo
from pickeez_site.dialects.picthrive.tests.shapes import (
    assert_absent,
    assert_refused,
    assert_signed_in_only,
    call,
    fetch,
)
from pickeez_site.serving.media import MediaPaths


@pytest.fixture
def files(owner: Person, member: Person, album: Album, upload: Callable[..., Photo]) -> list[dict[str, Json]]:
    """Two pictures as a client asks for them."""
    upload(owner, album, "one.png")
    upload(member, album, "two.png")
    photos = owner.get(f"/v1/Group/{album.pk}/Photo").json()["Photos"]
    return [
        {"File": photos[0]["Original"], "FileName": "one.png", "Region": photos[0]["Region"]},
        {"File": photos[1]["Medium"], "FileName": "two.jpg", "Region": photos[1]["Region"]},
    ]


def ask(
    person: Person,
    album: Album,
    files: Json,
    **more: str,
) -> Answer:
    return call(person, "POST", f"/v1/Group/{album.pk}/Zip", {"Photos": files, "Name": "Summer", **more})


def status_of(person: Person, answer: Answer) -> Answer:
    return person.get(answer.json()["Status"])


def opened(nobody: Caller, status: Answer) -> zipfile.ZipFile:
    code, body = fetch(nobody.client, status.json()["Url"])
    assert code == 200
    return zipfile.ZipFile(io.BytesIO(body))


def test_the_pictures_are_in_the_archive_byte_for_byte_under_their_names(
    member: Person, nobody: Caller, album: Album, files: list[dict[str, Json]]
) -> None:
    answer = ask(member, album, files)
    assert (answer.status_code, set(answer.json())) == (200, {"Status"})
    status = status_of(member, answer)
    assert (status.status_code, set(status.json())) == (200, {"Progress", "Url", "Region"})
    assert (status.json()["Progress"], status.json()["Region"]) == (1, "picthrive-dyn")
    archive = opened(nobody, status)
    assert archive.testzip() is None
    assert archive.namelist() == ["one.png", "two.jpg"]
    for file in files:
        assert archive.read(file["FileName"]) == fetch(nobody.client, file["File"])[1]
    assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}


def test_it_is_downloaded_under_its_name(
    member: Person, nobody: Caller, album: Album, files: list[dict[str, Json]]
) -> None:
    answer = nobody.get(status_of(member, ask(member, album, files)).json()["Url"])
    assert answer["Content-Disposition"] == 'attachment; filename="Summer.zip"'
    assert answer["Content-Type"] == "application/zip"
    answer.close()


def test_an_interrupted_download_goes_on(
    member: Person, nobody: Caller, album: Album, files: list[dict[str, Json]]
) -> None:
    url = status_of(member, ask(member, album, files)).json()["Url"]
    whole = nobody.get(url)
    content = whole.getvalue()
    rest = nobody.get(url, headers={"range": "bytes=100-", "if-range": whole["ETag"]})
    assert (rest.status_code, rest["Content-Range"]) == (206, f"bytes 100-{len(content) - 1}/{len(content)}")
    assert (rest.getvalue(), rest["Content-Disposition"]) == (content[100:], whole["Content-Disposition"])
    assert nobody.get(url, headers={"range": "bytes=9999999-"}).status_code == 416


def test_until_it_is_made_its_progress_is_told(
    member: Person, album: Album, files: list[dict[str, Json]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.enqueueing.send_task", lambda *_: False)
    answer = ask(member, album, files)
    assert status_of(member, answer).json() == {"Progress": 0, "Url": None, "Region": "picthrive-dyn"}
    Zip.objects.update(done=1)
    assert status_of(member, answer).json()["Progress"] == 0.5
    assert build_zip(zip_id=Zip.objects.get().pk)
    assert status_of(member, answer).json()["Progress"] == 1
    assert not build_zip(zip_id=Zip.objects.get().pk)


def test_names_are_made_safe_and_unique(
    member: Person, nobody: Caller, album: Album, files: list[dict[str, Json]]
) -> None:
    names = ["../../etc/passwd", "A.jpg", "a.jpg", "a.jpg", "", "CON.jpg", "x\u202e\n.jpg", "."]
    asked = [{**files[1], "FileName": name} for name in names]
    archive = opened(nobody, status_of(member, ask(member, album, asked, Name="../up")))
    assert archive.namelist() == [
        ".._.._etc_passwd.jpg".removeprefix(".."),
        "A.jpg",
        "a (2).jpg",
        "a (3).jpg",
        "two.jpg",
        "_CON.jpg",
        "x__.jpg",
        "file.jpg",
    ]
    assert Zip.objects.get().name == "_up.zip"


def test_names_are_unique_also_when_composed_and_have_the_ending_of_a_picture(
    member: Person, nobody: Caller, album: Album, files: list[dict[str, Json]]
) -> None:
    names = ["Caf\u00e9.jpg", "Cafe\u0301.jpg", "CAFE\u0301.JPG", "v1.2", "a.exe", "b", "c.JPEG", "d."]
    asked = [{**files[1], "FileName": name} for name in names]
    archive = opened(nobody, status_of(member, ask(member, album, asked)))
    assert archive.namelist() == [
        *("Caf\u00e9.jpg", "Caf\u00e9 (2).jpg", "CAF\u00c9 (3).JPG", "v1.2.jpg", "a.exe.jpg", "b.jpg", "c.JPEG"),
        "d.jpg",
    ]


def test_times_in_it_are_local_to_the_photos(
    owner: Person, nobody: Caller, album: Album, files: list[dict[str, Json]]
) -> None:
    noon = datetime(2024, 7, 1, 12, tzinfo=UTC)
    first, second = Photo.objects.filter(album=album).order_by("sort_order")
    Original.objects.filter(pk=first.original_id).update(taken_at=noon, utc_offset=-210)
    Photo.objects.filter(pk=second.pk).update(local_creation_date="2023-02-01T10:30:00+09:00")
    infos = opened(nobody, status_of(owner, ask(owner, album, files))).infolist()
    assert [info.date_time for info in infos] == [(2024, 7, 1, 8, 30, 0), (2023, 2, 1, 10, 30, 0)]


@pytest.mark.parametrize("more", [{"Region": None}, {"Region": ""}, {"FileName": None}, {}])
def test_region_and_file_name_may_be_missing(
    member: Person, album: Album, files: list[dict[str, Json]], more: dict[str, object]
) -> None:
    assert status_of(member, ask(member, album, [{**files[0], **more}])).json()["Url"]


def test_without_a_name_it_is_called_like_the_group(
    member: Person, album: Album, files: list[dict[str, Json]]
) -> None:
    call(member, "POST", f"/v1/Group/{album.pk}/Zip", {"Photos": files})
    assert Zip.objects.get().name == "Summer.zip"


@pytest.mark.parametrize(
    "photos",
    [
        None,
        [],
        "all",
        {},
        [3],
        [{}],
        [{"File": 3}],
        [{"File": ""}],
        [{"File": "/etc/passwd"}],
        [{"File": "/media/x/small/1-x.jpg"}],
        [{"File": f"/media/{uuid4()}/selfie/1-x.jpg"}],
        [{"File": f"/media/{uuid4()}/small/1-x.jpg", "Region": "mars"}],
        [{"File": f"/media/{uuid4()}/small/1-x.jpg", "Region": ["picthrive-dyn"]}],
        [{"File": f"/media/{uuid4()}/small/1-x.jpg\0"}],
        [{"File": f"/media/{uuid4()}/small/1-x.jpg", "FileName": 3}],
        [{"File": f"/media/{uuid4()}/small/1-x.jpg"}] * 5001,
    ],
)
def test_what_names_no_pictures_is_a_400(owner: Person, album: Album, photos: Json) -> None:
    assert_refused(ask(owner, album, photos), 400)
    assert not Zip.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda suffix: suffix + "?a=1",
        lambda suffix: suffix + "/",
        lambda suffix: "https://photos.example" + suffix,
        lambda suffix: suffix.lstrip("/"),
        lambda suffix: suffix.replace("/medium/", "/original/"),
        lambda suffix: suffix.replace("/medium/", "/Medium/"),
        lambda suffix: suffix.replace(".jpg", ".png"),
        lambda suffix: suffix.replace("-", "-0", 5),
        lambda suffix: suffix.upper(),
        lambda suffix: suffix[:-6] + ("A" if suffix[-6] != "A" else "B") + suffix[-5:],
    ],
)
def test_a_suffix_that_was_not_given_out_so_is_a_400(
    member: Person, album: Album, files: list[dict[str, Json]], change: Callable[[str], str]
) -> None:
    assert_refused(ask(member, album, [files[0], {**files[1], "File": change(files[1]["File"])}]), 400)
    assert not Zip.objects.exists()


def test_a_suffix_that_has_expired_still_names_its_picture(
    member: Person, album: Album, files: list[dict[str, Json]]
) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=9)):
        assert ask(member, album, files).status_code == 200


def test_a_picture_of_another_group_or_of_nobody_is_refused(
    owner: Person,
    member: Person,
    album: Album,
    other_album: Album,
    upload: Callable[..., Photo],
    files: list[dict[str, Json]],
) -> None:
    foreign = owner.get(f"/v1/Photo/{upload(owner, other_album).pk}").json()["Medium"]
    unknown = MediaPaths().rendition(uuid4(), "small")
    for person in (owner, member):
        for suffix in (foreign, unknown):
            assert_refused(
                ask(person, album, [*files, {"File": suffix, "FileName": "a", "Region": "picthrive-dyn"}]), 404
            )
    assert not Zip.objects.exists()


def test_only_its_maker_sees_the_status(
    owner: Person, member: Person, stranger: Person, nobody: Caller, album: Album, files: list[dict[str, Json]]
) -> None:
    path = ask(member, album, files).json()["Status"].removeprefix("http://127.0.0.1:8000")
    for person in (owner, stranger):
        assert_absent(person, "GET", "/v1/Zip/{id}", path.rsplit("/", 1)[1])
    assert_signed_in_only(nobody, "GET", path)


def test_to_a_stranger_the_group_does_not_exist_and_nobody_is_asked_to_sign_in(
    stranger: Person, nobody: Caller, album: Album, files: list[dict[str, Json]]
) -> None:
    body = {"Photos": files, "Name": "a"}
    assert_absent(stranger, "POST", "/v1/Group/{id}/Zip", album.pk, body)
    assert_signed_in_only(nobody, "POST", f"/v1/Group/{album.pk}/Zip", body)


def test_it_is_gone_after_a_day_and_its_file_with_it(
    member: Person, nobody: Caller, album: Album, files: list[dict[str, Json]], stored: Callable[..., list[str]]
) -> None:
    answer = ask(member, album, files)
    url = status_of(member, answer).json()["Url"]
    assert len(stored("zips")) == 1
    with time_machine.travel(timezone.now() + timedelta(hours=24, seconds=1)):
        assert nobody.get(url).status_code == 404
        assert_refused(status_of(member, answer), 404)
        with committing():
            clean_up_zips()
        remove_dropped_files()
    assert (stored("zips"), Zip.objects.count()) == ([], 0)


@pytest.mark.parametrize("what", ["photo deleted", "group deleted", "membership lost"])
def test_it_is_refused_at_once_when_its_maker_may_not_see_it_any_more(
    owner: Person, member: Person, nobody: Caller, album: Album, files: list[dict[str, Json]], what: str
) -> None:
    url = status_of(member, ask(member, album, files)).json()["Url"]
    if what == "photo deleted":
        trash_photo(photo=present(album.photos.first()))
    elif what == "group deleted":
        delete_album(album=album)
    else:
        uninvite_phones(album=album, phones=[member.phone])
    assert nobody.get(url).status_code == 404


def test_a_picture_whose_file_is_not_there_is_told(owner: Person, album: Album) -> None:
    place_photo(album, owner.user)
    (photo,) = owner.get(f"/v1/Group/{album.pk}/Photo").json()["Photos"]
    status = status_of(
        owner, ask(owner, album, [{"File": photo["Small"], "FileName": "a.jpg", "Region": "picthrive-dyn"}])
    )
    assert status.json() == {
        "Progress": 0,
        "Url": None,
        "Region": "picthrive-dyn",
        "Error": "The file of a.jpg is not in the storage.",
    }


def test_a_storage_that_is_away_is_waited_for(
    member: Person, album: Album, files: list[dict[str, Json]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_args: File | str) -> None:
        raise StorageUnavailable

    with monkeypatch.context() as patched:
        patched.setattr("photos.storage.save", away)
        answer = ask(member, album, files)
        assert status_of(member, answer).json()["Url"] is None
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        clean_up_zips()
        assert status_of(member, answer).json()["Url"]


def test_an_archive_that_takes_its_worker_with_it_is_given_up(
    member: Person, album: Album, files: list[dict[str, Json]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.enqueueing.send_task", lambda *_: False)
    answer = ask(member, album, files)
    Zip.objects.update(tries=3)
    clean_up_zips()
    assert status_of(member, answer).json()["Error"] == "Given up: it was not made in 3 tries."


def test_an_archive_in_a_bucket_is_made_and_downloaded_from_there(
    bucket: str, member: Person, nobody: Caller, album: Album, upload: Callable[..., Photo]
) -> None:
    import urllib.request

    upload(member, album, "one.png")
    (photo,) = member.get(f"/v1/Group/{album.pk}/Photo").json()["Photos"]
    status = status_of(member, ask(member, album, [{"File": photo["Original"], "FileName": "one.png"}]))
    with urllib.request.urlopen(nobody.get(status.json()["Url"])["Location"], timeout=10) as answer:
        assert answer.headers["Content-Disposition"] == 'attachment; filename="Summer.zip"'
        archive = zipfile.ZipFile(io.BytesIO(answer.read()))
    assert (archive.namelist(), archive.testzip()) == (["one.png"], None)
