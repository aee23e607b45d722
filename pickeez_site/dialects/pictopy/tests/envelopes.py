"""The two envelopes of the contract."""

from core.tests.answers import Answer


def assert_success(answer: Answer, status: int, data: object) -> None:
    body = answer.json()
    assert (answer.status_code, body["success"], body["data"]) == (status, True, data), body
    assert set(body) == {"data", "message", "success"}
    assert body["message"]


def assert_failure(answer: Answer, status: int, error: str) -> None:
    """One object with all that clients read: flat, with either spelling of the status, and once more as `content`."""
    body = answer.json()
    assert answer.status_code == status, body
    content = {"success": False, "error": error, "message": body["message"]}
    assert body == {"status_code": status, "statusCode": status, "content": content, **content}
    assert body["message"]
