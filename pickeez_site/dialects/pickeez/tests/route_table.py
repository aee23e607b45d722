"""Every route of the dialect: who may call it, and with what. A route without a row fails `test_access.py`."""

from dataclasses import dataclass, field
from typing import Any

from accounts.models import User
from conftest import MakePicture
from faces.services import move_faces, refuse_user
from faces.tests.libraries import add_person
from pickeez_site.dialects.pickeez.urls import urlpatterns

PASSWORD = "open-sesame"
CALLERS = ("owner", "member", "stranger", "nobody", "algorithm")
IN_PATH = ("album_id", "photo_id", "person_id", "change_id")
PICTURE = object()  # a new picture for each request
NEW_PHONE = "12025550199"
Statuses = tuple[int, int, int, int, int]

EVERYBODY: Statuses = (200, 200, 200, 200, 200)
SIGNED_IN: Statuses = (200, 200, 200, 401, 401)
MEMBERS: Statuses = (200, 200, 404, 401, 401)
OWNER: Statuses = (200, 403, 404, 401, 401)
OWN_LIBRARY: Statuses = (200, 404, 404, 401, 401)
ALGORITHM: Statuses = (401, 401, 401, 401, 200)


@dataclass(frozen=True)
class Row:
    """What each of the `CALLERS` is answered when they send `good`, and the names of `other` parameters."""

    statuses: Statuses
    good: dict[str, Any] = field(default_factory=dict)
    other: tuple[str, ...] = ()


def everywhere(status: int) -> Statuses:
    return (status, status, status, status, status)


FORGED = {"code": "abc", "state": "forged"}
IN_ALBUM = ("s3_path", "s3_server_id", "photo_local_id", "photo_creation_date", "local_creation_date", "num_faces")
TABLE: dict[tuple[str, str], Row] = {
    ("root", "GET"): Row(EVERYBODY),
    ("ping", "GET"): Row(EVERYBODY),
    ("routes", "GET"): Row(EVERYBODY),
    # People
    ("fb", "GET"): Row(everywhere(302)),
    ("fb-enter", "GET"): Row(everywhere(401), FORGED, ("error",)),
    ("fb-enter-browser", "GET"): Row(everywhere(401), FORGED, ("error",)),
    ("login-phone", "POST"): Row(EVERYBODY, {"phone": NEW_PHONE}),
    ("login-phone-confirm", "POST"): Row(everywhere(400), {"phone": NEW_PHONE, "code": "000000"}),
    ("logout", "POST"): Row(SIGNED_IN),
    ("me", "GET"): Row(SIGNED_IN),
    ("selfie", "GET"): Row(SIGNED_IN),
    ("selfie", "POST"): Row(SIGNED_IN, {"file": PICTURE}),
    ("selfie-delete", "POST"): Row(SIGNED_IN, other=("_id",)),
    ("set-phone", "POST"): Row(SIGNED_IN, {"phone": NEW_PHONE}),
    ("resend-code", "POST"): Row(SIGNED_IN),
    ("confirm-phone", "POST"): Row((400, 400, 400, 401, 401), {"code": "000000"}),
    ("set-pic-url", "POST"): Row(SIGNED_IN, {"pic_url": "blabla"}),
    ("set-fields", "POST"): Row(SIGNED_IN, {"field": "send_push_notifs", "val": "true"}),
    ("which-phones", "GET"): Row(SIGNED_IN, {"phones": [NEW_PHONE]}),
    ("which-phones", "POST"): Row(SIGNED_IN, {"phones": [NEW_PHONE]}),
    ("delete-me", "POST"): Row(SIGNED_IN, {"sure": "yes"}),
    # The caller's people
    ("people", "GET"): Row(SIGNED_IN, {}, ("hidden", "limit", "after")),
    ("people-changes", "GET"): Row(SIGNED_IN, {}, ("limit", "before")),
    ("people-undo", "POST"): Row(OWN_LIBRARY),
    ("person", "GET"): Row(OWN_LIBRARY, {}, ("limit", "after")),
    ("person", "POST"): Row(OWN_LIBRARY, {"name": "Ada"}, ("hidden",)),
    ("person-merge", "POST"): Row(OWN_LIBRARY, {"people": ["{other_id}"]}),
    ("person-split", "POST"): Row(OWN_LIBRARY, {"faces": ["{face_id}"]}),
    ("person-move", "POST"): Row(OWN_LIBRARY, {"faces": ["{face_id}"], "to": "{other_id}"}),
    ("person-confirm", "POST"): Row(OWN_LIBRARY, {"user_id": "{user_id}"}),
    ("person-refuse", "POST"): Row(OWN_LIBRARY, {"user_id": "{user_id}"}),
    ("person-take-back", "POST"): Row(OWN_LIBRARY, {"user_id": "{user_id}"}),
    # Albums
    ("album-create", "POST"): Row(SIGNED_IN, {"name": "x"}, ("album_local_id",)),
    ("albums-mine", "GET"): Row(SIGNED_IN, {}, ("limit", "before", "photos")),
    ("album", "GET"): Row(MEMBERS, {}, ("photos_after",)),
    ("album", "POST"): Row(OWNER, {"name": "x"}, ("album_local_id", "local_album_id", "deleted")),
    ("album-local-id", "POST"): Row(MEMBERS, {"album_local_id": "x"}),
    ("album-invite-phones", "POST"): Row(OWNER, {"phones": [NEW_PHONE]}, ("remove",)),
    ("album-viewed", "POST"): Row(MEMBERS),
    ("album-done-uploading", "POST"): Row(MEMBERS),
    ("album-delete", "POST"): Row(OWNER),
    ("invite-page", "GET"): Row(EVERYBODY, {"album_id": "{album_id}"}, ("filtered", "wide")),
    # Photos
    ("photos", "POST"): Row(MEMBERS, {"album_id": "{album_id}", "file": PICTURE}, IN_ALBUM),
    ("photo", "GET"): Row(MEMBERS),
    ("photo-set-filter", "POST"): Row(MEMBERS, {"type": "like"}),
    ("photo-local-id", "POST"): Row(MEMBERS, {"photo_local_id": "x"}),
    ("photo-faces-data", "POST"): Row(OWNER, {"rectangles": "[]"}),
    ("photo-delete", "POST"): Row(OWNER),
    # The algorithm's side
    ("algo-get-pending", "GET"): Row(ALGORITHM, {}, ("forced_album_id",)),
    ("algo-get-pending", "POST"): Row(ALGORITHM, {}, ("forced_album_id",)),
    ("algo-all-pending", "GET"): Row(ALGORITHM),
    ("algo-all-pending", "POST"): Row(ALGORITHM),
    ("algo-set-all-as-pending", "GET"): Row(ALGORITHM),
    ("algo-set-all-as-pending", "POST"): Row(ALGORITHM),
    ("algo-remove-pending", "GET"): Row(ALGORITHM),
    ("algo-remove-pending", "POST"): Row(ALGORITHM),
    ("algo-set-photos", "POST"): Row(ALGORITHM, {"photos": "{}"}),
    ("algo-pending-model", "GET"): Row(ALGORITHM, {}, ("forced_user_id", "limit")),
    ("algo-pending-model", "POST"): Row(ALGORITHM, {}, ("forced_user_id", "limit")),
    ("algo-make-all-pending", "GET"): Row(ALGORITHM),
    ("algo-make-all-pending", "POST"): Row(ALGORITHM),
    ("algo-get-model", "GET"): Row(ALGORITHM, {"user_id": "{user_id}"}, ("forced_user_id",)),
    ("algo-set-model", "POST"): Row(ALGORITHM, {"user_id": "{user_id}", "model": "{}"}),
}


