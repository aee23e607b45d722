"""The main job through the API, with the fake engine: share by phone, upload, find yourself."""

from accounts.models import User
from conftest import Caller, MakePicture
from core.tests.answers import Json


def sign_in(nobody: Caller, sms: list[dict[str, str]], phone: str) -> dict[str, Json]:
    assert nobody.post("/login/phone", {"phone": phone}).json() == {"msg": "sent"}
    code = sms[-1]["body"].split()[-1]
    return nobody.post("/login/phone/confirm", {"phone": phone, "code": code}).json()


def test_friends_share_an_album_and_find_themselves(
    db: None, nobody: Caller, sms: list[dict[str, Json]], pushes: list[dict[str, Json]], make_picture: MakePicture
) -> None:
    owner = sign_in(nobody, sms, "+1 202 555 0111")
    created = nobody.post("/albums/create", {"name": "Summer", "token": owner["token"]}).json()
    album = f"/albums/{created['_id']}"
    invited = nobody.post(
        f"{album}/invite_phones", {"phones[]": ["(202) 555-0122"], "token": owner["token"]}
    ).json()
    assert invited == {"updated_album_phones": ["12025550122"], "link_id": created["_id"]}
    assert "A friend invited you to the album “Summer”: http" in sms[-1]["body"]

    guest = sign_in(nobody, sms, "202 555 0122")
    User.objects.filter(pk=guest["_id"]).update(push_notif_token="device")
    selfie = nobody.post("/me/selfie", {"file": make_picture(1), "token": guest["token"]})
    assert (selfie.status_code, selfie.json()["faces"], selfie.json()["taken"]) == (200, 1, True)

    shows_guest = nobody.post(
        "/photos/", {"album_id": created["_id"], "file": make_picture(0, 1), "token": owner["token"]}
    ).json()
    nobody.post("/photos/", {"album_id": created["_id"], "file": make_picture(0), "token": owner["token"]})
    done = nobody.post(f"{album}/done_uploading", {"token": owner["token"]})
    assert done.json() == {"msg": "updated done uploading"}

    seen = nobody.get(album, {"token": guest["token"]}).json()
    assert seen["processing"] == {"state": "done", "photos_total": 2, "photos_done": 2, "photos_failed": 0}
    photos = {photo["_id"]: photo["computed"] for user in seen["users"] for photo in user["photos"]}
    assert [pk for pk, computed in photos.items() if computed] == [shows_guest["_id"]]
    assert seen["total_filtered"] == 1
    assert [push["to"] for push in pushes if "best pictures" in push["body"]] == [guest["_id"]]
