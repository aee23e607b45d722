"""Customers of the API: an app, and a client that sends its key."""

import json
from _io import BytesIO
from typing import Any

from django.test import Client, TestCase

from albums.models import Album
from conftest import Person
from core.tests.answers import Answer, Json
from profiles.services import get_or_create_app, issue_key

USERS = "/v1/users"


class Customer:
    """The server of one app; what its requests leave to the worker is done before it gets the answer."""

    def __init__(self, owner_id: str, app_id: str) -> None:
        self.app = get_or_create_app(owner_id=owner_id, app_id=app_id)
        self.app_id, self.owner_id = app_id, owner_id
        self.issued, self.key = issue_key(app=self.app)
        self.client = Client(headers={"api_key": self.key})

    def get(self, route: str, **extra: Any) -> Answer:
        with TestCase.captureOnCommitCallbacks(execute=True):
            return self.client.get(f"{USERS}/{route}", **extra)

    def delete(self, route: str, **extra: Any) -> Answer:
        with TestCase.captureOnCommitCallbacks(execute=True):
            return self.client.delete(f"{USERS}/{route}", **extra)

    def post(self, route: str, body: object, **extra: Any) -> Answer:
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        with TestCase.captureOnCommitCallbacks(execute=True):
            return self.client.post(f"{USERS}/{route}", sent, content_type="application/json", **extra)

    def post_profile(self, device_id: Json = "device-1", **members: Json) -> Answer:
        body = {"appID": self.app_id, "deviceID": device_id}
        return self.post("post-profile", {**body, **{name.replace("_", "-"): v for name, v in members.items()}})

    def everybody(self, **more: Json) -> Answer:
        return self.post("profiles-by-device-ids", {"deviceIDs": "*", "appID": self.app_id, **more})

    def listed(self, *device_ids: str) -> Answer:
        return self.post("profiles-by-device-ids", {"deviceIDs": device_ids, "appID": self.app_id})

    def consent(self, person: Person, device_id: str = "device-1", *, consent: object = True) -> Answer:
        body = {"appID": self.app_id, "deviceID": device_id, "consent": consent}
        return self.post("consent", body, headers={"authorization": f"Bearer {person.token}"})

    def upload(self, person: Person, album: Album, file: BytesIO, device_id: str = "device-1") -> str:
        """A signed-in user's photo from a device of this app."""
        with TestCase.captureOnCommitCallbacks(execute=True):
            answer = person.client.post(
                "/photos/",
                {"album_id": str(album.pk), "file": file, "device_id": device_id},
                headers={"api_key": self.key},
            )
        assert answer.status_code == 200, answer.content
        return answer.json()["_id"]
