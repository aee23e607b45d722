"""Profiles: read by list, in batches or by the app's own user, and posted."""

from msgspec import UNSET

from pickeez_site.dialects.pixoneye import paths, wire
from pickeez_site.dialects.pixoneye.dialect import PixoneyeViewSet, operation
from pickeez_site.dialects.pixoneye.scrolling import LIFETIME_SECONDS, Scroll, read_scroll, scroll_id
from profiles import selectors
from profiles.models import App
from profiles.services import post_profile


class ProfileViewSet(PixoneyeViewSet):
    section = "Profiles"

    @operation(
        "Profiles by list, or of every device in batches",
        answer="The profiles.",
        errors=[410],
        description="Of a list: those found, in the list's order. Of every device: the batch after the "
        f"scrollID's; the last one carries none. A scrollID lives {LIFETIME_SECONDS} s.",
    )
    def by_device_ids(self, asked: wire.EveryDevice | wire.ListedDevices) -> wire.Profiles:
        app = self.app(asked.app_id)
        if isinstance(asked, wire.EveryDevice):
            return self._batch(app, asked)
        return wire.Profiles(profiles=wire.profiles_of(selectors.profiles_of(app, asked.device_ids)))

    def _batch(self, app: App, asked: wire.EveryDevice) -> wire.Profiles:
        after, size = None, asked.batch_size or wire.BATCH
        if asked.scroll_id is UNSET:
            until = selectors.newest_profile(app)
        else:
            scroll = read_scroll(app, asked.scroll_id)
            after, until, size = scroll.after, scroll.until, asked.batch_size or scroll.size
        if until is None:
            return wire.Profiles(profiles=[])
        page = selectors.profiles_between(app, after, until, size)
        following = scroll_id(app, Scroll(page.last, until, size)) if page.last else UNSET
        return wire.Profiles(profiles=wire.profiles_of(page.rows), scroll_id=following)

    @operation("The profile of the app's own user", answer="The profile.", errors=[404], path=paths.USER_AND_APP)
    def of_app_user(self, ids: str) -> wire.OneProfile:
        app_user_id, app_id = paths.id_and_app_id(ids, "appUserID")
        return wire.one_profile(selectors.profile_of_app_user(self.app(app_id), app_user_id))

    @operation("Creates a profile, or merges into it", answer="The whole profile.", status=201)
    def merge(self, asked: wire.PostedProfile) -> wire.OneProfile:
        app, app_user_id = self.app(asked.app_id), asked.app_user_id or None
        posted = wire.demographics_of(asked)
        profile = post_profile(app=app, device_id=asked.device_id, members=posted, app_user_id=app_user_id)
        return wire.one_profile(profile)
