from collections.abc import Callable

import pytest
from pytest_django import Settings

from accounts.models import User
from accounts.services import verify_phone
from albums.models import Album, Invitation, PendingAlbum
from conftest import Caller, Person, committing
from core.tests.answers import Answer, Json
from pickeez_site.dialects.pickeez.tests.shapes import assert_absent, assert_refused, assert_signed_in_only


@pytest.fixture
def invite(owner: Person, album: Album) -> Callable[..., Answer]:
    """The owner invites these numbers; the answer."""
    return lambda *phones: owner.post_json(f"/albums/{album.pk}/invite_phones", {"phones": list(phones)})


@pytest.fixture
def newcomer(db: None) -> Person:
    """A user who has proved no number yet."""
    person = Person("Newcomer", "12025550144")
    person.user.verified_phone = None
    person.user.save()
    return person


def test_a_new_number_gets_an_sms_with_a_link_to_a_page(
    invite: Callable[..., Answer],
    nobody: Caller,
    album: Album,
    sms: list[dict[str, Json]],
    pushes: list[dict[str, Json]],
    settings: Settings,
) -> None:
    sms.clear()
    pushes.clear()
    answer = invite("+972 52-293-4321")
    assert (answer.status_code, answer.json()) == (
        200,
        {"updated_album_phones": ["12025550122", "972522934321"], "link_id": str(album.pk)},
    )
    (message,) = sms
    assert message["to"] == "972522934321"
    link = message["body"].split()[-1]
    assert link.startswith(f"{settings.PUBLIC_URL}/i/")
    assert nobody.get(link.removeprefix(settings.PUBLIC_URL)).status_code == 200
    assert pushes == []


def test_a_registered_number_gets_a_push_and_no_sms(
    invite: Callable[..., Answer],
    stranger: Person,
    album: Album,
    sms: list[dict[str, Json]],
    pushes: list[dict[str, Json]],
) -> None:
    sms.clear()
    pushes.clear()
    invite(stranger.phone)
    (push,) = pushes
    assert (push["to"], push["token"]) == (stranger.id, "device-of-Stranger")
    assert push["data"]["album_id"] == str(album.pk)
    assert "Summer" in push["body"]
    assert sms == []
    assert stranger.get(f"/albums/{album.pk}").status_code == 200


def test_a_registered_number_has_the_album_queued_and_a_new_one_not(
    settings: Settings, invite: Callable[..., Answer], stranger: Person
) -> None:
    settings.ALBUM_PROCESSOR = "external"
    PendingAlbum.objects.all().delete()
    invite("12025550144")
    assert not PendingAlbum.objects.exists()
    invite(stranger.phone)
    assert PendingAlbum.objects.ready().count() == 1


def test_inviting_again_changes_nothing_and_tells_nobody_twice(
    invite: Callable[..., Answer], stranger: Person, sms: list[dict[str, Json]], pushes: list[dict[str, Json]]
) -> None:
    first = invite(stranger.phone, "12025550144")
    told = len(sms), len(pushes)
    second = invite("(202) 555-0144", stranger.phone, "+1 202 555 0144", "12025550144")
    assert second.json() == first.json()
    assert (len(sms), len(pushes)) == told
    assert Invitation.objects.count() == 3


def test_a_local_number_is_read_in_the_country_of_the_caller(owner: Person, album: Album) -> None:
    with committing():
        verify_phone(user=owner.user, phone="972522934321")
    answer = owner.post(f"/albums/{album.pk}/invite_phones", {"phones[]": ["052-293-4322", "+1 202 555 0144"]})
    assert answer.json()["updated_album_phones"] == ["12025550122", "972522934322", "12025550144"]