OF_PEOPLE = ("person_id", "other_id", "face_id", "change_id")


def routes() -> dict[tuple[str, str], str]:
    """{(name, METHOD): path} of the URL configuration, the ids in the path as `{album_id}` and `{photo_id}`."""
    return {
        (pattern.name, method.upper()): "/" + str(pattern.pattern).replace("<str:", "{").replace(">", "}")
        for pattern in urlpatterns
        if pattern.name
        for method in vars(pattern.callback)["actions"]
        if method != "head"
    }


def names(route: tuple[str, str]) -> str:
    """How a route is called in a test's name."""
    return " ".join(route)


def filled(good: dict[str, Any], ids: dict[str, str], make_picture: MakePicture) -> dict[str, Any]:
    """The parameters with ids and pictures in their places."""

    def put_in(value: Any) -> Any:
        if isinstance(value, list):
            return [put_in(item) for item in value]
        named = isinstance(value, str) and value.startswith("{") and value != "{}"
        return ids[value[1:-1]] if named else value

    return {name: make_picture(0) if value is PICTURE else put_in(value) for name, value in good.items()}


class Ids(dict[str, str]):
    """The ids of an owner's things by name; the people of the library are placed when one is first asked for."""

    def __init__(self, owner: User, **ids: str) -> None:
        super().__init__(ids, user_id=str(owner.pk))
        self._owner = owner

    def __missing__(self, name: str) -> str:
        if name not in OF_PEOPLE:
            raise KeyError(name)
        self.update(place_people(self._owner))
        return self[name]


def place_people(user: User) -> dict[str, str]:
    """Two people in the user's library, with a face of the first; a change that can be undone, and an answer."""
    person, other = add_person(user, 0), add_person(user, 1)
    move = move_faces(person=other.person, face_ids=other.faces[:1], to=person.person, by=user)
    refuse_user(person=person.person, user=user, by=user)
    return {
        "person_id": str(person.person.pk),
        "other_id": str(other.person.pk),
        "face_id": str(person.faces[0]),
        "change_id": str(move.pk),
    }
