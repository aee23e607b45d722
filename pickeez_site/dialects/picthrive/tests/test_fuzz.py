"""Whatever is sent, the answer is one that the schema describes."""

from collections.abc import Callable, Sequence
from itertools import cycle
from typing import Any

import pytest
from django.db.models import Model
from schemathesis import Case
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from albums.models import Album
from albums.services import create_album, delete_album, ensure_tokens
from conftest import Person
from photos.services import RequestedPicture, request_zip, trash_photo
from photos.tests.builders import place_photo
from pickeez_site.dialects.openapi.examples import shown_examples_of
from pickeez_site.serving.media import MediaPaths
from pickeez_site.tests.fuzzing import IDS, PICTURES, check, fuzzed

EXAMPLE: dict[str, str] = shown_examples_of("picthrive")["shared"]["photo"]
schema = fuzzed("picthrive")
pytestmark = [pytest.mark.fuzz, pytest.mark.timeout(0)]

# A wrong Token of a group is 404: to whoever has no other, the group does not exist.
# Of a suffix the schema cannot say whether it is signed.
EXCLUDED: dict[str, list[Callable[..., Any]]] = {
    "GET /v1/Group/{group_id}/Photo": [ignored_auth],
    "POST /v1/Group/{group_id}/Zip": [positive_data_acceptance],
}


@pytest.fixture(params=["nobody", "owner", "member", "stranger", "wrong token"])
def headers(request: pytest.FixtureRequest, owner: Person, member: Person, stranger: Person) -> dict[str, str]:
    """What a caller of each kind sends."""
    tokens = {person: one.token for person, one in [("owner", owner), ("member", member), ("stranger", stranger)]}
    tokens["wrong token"] = "wrong"
    return {"Authorization": f"Bearer {tokens[request.param]}"} if request.param in tokens else {}


def named(things: Sequence[Model], *shown: str) -> dict[str, str]:
    """Every made-up id stands for one of these, an example of the schema (most requests have it) for the first."""
    return {text: str(thing.pk) for text, thing in zip([*shown, *IDS], cycle(things), strict=False)}


@pytest.fixture
def of_members(
    owner: Person, member: Person, album: Album, other_album: Album, monkeypatch: pytest.MonkeyPatch
) -> dict[str, dict[str, str]]:
    """Real ids of photos, groups and an archive for the parameters and members that take them."""
    monkeypatch.setattr("core.enqueueing.send_task", lambda *_: False)
    deleted_album = create_album(owner=owner.user, name="Winter")
    groups = [album, other_album, deleted_album]
    photos = [place_photo(album, person.user) for person in (owner, member, owner)]
    delete_album(album=deleted_album)
    trash_photo(photo=photos[-1])
    archive = request_zip(
        album=album, user=owner.user, name="Summer", pictures=[RequestedPicture(photos[0], "small")]
    )
    photo_ids = named(photos, EXAMPLE["PhotoId"])
    pictures = {EXAMPLE["Original"]: EXAMPLE["PhotoId"]} | dict(zip(PICTURES, IDS, strict=True))
    return {
        "photo_id": photo_ids,
        "group_id": named(groups, EXAMPLE["GroupId"]),
        "GroupId": named([other_album, album, deleted_album], EXAMPLE["GroupId"]),
        "zip_id": named([archive]),
        "After": named([*photos, *groups]),
        "File": {
            path: MediaPaths().signed(photo_ids[an_id], path.split("/")[3], ".jpg")
            for path, an_id in pictures.items()
        },
    }


@schema.parametrize()
def test_every_answer_is_as_described(
    case: Case, headers: dict[str, str], of_members: dict[str, dict[str, str]]
) -> None:
    check(case, headers, excluded=EXCLUDED.get(case.operation.label, []), of_members=of_members)


@pytest.fixture
def group_token(album: Album) -> dict[str, str]:
    return {"Token": ensure_tokens(albums=[album])[album.pk] or ""}


@schema.include(operation_id="picthrive-group-photos-get").parametrize()
def test_so_it_is_with_a_groups_token(
    case: Case, of_members: dict[str, dict[str, str]], group_token: dict[str, str]
) -> None:
    check(case, {}, excluded=EXCLUDED[case.operation.label], of_members=of_members, credentials=group_token)
