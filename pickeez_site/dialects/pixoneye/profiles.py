"""Profiles: read by list, in batches or by the app's own user, and posted."""

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from pickeez_site.dialects.pixoneye.parameters import BadMember, Members, id_and_app_id
from pickeez_site.dialects.pixoneye.scrolling import Scroll, read_scroll, scroll_id
from pickeez_site.dialects.pixoneye.serializers import (
    DEMOGRAPHICS,
    demographics_from,
    profile_fragment,
    profiles_fragment,
)
from pickeez_site.dialects.pixoneye.viewsets import PixoneyeViewSet
from profiles import selectors
from profiles.models import App
from profiles.services import post_profile

EVERYBODY = "*"
MAX_IDS = 10_000
BATCH, MAX_BATCH = 1_000, 10_000


class ProfileViewSet(PixoneyeViewSet):
    def by_device_ids(self, request: Request) -> Response:
        members = self.members(request, "deviceIDs", "appID", "scrollID", "batchSize")
        app_id = members.app_id()
        if members.required("deviceIDs") != EVERYBODY:
            return self._listed(self.app(app_id), members)
        size = members.integer("batchSize", 1, MAX_BATCH) if "batchSize" in members else None
        return self._batch(self.app(app_id), members, size)

    def _listed(self, app: App, members: Members) -> Response:
        if "scrollID" in members:
            raise BadMember("scrollID", f'sent with deviceIDs "{EVERYBODY}" only')
        rows = selectors.profiles_of(app, members.ids("deviceIDs", MAX_IDS))
        return Response({"profiles": profiles_fragment(rows)})

    def _batch(self, app: App, members: Members, size: int | None) -> Response:
        after, until = None, None
        if "scrollID" in members:
            scroll = read_scroll(app, members.required("scrollID"))
            after, until, size = scroll.after, scroll.until, size or scroll.size
        else:
            until = selectors.newest_profile(app)
        if until is None:
            return Response({"profiles": []})
        page = selectors.profiles_between(app, after, until, size or BATCH)
        answer: dict[str, object] = {"profiles": profiles_fragment(page.rows)}
        if page.last:
            answer["scrollID"] = scroll_id(app, Scroll(page.last, until, size or BATCH))
        return Response(answer)

    def by_app_user_id(self, request: Request, ids: str) -> Response:
        app_user_id, app_id = id_and_app_id(ids, "appUserID")
        profile = selectors.profile_of_app_user(self.app(app_id), app_user_id)
        return Response({"profile": profile_fragment(profile)})

    def merge(self, request: Request) -> Response:
        members = self.members(request, "deviceID", "appID", "appUserID", *DEMOGRAPHICS)
        app_id, device_id = members.app_id(), members.id("deviceID")
        app_user_id = members.id("appUserID") if "appUserID" in members else None
        demographics, app = demographics_from(members), self.app(app_id)
        profile = post_profile(app=app, device_id=device_id, members=demographics, app_user_id=app_user_id)
        return Response({"profile": profile_fragment(profile)}, status=status.HTTP_201_CREATED)
