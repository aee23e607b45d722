"""A client program of this API."""

from collections.abc import Callable

from conftest import Caller, committing
from core.tests.answers import Answer, Json


class Gallery:
    """A desktop gallery: JSON in, the envelopes out."""

    def __init__(self, caller: Caller, **headers: str) -> None:
        self.caller, self.headers = caller, headers

    def get(self, path: str, /, **query: Json) -> Answer:
        return self.caller.get(path, query, headers=self.headers)

    def send(self, method: str, path: str, /, **body: Json) -> Answer:
        send: Callable[..., Answer] = getattr(self.caller.client, method)
        with committing():
            return send(path, body, content_type="application/json", headers=self.headers)

    def post(self, path: str, /, **body: Json) -> Answer:
        return self.send("post", path, **body)

    def put(self, path: str, /, **body: Json) -> Answer:
        return self.send("put", path, **body)

    def delete(self, path: str, /, **body: Json) -> Answer:
        return self.send("delete", path, **body)

    def data(self, path: str, /, **query: Json) -> Json:
        """What a GET answers, which must succeed."""
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.content
        return answer.json()["data"]

    @property
    def images(self) -> list[str]:
        return self.data("/images/all-images")["image_files"]
