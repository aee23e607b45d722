"""Devices: how many images were scanned on one, its user's consent, and erasing all of it."""

from typing import Annotated

from django.core.exceptions import PermissionDenied
from msgspec import Meta
from rest_framework.request import Request

from pickeez_site.dialects.openapi.examples import examples_of
from pickeez_site.dialects.pixoneye.paths import device_and_owner, id_and_app_id
from pickeez_site.dialects.pixoneye.viewsets import PixoneyeViewSet
from pickeez_site.dialects.pixoneye.wire import AppId, Consent, ConsentNow, Counted, Deleted, Name
from pickeez_site.dialects.viewsets import SignedIn, operation
from profiles import selectors
from profiles.services import erase_device, give_consent, withdraw_consent

EXAMPLES = examples_of("pixoneye")
DEVICE_ID = Annotated[Name, Meta(examples=["device-1"])]
DEVICE_AND_APP = {"deviceID": DEVICE_ID, "appID": Annotated[AppId, Meta(examples=["MyApp"])]}


class ScannedImageViewSet(PixoneyeViewSet):
    section = "Devices"

    @operation(
        "How many images of a device were scanned",
        answer="The count.",
        answer_example=EXAMPLES["scanned-images-by-device-id.answer"],
        errors=[404],
        path=DEVICE_AND_APP,
    )
    def count(self, request: Request, ids: str) -> Counted:
        device_id, app_id = id_and_app_id(ids, "deviceID")
        return Counted(count=selectors.count_scanned_images(self.app(app_id), device_id))


class UserDataViewSet(PixoneyeViewSet):
    section = "Devices"

    @operation(
        "Erases a device in every app of the owner",
        answer="How much was erased.",
        path={"deviceID": DEVICE_ID, "ownerID": Annotated[Name, Meta(examples=["Acme"])]},
    )
    def erase_by_owner(self, request: Request, ids: str) -> Deleted:
        owner = self.key.app.owner
        device_id, owner_id = device_and_owner(request, ids, owner.owner_id)
        if owner_id != owner.owner_id:
            raise PermissionDenied("This key is not one of that ownerID.")
        return Deleted.of(erase_device(apps=list(owner.apps.all()), device_id=device_id))

    @operation("Erases a device in the app", answer="How much was erased.", path=DEVICE_AND_APP)
    def erase_by_app(self, request: Request, ids: str) -> Deleted:
        device_id, app_id = id_and_app_id(ids, "deviceID")
        return Deleted.of(erase_device(apps=[self.app(app_id)], device_id=device_id))


class ConsentViewSet(PixoneyeViewSet):
    section = "Devices"
    permission_classes = [SignedIn]

    @operation(
        "Gives or withdraws the user's consent to derived profiles",
        answer="What holds now.",
        example={"deviceID": "device-1", "appID": "MyApp", "consent": True},
        security=[{"apiKey": [], "token": []}, {"xApiKey": [], "token": []}],
    )
    def set(self, request: Request, asked: Consent) -> ConsentNow:
        change = give_consent if asked.consent else withdraw_consent
        change(app=self.app(asked.app_id), device_id=asked.device_id, user=self.caller)
        return ConsentNow(device_id=asked.device_id, consent=asked.consent)
