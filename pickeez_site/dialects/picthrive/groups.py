"""Groups: albums, as shops know them."""

from django.core.exceptions import PermissionDenied
from msgspec import UNSET
from rest_framework.request import Request

from albums import services
from albums.models import Album
from photos.services import mark_uploading
from pickeez_site.dialects.picthrive import example_objects as examples
from pickeez_site.dialects.picthrive.viewsets import GroupId, PicThriveViewSet
from pickeez_site.dialects.picthrive.wire.groups import (
    MAX_GROUPS,
    Group,
    GroupChange,
    Groups,
    NewGroup,
    groups_of,
)
from pickeez_site.dialects.picthrive.wire.values import After, Deleted, time_of
from pickeez_site.dialects.viewsets import operation
from pickeez_site.dialects.wire.values import parse_id


class GroupViewSet(PicThriveViewSet):
    section = "Groups"

    @operation(
        "The caller's groups",
        answer=f"At most {MAX_GROUPS} groups, and Next when there are more.",
        answer_example={"Groups": [examples.GROUP]},
    )
    def mine(self, request: Request, asked: After) -> Groups:
        """Own ones and those that the caller was invited to, the newest first."""
        albums = Album.objects.visible_to(self.caller).order_by("-pk")
        if asked.after:
            albums = albums.filter(pk__lt=parse_id(asked.after))
        found = list(albums[: MAX_GROUPS + 1])
        page = found[:MAX_GROUPS]
        return Groups(groups=groups_of(page), next=page[-1].pk if len(found) > len(page) else UNSET)

    @operation(
        "Creates a group",
        answer="The group.",
        answer_example=examples.GROUP,
        example={"Name": "Summer", "WhenUnix": examples.GROUP["WhenUnix"]},
    )
    def create(self, request: Request, asked: NewGroup) -> Group:
        event_at = time_of(asked.when_unix)
        return _one(services.create_album(owner=self.caller, name=asked.name, event_at=event_at))

    @operation("A group", answer="The group.", answer_example=examples.GROUP, errors=[404])
    def retrieve(self, request: Request, group_id: GroupId) -> Group:
        """Also a deleted one, to its owner, until it is purged."""
        visible = Album.objects.visible_to(self.caller).filter(pk=parse_id(group_id)).first()
        return _one(visible or self._own(group_id))

    @operation(
        "Changes a group's name or time",
        answer="The group.",
        answer_example=examples.GROUP,
        errors=[403, 404],
        example={"Name": "Autumn"},
    )
    def update(self, request: Request, group_id: GroupId, asked: GroupChange) -> Group:
        """For its owner. What is not given stays; a WhenUnix of null is taken away."""
        album = self.group(group_id)
        if album.owner_id != self.caller.pk:
            raise PermissionDenied("Only the group's owner may change it.")
        services.set_name_and_date(
            album=album,
            name=album.name if asked.name is UNSET else asked.name,
            event_at=album.event_at if asked.when_unix is UNSET else time_of(asked.when_unix),
        )
        return _one(album)

    @operation("Deletes a group", answer="It is deleted.", answer_example={}, errors=[403, 404])
    def trash(self, request: Request, group_id: GroupId) -> Deleted:
        """For its owner. Its photos are deleted with it, and purged 30 days later. It may be repeated."""
        visible = Album.objects.visible_to(self.caller).filter(pk=parse_id(group_id)).first()
        if visible and visible.owner_id != self.caller.pk:
            raise PermissionDenied("Only the group's owner may delete it.")
        services.delete_album(album=visible or self._own(group_id))
        return Deleted()

    @operation(
        "Notes that an upload is going on", answer="The group.", answer_example=examples.GROUP, errors=[404]
    )
    def upload_status(self, request: Request, group_id: GroupId) -> Group:
        """Files that have arrived in a bucket are looked for at once."""
        album = self.group(group_id)
        mark_uploading(album=album)
        return _one(album)

    def _own(self, group_id: str) -> Album:
        """The caller's own group, also when it is deleted."""
        return Album.objects.get(pk=parse_id(group_id), owner=self.caller)


def _one(album: Album) -> Group:
    (group,) = groups_of([album])
    return group
