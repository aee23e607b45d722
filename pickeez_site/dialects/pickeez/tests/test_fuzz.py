"""Whatever is sent, the answer is one that the schema describes."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings
from schemathesis import Case
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from accounts.services import send_code
from accounts.tests.stand_in_graph import TOKEN, StandInGraph
from albums.models import Album
from conftest import Person
from core.tests.answers import Json
from faces.models import Face, Selfie, Sighting
from photos.models import Like, Original, Photo, Rendition
from pickeez_site.dialects.pickeez.tests.route_table import place_people
from pickeez_site.tests.fuzzing import IDS, check, fuzzed
from profiles.services import get_or_create_app, issue_key

schema = fuzzed("pickeez")
ALGORITHM = "^The algorithm"  # the tag
PUBLIC = "^/(ping|routes|fb.*|login/.*|invite_page)?$"
pytestmark = [pytest.mark.fuzz, pytest.mark.timeout(0)]

PASSWORD = "for-the-algorithm"
# What is good here is no matter of form: whether a code is the one that was sent, what a picture shows, whether a
# device comes with its app's key (the member sends one), whether one of two parameters is there.
NO_FORM = [
    *("/login/phone/confirm", "/confirm_phone", "/me/selfie", "/photos/", "/users/algo/model/get"),
    *("/fb_enter", "/fb_enter_browser"),
    # Whose faces they are, who is merged already, who may be suggested, whether something was said.
    *(f"/people/{{person_id}}/{what}" for what in ("merge", "split", "move", "confirm", "refuse", "take_back")),
    "/people/changes/{change_id}/undo",
]
# All ids are of one format: the parameter says for what those made up stand.
IDS_OF = {
    **dict.fromkeys(("album_id", "forced_album_id"), IDS[:1]),
    "photo_id": IDS[1:3],
    **dict.fromkeys(("user_id", "forced_user_id"), IDS[3:5]),
    "_id": IDS[5:],
    "person_id": ["PERSON-ID"],
    "to": ["OTHER-ID"],
    "change_id": ["CHANGE-ID"],
}


@pytest.fixture(scope="module")
def graph() -> Iterator[StandInGraph]:
    with StandInGraph() as stand_in:
        yield stand_in


def place(album: Album, person: Person, number: int) -> Photo:
    """A photo of the album that has been processed; nothing is stored."""
    original = Original.objects.create(
        owner=person.user, key=f"camera/{number}.png", content_type="image/png", status=Original.Status.READY
    )
    Rendition.objects.create(original=original, kind=Rendition.Kind.SMALL, key="x", width=32, height=24)
    Face.objects.create(original=original, x=10, y=20, width=40, height=40, score=1, embedding=b"", engine="x")
    path = "camera/a.png" if number == 0 else original.key
    photo = Photo.objects.create(
        original=original, album=album, owner=person.user, uploader=person.user, s3_path=path
    )
    Like.objects.create(photo=photo, user=person.user, kind=Like.Kind.LIKE)
    Sighting.objects.create(photo=photo, user=person.user, by=Sighting.By.ALGORITHM, in_last_call=True)
    return photo


@pytest.fixture
def stand_ins(
    settings: Settings,
    graph: StandInGraph,
    owner: Person,
    member: Person,
    album: Album,
    sms: list[dict[str, Json]],
) -> dict[str, str]:
    """An album with a photo of each member, a selfie, and a code that is good for the owner's phone."""
    settings.ALGO_PASSWORD = PASSWORD
    graph.set_up(settings)
    photos = [place(album, person, number) for number, person in enumerate((owner, member))]
    selfie = Selfie.objects.create(user=owner.user, key="selfies/x", sha256="x", status=Selfie.Status.ACCEPTED)
    send_code(phone=owner.phone, user=owner.user)
    send_code(phone=owner.phone)
    mine, signing_in = (message["body"].split()[-1] for message in sms[-2:])
    ids = [album.pk, *(photo.pk for photo in photos), owner.id, member.id, selfie.pk]
    people = place_people(owner.user)
    return {
        **dict(zip(IDS, map(str, ids), strict=True)),
        **{f"{name}-ID": people[f"{name.lower()}_id"] for name in ("PERSON", "OTHER", "CHANGE")},
        "CODE": mine,
        "SIGN-IN-CODE": signing_in,
        "FB-TOKEN": TOKEN,
    }


@pytest.fixture
def credentials(owner: Person, member: Person, stranger: Person) -> dict[str, dict[str, str]]:
    """The headers of each kind of caller."""
    _, key = issue_key(app=get_or_create_app(owner_id="Acme", app_id="MyApp"))
    return {
        "nobody": {},
        "owner": {"Authorization": f"Bearer {owner.token}"},
        "member": {"Authorization": f"Bearer {member.token}", "api_key": key},
        "stranger": {"Authorization": f"Bearer {stranger.token}"},
        "wrong token": {"Authorization": "Bearer wrong"},
        "algorithm": {"X-Algo-Password": PASSWORD},
        "wrong password": {"X-Algo-Password": "wrong"},
    }


def send(case: Case, headers: dict[str, str], stand_ins: dict[str, str]) -> None:
    # More is taken than the schema says: numbers and words for text, text for numbers. `test_bad_input.py` says what
    # is refused.
    excluded = [negative_data_rejection]
    if case.operation.path in NO_FORM:
        excluded.append(positive_data_acceptance)
    ids = {
        name: {made_up: stand_ins[real[number % len(real)]] for number, made_up in enumerate(IDS)}
        for name, real in IDS_OF.items()
    }
    check(case, headers, stand_ins, excluded, of_members=ids)


@pytest.mark.parametrize("who", ["nobody", "wrong token", "owner"])
@schema.include(path_regex=PUBLIC).parametrize()
def test_what_is_open_to_everybody(
    case: Case, who: str, credentials: dict[str, dict[str, str]], stand_ins: dict[str, str]
) -> None:
    send(case, credentials[who], stand_ins)


@pytest.mark.parametrize("who", ["nobody", "wrong token", "owner", "member", "stranger", "algorithm"])
@schema.exclude(path_regex=PUBLIC).exclude(tag_regex=ALGORITHM).parametrize()
def test_what_users_do(
    case: Case, who: str, credentials: dict[str, dict[str, str]], stand_ins: dict[str, str]
) -> None:
    send(case, credentials[who], stand_ins)


@pytest.mark.parametrize("who", ["nobody", "wrong password", "owner", "algorithm"])
@schema.include(tag_regex=ALGORITHM).parametrize()
def test_what_the_algorithm_does(
    case: Case, who: str, credentials: dict[str, dict[str, str]], stand_ins: dict[str, str]
) -> None:
    send(case, credentials[who], stand_ins)