def test_the_documents_own_numbers_are_taken(owner: Person, album: Album) -> None:
    answer = owner.post(
        f"/albums/{album.pk}/invite_phones",
        b"phones[]=555&phones[]=777",
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.json()["updated_album_phones"] == ["12025550122", "555", "777"]
    assert owner.post(f"/albums/{album.pk}/invite_phones?phones[]=888").status_code == 200


def test_the_owners_own_number_makes_no_guest_of_the_owner(
    invite: Callable[..., Answer],
    owner: Person,
    album: Album,
    sms: list[dict[str, Json]],
    pushes: list[dict[str, Json]],
) -> None:
    pushes.clear()
    assert invite(owner.phone).json()["updated_album_phones"] == ["12025550122"]
    assert (len(owner.get(f"/albums/{album.pk}").json()["users"]), pushes) == (2, [])


def test_a_number_that_the_owner_proves_later_is_not_pending_any_more(
    invite: Callable[..., Answer], owner: Person, album: Album
) -> None:
    invite("12025550144")
    with committing():
        verify_phone(user=owner.user, phone="12025550144")
    seen = owner.get(f"/albums/{album.pk}").json()
    assert seen["pending_phones"] == []
    assert [user["_id"] for user in seen["users"]].count(owner.id) == 1


def test_who_proves_an_invited_number_joins_and_the_album_is_queued(
    settings: Settings, invite: Callable[..., Answer], newcomer: Person, album: Album
) -> None:
    settings.ALBUM_PROCESSOR = "external"
    invite("12025550144")
    PendingAlbum.objects.all().delete()
    assert_absent(newcomer, "get", "/albums/{id}", album.pk)
    with committing():
        verify_phone(user=newcomer.user, phone="12025550144")
    assert newcomer.get(f"/albums/{album.pk}").json()["pending_phones"] == []
    assert PendingAlbum.objects.ready().count() == 1


def test_a_number_taken_over_leaves_the_first_in_the_albums(
    member: Person, album: Album, newcomer: Person
) -> None:
    with committing():
        verify_phone(user=newcomer.user, phone=member.phone)
    assert member.get(f"/albums/{album.pk}").status_code == 200
    assert_absent(newcomer, "get", "/albums/{id}", album.pk)


def test_inviting_a_number_again_reaches_its_new_holder_too(
    invite: Callable[..., Answer], owner: Person, member: Person, album: Album, newcomer: Person
) -> None:
    with committing():
        verify_phone(user=newcomer.user, phone=member.phone)
    assert invite(member.phone).json()["updated_album_phones"] == [member.phone]
    for person in (member, newcomer):
        seen = person.get(f"/albums/{album.pk}").json()
        assert {user["_id"] for user in seen["users"]} == {owner.id, member.id, newcomer.id}


def test_only_the_owner_invites(member: Person, stranger: Person, nobody: Caller, album: Album) -> None:
    data = {"phones[]": ["12025550144"]}
    path = "/albums/{id}/invite_phones"
    assert_refused(member.post(path.format(id=album.pk), data), 403)
    assert_absent(stranger, "post", path, album.pk, data)
    assert_signed_in_only(nobody, "post", path.format(id=album.pk), data)
    assert Invitation.objects.count() == 1


@pytest.mark.parametrize(
    "number", ["", "12", "1" * 16, "call me", "+", "555\0", "<script>", "+52 55 1234 5678 ext. 9"]
)
def test_what_is_no_number_is_refused_and_then_none_is_invited(
    invite: Callable[..., Answer], number: str, sms: list[dict[str, Json]]
) -> None:
    sms.clear()
    assert_refused(invite("12025550144", number), 400)
    assert (Invitation.objects.count(), sms) == (1, [])


@pytest.mark.parametrize("phones", [[True], [None], [["555"]], [{}], {"555": 1}, None, [], 1.5])
def test_what_is_no_list_of_numbers_is_refused(owner: Person, album: Album, phones: Json) -> None:
    assert_refused(owner.post_json(f"/albums/{album.pk}/invite_phones", {"phones": phones}), 400)


def test_the_numbers_must_be_given(owner: Person, album: Album) -> None:
    answer = owner.post(f"/albums/{album.pk}/invite_phones")
    assert_refused(answer, 400, "Missing parameter: phones")


@pytest.mark.parametrize(("number", "status"), [(1000, 200), (1001, 400), (100_000, 400)])
def test_a_thousand_numbers_at_once_are_the_limit(
    settings: Settings, invite: Callable[..., Answer], number: int, status: int
) -> None:
    settings.SMS_BY_USER_PER_HOUR = settings.SMS_PER_COUNTRY_PER_HOUR = 1000
    phones = [str(99_900_000 + index) for index in range(number)]
    assert invite(*phones).status_code == status
    assert Invitation.objects.count() == (1001 if status == 200 else 1)


@pytest.mark.parametrize(
    ("owner_name", "album_name", "body"),
    [
        ("Eileen", "Summer", "Eileen invited you to the album “Summer”"),
        ("", "Summer", "A friend invited you to the album “Summer”"),
        ("Eileen", "", "Eileen invited you to an album"),
        (
            "Bank.com",
            "Win at https://evil.com/x\nnow",
            "Bank com invited you to the album “Win at evil com/x now”",
        ),
        ("x" * 200, "y" * 500, f"{'x' * 59}… invited you to the album “{'y' * 59}…”"),
    ],
)
def test_the_sms_names_inviter_and_album_on_one_line_without_links(
    invite: Callable[..., Answer],
    owner: Person,
    album: Album,
    sms: list[dict[str, Json]],
    settings: Settings,
    owner_name: str,
    album_name: str,
    body: str,
) -> None:
    User.objects.filter(pk=owner.id).update(name=owner_name)
    Album.objects.filter(pk=album.pk).update(name=album_name)
    invite("12025550144")
    text, _, link = sms[-1]["body"].rpartition(": ")
    assert (text, link.startswith(settings.PUBLIC_URL)) == (body, True)


@pytest.mark.parametrize("name", ["SMS_BY_USER_PER_HOUR", "SMS_PER_HOUR", "SMS_PER_COUNTRY_PER_HOUR"])
def test_over_a_limit_of_sms_nobody_is_invited_and_the_answer_says_when(
    settings: Settings, invite: Callable[..., Answer], sms: list[dict[str, Json]], name: str
) -> None:
    setattr(settings, name, 2)
    assert invite("12025550144").status_code == 200
    told = len(sms)
    for refused in (invite("12025550145", "12025550146"), invite("12025550145", "12025550146", "12025550147")):
        assert_refused(refused, 429)
        assert 1 <= int(refused["Retry-After"]) <= 3600
    assert refused.json()["msg"] == "Only 2 are possible within an hour. Please send fewer at once."
    assert (len(sms), Invitation.objects.count()) == (told, 2)
    assert invite("12025550145").status_code == 200


def test_who_is_registered_is_invited_without_an_sms_whatever_the_limits_and_countries(
    settings: Settings, invite: Callable[..., Answer], stranger: Person, pushes: list[dict[str, Json]]
) -> None:
    settings.SMS_PER_HOUR = 1
    settings.SMS_COUNTRIES = ["IL"]
    assert invite("972522934321").status_code == 200
    assert invite(stranger.phone).status_code == 200
    assert pushes[-1]["to"] == stranger.id


@pytest.mark.parametrize("number", ["+1 900 234 5678", "+881 612 345 678", "112"])
def test_premium_satellite_and_emergency_numbers_are_not_invited_and_then_none_is(
    invite: Callable[..., Answer], sms: list[dict[str, Json]], number: str
) -> None:
    told = len(sms)
    refused = invite("12025550144", number)
    assert_refused(refused, 400)
    assert refused.json()["msg"].startswith("No SMS are sent to")
    assert (len(sms), Invitation.objects.count()) == (told, 1)


def test_invitations_go_to_the_countries_of_the_setting_only_and_then_none_does(
    settings: Settings, invite: Callable[..., Answer], sms: list[dict[str, Json]]
) -> None:
    settings.SMS_COUNTRIES = ["IL"]
    told = len(sms)
    assert_refused(invite("972522934321", "12025550144"), 400)
    assert (len(sms), Invitation.objects.count()) == (told, 1)
    assert invite("972522934321").status_code == 200
    assert [message["to"] for message in sms[told:]] == ["972522934321"]


def test_two_forms_of_one_mobile_are_one_invitation(invite: Callable[..., Answer]) -> None:
    answer = invite("+52 1 55 1234 5678", "+52 55 1234 5678", "+55 11 6123-4567", "+55 11 96123-4567")
    assert answer.json()["updated_album_phones"] == ["12025550122", "525512345678", "5511961234567"]
