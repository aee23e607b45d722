"""The two envelopes of the contract."""

from core.tests.answers import Answer


def assert_success(answer: Answer, status: int, data: object) -> None:
    body = answer.json()
    assert (answer.status_code, body["success"], body["data"]) == (status, True, data), body
    assert set(body) == {"data", "message", "success"}
    assert body["message"]


def assert_failure(answer: Answer, status: int, error: str) -> None:
    body = answer.json()
    assert answer.status_code == status, body
    assert set(body) == {"status_code", "content"}
    assert body["status_code"] == status
    assert set(body["content"]) == {"success", "error", "message"}
    assert (body["content"]["success"], body["content"]["error"]) == (False, error)
    assert body["content"]["message"]
