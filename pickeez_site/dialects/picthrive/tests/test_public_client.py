"""The calls of a client that knows PicThrive's own answers only, one after the other, on default settings."""

import zipfile
from io import BytesIO

from conftest import Caller, Person, committing, picture
from core.tests.answers import Answer
from pickeez_site.dialects.picthrive.tests.shapes import fetch

# The regions that the client takes, and what it refuses to be without in a photo.
REGIONS = {f"picthrive-dyn{suffix}" for suffix in ("", "-dynamic", "-virginia", "-ireland", "-sydney")}
NEEDED = ("OwnerId", "GroupId", "PhotoId", "Created")
FIRST, SECOND = (picture(1, size=(90, 60), seed=seed).getvalue() for seed in (1, 2))


def send(person: Person, method: str, path: str, body: bytes = b"") -> Answer:
    """It names JSON as the type of every request, also of those without a body."""
    with committing():
        return person.client.generic(
            method, f"/v1{path}", body, content_type="application/json", headers={"accept": "application/json"}
        )


def test_a_group_is_made_filled_shown_archived_and_deleted(owner: Person, nobody: Caller) -> None:
    made = send(
        owner, "POST", "/Group/", b'{"BrandId":"b","Name":"Beach","WhenUnix":1449791030,"HideFromStore":true}'
    )
    other = send(owner, "POST", "/Group/")
    assert (made.status_code, other.status_code) == (201, 201)
    group, shop = made.json()["GroupId"], other.json()["GroupId"]
    assert send(owner, "PUT", f"/Group/{group}", b'{"Name":"Beach 2"}').json()["Name"] == "Beach 2"
    assert send(owner, "PUT", f"/Group/{group}/UploadStatus").status_code == 200

    slots = send(owner, "POST", f"/Group/{group}/Photo", b'{"AddPhotos":2}').json()["AddedPhotos"]
    with committing():
        raw = nobody.client.put(slots[0]["UploadUrl"], FIRST, content_type="image/jpeg")
        form = b'--x\r\nContent-Disposition: form-data; name="file"; filename="Second view.png"\r\n\r\n'
        body = form + SECOND + b"\r\n--x--\r\n"
        formed = nobody.client.put(slots[1]["UploadUrl"], body, content_type="multipart/form-data; boundary=x")
        copying = b'{"GroupId":"%s","DoCopy":true}' % shop.encode()
        copied = owner.client.put(f"/v1/Photo/{slots[0]['PhotoId']}", copying, content_type="application/json")
    assert [answer.status_code for answer in (raw, formed, copied)] == [
        200
    ] * 3  # the copy before it was processed

    photos = send(owner, "GET", f"/Group/{group}/Photo").json()["Photos"]
    assert {photo["Region"] for photo in photos} <= REGIONS
    assert all(photo[name] is not None for photo in photos for name in NEEDED)
    assert "Second view" in {photo["SortOrder"] for photo in photos}
    assert (
        fetch(nobody.client, send(owner, "GET", f"/Photo/{copied.json()['PhotoId']}").json()["Medium"])[0] == 200
    )
    assert send(owner, "GET", f"/Group/{group}").json()["ThumbRegion"] in REGIONS

    for target in (group, shop, shop, group):
        moving = b'{"GroupId":"%s","DoCopy":false}' % target.encode()
        answer = send(owner, "PUT", f"/Photo/{photos[0]['PhotoId']}", moving)
        assert (answer.status_code, answer.json()) == (200, {"PhotoId": photos[0]["PhotoId"]})

    file, region = photos[0]["Original"].encode(), photos[0]["Region"].encode()
    asked = b'{"Photos":[{"File":"%s","FileName":"one","Region":"%s"}],"Name":"All"}' % (file, region)
    status = owner.get(send(owner, "POST", f"/Group/{group}/Zip", asked).json()["Status"]).json()
    assert (status["Progress"], status["Region"]) == (1, "picthrive-dyn")
    assert zipfile.ZipFile(BytesIO(fetch(nobody.client, status["Url"])[1])).namelist() == ["one.png"]

    for _ in range(2):
        assert send(owner, "DELETE", f"/Photo/{photos[0]['PhotoId']}").json() == {}
    assert send(owner, "GET", f"/Photo/{photos[0]['PhotoId']}").json()["Deleted"] is True
    assert send(owner, "DELETE", f"/Group/{group}").json() == {}


def test_what_the_document_does_not_have_is_refused_in_words(owner: Person) -> None:
    paths = ["/Group/Search?q=x", "/Group/%7BgroupId%7D/Video", "/Owner/", "/Brand/", "/Brand/x"]
    answers = [send(owner, "GET", path) for path in paths]
    assert [(answer.status_code, answer.json()) for answer in answers] == [(404, {"Error": "Not found."})] * 5


def test_others_are_refused_each_call(owner: Person, stranger: Person, nobody: Caller) -> None:
    group = send(owner, "POST", "/Group/").json()["GroupId"]
    for method, path in [("GET", ""), ("PUT", ""), ("DELETE", ""), ("GET", "/Photo"), ("PUT", "/UploadStatus")]:
        assert send(stranger, method, f"/Group/{group}{path}", b"{}").status_code == 404
        assert nobody.client.generic(method, f"/v1/Group/{group}{path}", b"{}").status_code == 401
