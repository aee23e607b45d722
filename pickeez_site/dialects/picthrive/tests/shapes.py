"""The members of the contract's objects, and what every route answers to those whom it is not for."""

from uuid import uuid4

from django.db import connection
from django.test.client import Client
from django.test.utils import CaptureQueriesContext

from conftest import Caller, Person, committing
from core.tests.answers import Answer

NOT_FOUND = {"Error": "Not found."}
NEVER_AN_ID = "123"
SUFFIXES = {"Small", "Medium", "Original", "Watermark", "WatermarkSmall", "Square", "WatermarkSquare"}
PUBLIC_SUFFIXES = {"Small", "Watermark", "WatermarkSmall", "WatermarkSquare"}
FACTS = {
    *("OwnerId", "GroupId", "PhotoId", "Created", "Deleted", "SortOrder", "Ratio", "Width", "Height"),
    *("Megapixels", "Region", "Hue", "LastUpdatedUnix"),
}
PHOTO = FACTS | SUFFIXES
GROUP = {
    *("OwnerId", "GroupId", "Name", "Token", "Count", "Thumb", "ThumbRegion", "WhenUnix", "Deleted"),
    *("LastUpdatedUnix", "UploadingUnix"),
}


def call(caller: Caller, method: str, path: str, body: object = None) -> Answer:
    """A request with a JSON body; what it leaves to the worker is done when this returns."""
    with committing():
        return caller.client.generic(
            method, path, b"" if body is None else _json(body), content_type="application/json"
        )


def _json(body: object) -> bytes:
    import json

    return body if isinstance(body, bytes) else json.dumps(body).encode()


def assert_refused(answer: Answer, status: int) -> None:
    """An error in the contract's envelope, and nothing else."""
    assert (answer.status_code, set(answer.json())) == (status, {"Error"}), answer.content
    assert answer.json()["Error"]


def assert_absent(caller: Person, method: str, path: str, real_id: object, body: object = None) -> None:
    """To the caller the thing is as absent as one that never was."""
    answers = [call(caller, method, path.format(id=an_id), body) for an_id in (real_id, uuid4(), NEVER_AN_ID)]
    assert [(answer.status_code, answer.json()) for answer in answers] == [(404, NOT_FOUND)] * 3


def assert_signed_in_only(nobody: Caller, method: str, path: str, body: object = None) -> None:
    """Neither without a token nor with a wrong one."""
    assert_refused(call(nobody, method, path, body), 401)
    with committing():
        answer = nobody.client.generic(method, path, headers={"authorization": "Bearer wrong"})
    assert_refused(answer, 401)
    assert answer["WWW-Authenticate"] == "Bearer"


def number_of_queries(caller: Caller, method: str, path: str, body: object = None) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert call(caller, method, path, body).status_code == 200
    return len(queries)


def fetch(client: Client, suffix: str) -> tuple[int, bytes]:
    """Status and body of what is behind a suffix, by a plain GET."""
    answer = client.get(suffix)
    return answer.status_code, answer.getvalue()
