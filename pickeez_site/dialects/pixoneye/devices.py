"""Devices: how many images were scanned on one, its user's consent, and erasing all of it."""

from django.core.exceptions import PermissionDenied

from pickeez_site.dialects.pixoneye import paths, wire
from pickeez_site.dialects.pixoneye.dialect import PixoneyeViewSet, operation
from pickeez_site.dialects.viewsets import SignedIn
from profiles.selectors import count_scanned_images
from profiles.services import erase_device, give_consent, withdraw_consent


class DeviceViewSet(PixoneyeViewSet):
    section = "Devices"

    @operation(
        "How many images of a device were scanned", answer="The count.", errors=[404], path=paths.DEVICE_AND_APP
    )
    def count_scanned(self, ids: str) -> wire.Counted:
        device_id, app_id = paths.id_and_app_id(ids, "deviceID")
        return wire.Counted(count=count_scanned_images(self.app(app_id), device_id))

    @operation(
        "Erases a device in every app of the owner", answer="How much was erased.", path=paths.DEVICE_AND_OWNER
    )
    def erase_all(self, ids: str) -> wire.Deleted:
        owner = self.key.app.owner
        device_id, owner_id = paths.device_and_owner(self.request, ids, owner.owner_id)
        if owner_id != owner.owner_id:
            raise PermissionDenied("This key is not one of that ownerID.")
        return wire.Deleted.of(erase_device(apps=list(owner.apps.all()), device_id=device_id))

    @operation("Erases a device in the app", answer="How much was erased.", path=paths.DEVICE_AND_APP)
    def erase(self, ids: str) -> wire.Deleted:
        device_id, app_id = paths.id_and_app_id(ids, "deviceID")
        return wire.Deleted.of(erase_device(apps=[self.app(app_id)], device_id=device_id))


class ConsentViewSet(PixoneyeViewSet):
    section = "Devices"
    permission_classes = [SignedIn]

    @operation(
        "Gives or withdraws the user's consent to derived profiles",
        answer="What holds now.",
        security=[{"apiKey": [], "token": []}, {"xApiKey": [], "token": []}],
    )
    def set(self, *, app_id: wire.AppId, device_id: wire.Name, consent: bool) -> wire.ConsentNow:
        change = give_consent if consent else withdraw_consent
        change(app=self.app(app_id), device_id=device_id, user=self.caller)
        return wire.ConsentNow(device_id=device_id, consent=consent)
