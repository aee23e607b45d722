"""A small client of the Pickeez API, like one in an app."""

import json
import time
from pathlib import Path
from typing import Any

import requests

TIMEOUT_SECONDS = 30
WAIT_SECONDS = 120


Body = dict[str, Any]  # a JSON object of the API, read by name


class DemoFailed(Exception):
    """The server did not do what the demo expects. The argument says what it did."""


def wait_until_up(url: str) -> None:
    """Returns when the server answers its health probe. Raises `DemoFailed` when it never does."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        try:
            if requests.get(f"{url}/ping", timeout=2).ok:
                return
        except requests.RequestException:
            pass
        time.sleep(0.3)
    raise DemoFailed(f"{url}/ping does not answer")


class Client:
    """One person's app; after `sign_in`, every call carries their token."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session = requests.Session()
        self.id = ""
        self.token = ""

    def call(self, method: str, path: str, **kwargs: Any) -> Body:
        answer = self._session.request(method, self._url + path, timeout=TIMEOUT_SECONDS, **kwargs)
        if not answer.ok:
            raise DemoFailed(f"{method} {path} answered {answer.status_code}: {answer.text[:200]}")
        body: Body = answer.json()
        return body

    def sign_in(self, phone: str, outbox: Path) -> None:
        """Asks for a code, and reads it from the SMS that the file backend has written into `outbox`."""
        self.call("POST", "/login/phone", data={"phone": phone})
        signed_in = self.call(
            "POST", "/login/phone/confirm", data={"phone": phone, "code": _newest_code(outbox, phone)}
        )
        self.authenticate(signed_in["_id"], signed_in["token"])

    def authenticate(self, user_id: str, token: str) -> None:
        self.id, self.token = user_id, token
        self._session.headers["Authorization"] = f"Bearer {token}"

    def upload(self, path: str, name: str, content: bytes, **fields: str) -> Body:
        return self.call("POST", path, data=fields, files={"file": (name, content)})

    def upload_selfie(self, name: str, content: bytes) -> bool:
        """Uploads a selfie and waits for its result: whether it was accepted. Raises `DemoFailed`."""
        answer = self.upload("/me/selfie", name, content)
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            known = {selfie["_id"]: selfie for selfie in self.call("GET", "/me/selfie")["selfies"]}
            if known[answer["_id"]]["status"] != "new":
                return bool(known[answer["_id"]]["taken"])
            time.sleep(0.3)
        raise DemoFailed("the selfie is not processed: is the worker running?")

    def wait_until_done(self, album_id: str) -> Body:
        """The album, when all its photos are processed. Raises `DemoFailed` when that takes too long."""
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            album = self.call("GET", f"/albums/{album_id}")
            if album["processing"]["state"] == "done":
                return album
            time.sleep(0.3)
        raise DemoFailed("the album is not done: is the worker running?")


def _newest_code(outbox: Path, phone: str) -> str:
    for file in sorted(outbox.glob("*.json"), reverse=True):
        message = json.loads(file.read_text())
        if message["to"] == phone:
            return str(message["body"]).split()[-1]
    raise DemoFailed(f"no SMS to {phone} in {outbox}")
