"""Devices: how many images were scanned on one, its user's consent, and erasing all of it."""

from dataclasses import asdict

from django.core.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from pickeez_site.dialects.pixoneye.authentication import SignedIn
from pickeez_site.dialects.pixoneye.parameters import device_and_owner, id_and_app_id
from pickeez_site.dialects.pixoneye.viewsets import PixoneyeViewSet
from profiles import selectors
from profiles.services import erase_device, give_consent, withdraw_consent


class ScannedImageViewSet(PixoneyeViewSet):
    def count(self, request: Request, ids: str) -> Response:
        device_id, app_id = id_and_app_id(ids, "deviceID")
        return Response({"count": selectors.count_scanned(self.app(app_id), device_id)})


class UserDataViewSet(PixoneyeViewSet):
    def erase_by_owner(self, request: Request, ids: str) -> Response:
        owner = self.key.app.owner
        device_id, owner_id = device_and_owner(request, ids, owner.owner_id)
        if owner_id != owner.owner_id:
            raise PermissionDenied("This key is not one of that ownerID.")
        return Response({"deleted": asdict(erase_device(apps=list(owner.apps.all()), device_id=device_id))})

    def erase_by_app(self, request: Request, ids: str) -> Response:
        device_id, app_id = id_and_app_id(ids, "deviceID")
        return Response({"deleted": asdict(erase_device(apps=[self.app(app_id)], device_id=device_id))})


class ConsentViewSet(PixoneyeViewSet):
    permission_classes = [SignedIn]

    def set(self, request: Request) -> Response:
        members = self.members(request, "deviceID", "appID", "consent")
        app_id, device_id, consent = members.app_id(), members.id("deviceID"), members.boolean("consent")
        assert isinstance(request.user, User)  # noqa: S101 - SignedIn let nobody else in
        change = give_consent if consent else withdraw_consent
        change(app=self.app(app_id), device_id=device_id, user=request.user)
        return Response({"deviceID": device_id, "consent": consent})
