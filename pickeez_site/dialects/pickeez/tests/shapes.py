"""The members of the contract's objects, and what every route answers to those whom it is not for."""

from collections.abc import Callable
from uuid import uuid4

from django.db import connection
from django.test.utils import CaptureQueriesContext

from conftest import Caller, Person
from core.tests.answers import Answer, Json

NOT_FOUND = {"msg": "Not found."}
NO_USER = {"msg": "No user found. Please supply token or sign in."}
NEVER_AN_ID = "123"

PLAIN_ALBUM = {
    *("_id", "name", "owner_id", "owner_name", "owner", "created_at", "updated_at", "deleted", "invited_phones"),
    *("users_viewed", "times_filtered", "ever_filtered", "album_local_id", "processing"),
}
ALBUM = PLAIN_ALBUM | {"users", "pending_phones", "total_filtered", "photos_next"}
OTHER_USER = {"_id", "fb_id", "name", "pic_url", "phone", "verified_phone", "is_owner"}
PHOTO = {
    *("_id", "album_id", "owner_id", "s3_path", "s3_server_id", "url", "renditions", "photo_creation_date"),
    *("local_creation_date", "photo_local_id", "num_faces", "rectangles", "detected_data", "created_at"),
    *("updated_at", "status", "error"),
}
OPINIONS = {"filters", "computed_filters", "algo_decision"}
PHOTO_ALONE = PHOTO | OPINIONS
PHOTO_IN_ALBUM = PHOTO | {"manually_filtered", "manually_unfiltered", "computed"}
RENDITIONS = {"small", "medium", "square", "watermark", "watermark_small", "watermark_square"}
ALGORITHM_PHOTO = OPINIONS | {
    *("_id", "s3_path", "url", "owner_id", "num_faces", "rectangles", "detected_data"),
    *("photo_creation_date", "local_creation_date", "status", "error", "renditions"),
}
UTC = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"


def assert_absent(
    caller: Person, method: str, path: str, real_id: object, data: dict[str, Json] | None = None
) -> None:
    """To the caller the thing is as absent as one that never was."""
    ids = (real_id, uuid4(), NEVER_AN_ID)
    answers = [getattr(caller, method)(path.format(id=an_id), data) for an_id in ids]
    assert [(answer.status_code, answer.json()) for answer in answers] == [(404, NOT_FOUND)] * 3


def assert_signed_in_only(nobody: Caller, method: str, path: str, data: dict[str, Json] | None = None) -> None:
    """Neither without a token nor with a wrong one."""
    for token in ({}, {"token": "wrong"}):
        answer = getattr(nobody, method)(path, {**(data or {}), **token})
        assert (answer.status_code, answer.json()) == (401, NO_USER)


def assert_refused(answer: Answer, status: int, words: str | None = None) -> None:
    """An error in the contract's envelope, and nothing else."""
    assert answer.status_code == status
    assert set(answer.json()) == {"msg"}
    assert words is None or answer.json()["msg"] == words


def photos_in(album_fields: dict[str, Json]) -> list[dict[str, Json]]:
    return [photo for user in album_fields["users"] for photo in user["photos"]]


def number_of_queries(call: Callable[..., Answer], *arguments: Json) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert call(*arguments).status_code == 200
    return len(queries)


def body_of(answer: Answer) -> bytes:
    """The body of an answer, whose file is closed when it has been read."""
    return answer.getvalue()


def status_of(caller: Caller, url: str) -> int:
    """What fetching a URL of this server answers."""
    answer = caller.client.get(url.removeprefix("http://testserver"))
    body_of(answer)
    return answer.status_code
