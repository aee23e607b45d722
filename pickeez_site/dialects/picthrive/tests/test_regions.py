from collections.abc import Callable

from pytest_django import Settings

from albums.models import Album
from conftest import Caller, Person
from photos.models import Photo
from pickeez_site.dialects.picthrive.tests.shapes import assert_signed_in_only, fetch


def test_each_region_has_its_base(owner: Person, stranger: Person, settings: Settings) -> None:
    settings.REGION_NAME, settings.PUBLIC_URL = "eu", "https://photos.example"
    for person in (owner, stranger):
        answer = person.get("/v1/Region/")
        assert (answer.status_code, answer.json()) == (200, {"Regions": {"eu": "https://photos.example"}})


def test_a_suffix_behind_its_regions_base_is_the_picture(
    owner: Person, nobody: Caller, album: Album, upload: Callable[..., Photo]
) -> None:
    fields = owner.get(f"/v1/Photo/{upload(owner, album).pk}").json()
    bases = owner.get("/v1/Region").json()["Regions"]
    assert fetch(nobody.client, bases[fields["Region"]] + fields["Small"])[0] == 200


def test_nobody_is_asked_to_sign_in(nobody: Caller, db: None) -> None:
    assert_signed_in_only(nobody, "GET", "/v1/Region/")
