"""The picture behind a user's `pic_url` is checked like a selfie, but fetched and not stored."""

from collections.abc import Callable

import pytest
import time_machine
from django.utils import timezone

from accounts.services import set_pic_url
from albums.models import Album
from conftest import MakePicture, Person, committing
from core.fetching import Fetched, FetchError
from core.sweeping import run_sweeps
from faces.models import Selfie

URL = "https://pictures.test/me.png"


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch, make_picture: MakePicture) -> dict[str, bytes | Exception]:
    """What the web holds: {url: bytes, or the error that fetching it raises}."""
    pages: dict[str, bytes | Exception] = {URL: make_picture(0).read()}

    class Web:
        def fetch(self, url: str, *, max_bytes: int, timeout: float) -> Fetched:
            page = pages[url]
            if isinstance(page, Exception):
                raise page
            return Fetched(page, "image/png")

    monkeypatch.setattr("faces.services.selfies.Fetcher", Web)
    return pages


def change_picture(person: Person, url: str) -> None:
    with committing():
        set_pic_url(user=person.user, pic_url=url)


def statuses(person: Person) -> list[tuple[str, str]]:
    return list(Selfie.objects.filter(user=person.user).values_list("status", "source"))


def test_the_face_of_the_profile_picture_is_accepted(
    member: Person, web: dict[str, bytes | Exception], stored: Callable[..., list[str]]
) -> None:
    change_picture(member, URL)
    assert statuses(member) == [("taken", "pic_url")]
    assert stored() == []


def test_the_member_is_recognised_by_the_profile_picture(
    owner: Person, member: Person, album: Album, web: dict[str, bytes | Exception], make_picture: MakePicture
) -> None:
    photo = owner.post("/photos/", {"album_id": album.pk, "file": make_picture(0, 1)}).json()["_id"]
    owner.post(f"/albums/{album.pk}/done_uploading")
    assert owner.get(f"/photos/{photo}").json()["computed_filters"] == []
    change_picture(member, URL)
    assert owner.get(f"/photos/{photo}").json()["computed_filters"] == [member.id]


def test_a_new_profile_picture_replaces_the_old_one(
    member: Person, web: dict[str, bytes | Exception], make_picture: MakePicture
) -> None:
    change_picture(member, URL)
    first = Selfie.objects.get(user=member.user)
    web["https://pictures.test/other.png"] = make_picture(1).read()
    change_picture(member, "https://pictures.test/other.png")
    assert Selfie.objects.get(user=member.user).embedding != first.embedding


def test_only_web_addresses_are_fetched(member: Person, web: dict[str, bytes | Exception]) -> None:
    change_picture(member, URL)
    change_picture(member, "blabla")
    assert statuses(member) == []


@pytest.mark.parametrize("page", [b"no picture", FetchError("It is not public.", retry=False)])
def test_an_unusable_profile_picture_is_refused_with_a_reason(
    member: Person, web: dict[str, bytes | Exception], page: FetchError | bytes
) -> None:
    web[URL] = page
    change_picture(member, URL)
    selfie = Selfie.objects.get(user=member.user)
    assert selfie.status == "refused"
    assert selfie.error


def test_a_fetch_that_fails_for_now_is_tried_again_and_then_given_up(
    member: Person, web: dict[str, bytes | Exception]
) -> None:
    web[URL] = FetchError("It took too long.", retry=True)
    change_picture(member, URL)
    assert statuses(member) == [("new", "pic_url")]
    with time_machine.travel(timezone.now(), tick=False) as clock:
        clock.shift(60)
        run_sweeps(everything=True)
        assert statuses(member) == [("new", "pic_url")]
        clock.shift(60)
        run_sweeps(everything=True)
        assert statuses(member) == [("refused", "pic_url")]


def test_the_profile_picture_is_not_listed_among_the_selfies(
    member: Person, web: dict[str, bytes | Exception]
) -> None:
    change_picture(member, URL)
    assert member.get("/me/selfie").json() == {"selfies": []}
