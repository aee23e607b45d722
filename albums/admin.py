"""Admin pages of albums, invitations and the queue. `pickeez_site` adds what they show of photos."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.timesince import timeuntil

from albums.models import (
    Album,
    AlbumLocalId,
    AlbumQuerySet,
    AlbumView,
    Filtering,
    Invitation,
    InvitationQuerySet,
    OpenLink,
    OpenLinkQuerySet,
    PendingAlbum,
)
from albums.services import (
    clear_queue,
    create_album,
    delete_albums,
    process_now,
    queue_albums,
    remove_invitations,
    restore_albums,
    set_public_page,
    switch_off_open_links,
)
from albums.states import AlbumState
from core.admin import EMPTY_VALUE, OperatorAdmin, ReadOnlyAdmin, has_model_permission, link_column, time_since

if TYPE_CHECKING:
    from django.contrib.admin.options import _FieldsetSpec as Fieldsets

ADD_FIELDSETS: "Fieldsets" = [(None, {"fields": ["name", "description", "event_at", "public_page", "owner"]})]


class QueueFilter(admin.SimpleListFilter):
    title = "queue"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [
            ("pending", "pending"),
            ("taken", "taken"),
            ("lapsed", "taken outside, lapsed"),
            ("idle", "not in the queue"),
            ("deleted", "in the trash"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Album]) -> QuerySet[Album]:
        rows = PendingAlbum.objects.filter(album__deleted_at=None)
        chosen = {
            "pending": Q(pending__in=rows.queued()),
            "taken": Q(pending__in=rows.taken()),
            "lapsed": Q(pending__in=rows.lapsed_outside()),
            "idle": Q(deleted_at=None) & ~Q(pk__in=Album.objects.in_queue()),
            "deleted": Q(deleted_at__isnull=False),
        }.get(self.value() or "")
        return queryset.filter(chosen) if chosen else queryset


class RowFilter(admin.SimpleListFilter):
    """Filters rows of the queue by their state."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("pending", "pending"), ("taken", "taken"), ("lapsed", "taken outside, lapsed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[PendingAlbum]) -> QuerySet[PendingAlbum]:
        rows = PendingAlbum.objects.all()
        chosen = {"pending": rows.queued, "taken": rows.taken, "lapsed": rows.lapsed_outside}.get(
            self.value() or ""
        )
        return queryset.filter(pk__in=chosen().values("pk")) if chosen else queryset


class AlbumList(ChangeList):
    """A page of albums that counts the members of all of them by one query."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = albums = list(self.result_list)
        self.add_counts({album.pk: album for album in albums})

    def add_counts(self, albums: dict[UUID, Album]) -> None:
        joined = Invitation.objects.live().filter(album__in=albums, claimed_by__isnull=False)
        counts = joined.order_by().values_list("album").annotate(n=Count("claimed_by", distinct=True))
        guests: dict[UUID, int] = dict(counts)
        for pk, album in albums.items():
            album.num_members = 1 + guests.get(pk, 0)  # type: ignore[attr-defined]  # with the owner


class QueueActions(OperatorAdmin):
    """The actions on the queue, for lists of albums and of the queue itself."""

    actions = ["set_pending", "clear_pending", "process_now"]

    def selected_albums(self, queryset: QuerySet) -> AlbumQuerySet:
        """Returns the albums of the selected rows."""
        return Album.objects.filter(pk__in=queryset.order_by().values("pk"))

    def has_queue_permission(self, request: HttpRequest) -> bool:
        return has_model_permission(request.user, "change", PendingAlbum)

    @admin.action(description="Set pending", permissions=["queue"])
    def set_pending(self, request: HttpRequest, queryset: QuerySet) -> None:
        number = queue_albums(albums=self.selected_albums(queryset))
        self.message_user(request, f"{number} albums are pending.")

    @admin.action(description="Clear pending", permissions=["queue"])
    def clear_pending(self, request: HttpRequest, queryset: QuerySet) -> None:
        number = clear_queue(albums=self.selected_albums(queryset))
        self.message_user(
            request, f"{number} albums were removed from the queue. Albums that a worker is processing stay."
        )

    @admin.action(description="Process now", permissions=["queue"])
    def process_now(self, request: HttpRequest, queryset: QuerySet) -> None:
        number = process_now(albums=self.selected_albums(queryset))
        message = f"{number} albums are processed as soon as their photos are done."
        self.message_user(request, message, messages.SUCCESS)


@admin.register(Album)
class AlbumAdmin(QueueActions):
    """Pages of albums. Deleted albums are in the trash, from which they can be restored."""

    owner_link = link_column("owner", ordering="owner__name")
    list_display = ["name_or_id", "owner_link", "members", "created_at", "updated_at"]
    list_filter = [QueueFilter, "created_at"]
    list_select_related = ["owner", "pending"]
    search_fields = ["id", "name", "owner__name", "owner__verified_phone"]
    search_help_text = "Id or name of an album, name or phone of its owner."
    autocomplete_fields = ["owner"]
    ordering = ["-id"]
    fieldsets = [
        *ADD_FIELDSETS,
        ("Times", {"fields": ["id", "created_at", "updated_at", "uploading_at", "deleted_at"]}),
    ]
    actions = [*QueueActions.actions, "put_into_trash", "restore"]

    def get_readonly_fields(self, request: HttpRequest, obj: Album | None = None) -> list[str]:
        """Makes the owner read-only after creation: the owner's photos are in the album."""
        read_only = ["id", "created_at", "updated_at", "uploading_at", "deleted_at"]
        return [*read_only, "owner"] if obj else read_only

    def get_fieldsets(self, request: HttpRequest, obj: Album | None = None) -> "Fieldsets":
        return super().get_fieldsets(request, obj) if obj else ADD_FIELDSETS

    def get_queryset(self, request: HttpRequest) -> QuerySet[Album]:
        return super().get_queryset(request).select_related("owner", "pending")

    def get_changelist(self, request: HttpRequest, **kwargs: object) -> type[ChangeList]:
        return AlbumList

    def has_delete_permission(self, request: HttpRequest, obj: Album | None = None) -> bool:
        return False  # see `put_into_trash`, which keeps the files until they are purged

    def has_trash_permission(self, request: HttpRequest) -> bool:
        return has_model_permission(request.user, "delete", Album)

    def save_model(self, request: HttpRequest, obj: Album, form: ModelForm, change: bool) -> None:
        if change:
            # The form has set this already, and the service sets what depends on it.
            public, obj.public_page = obj.public_page, form.initial.get("public_page", obj.public_page)
            set_public_page(album=obj, public=public)
            obj.save(update_fields=[*form.changed_data, "updated_at"])
            return
        created = create_album(owner=obj.owner, name=obj.name, event_at=obj.event_at)
        created.description, created.public_page = obj.description, obj.public_page
        created.save(update_fields=["description", "public_page"])
        # The admin continues with its own instance, which must become the created one.
        obj.__dict__.update(created.__dict__)

    @admin.display(description="album", ordering="name")
    def name_or_id(self, album: Album) -> str:
        return Truncator(str(album)).chars(60)

    @admin.display
    def members(self, album: Album) -> int:
        return album.num_members  # type: ignore[attr-defined]  # by AlbumList

    @admin.action(description="Put into the trash", permissions=["trash"])
    def put_into_trash(self, request: HttpRequest, queryset: AlbumQuerySet) -> None:
        self.log_deletions(request, queryset.alive())
        self.message_user(request, f"{delete_albums(albums=queryset)} albums are in the trash.")

    @admin.action(description="Restore from the trash", permissions=["trash"])
    def restore(self, request: HttpRequest, queryset: AlbumQuerySet) -> None:
        self.message_user(request, f"{restore_albums(albums=queryset)} albums were restored.")


@admin.register(PendingAlbum)
class PendingAlbumAdmin(QueueActions, ReadOnlyAdmin):
    """The list of the queue; the album that has waited longest comes first."""

    album_link = link_column("album", ordering="album__name")
    list_display = ["album_link", "waits", "state", "taken", "lease", "done_uploading"]
    list_display_links = None
    list_filter = [RowFilter, "done_uploading", "outside", "touched_since_claim"]
    list_select_related = ["album"]
    ordering = ["touched_at"]
    search_fields = ["album__id", "album__name", "album__owner__name"]
    fields = [
        "album_link",
        "waits",
        "state",
        "done_uploading",
        "wanted_here",
        "touched_at",
        "touched_since_claim",
        "queued_at",
        "outside",
        "claimed_at",
        "lease_until",
    ]

    @admin.display(description="age", ordering="-touched_at")
    def waits(self, row: PendingAlbum) -> str:
        return time_since(row.touched_at)

    @admin.display(description="taken for", ordering="-claimed_at")
    def taken(self, row: PendingAlbum) -> str:
        return time_since(row.claimed_at)

    @admin.display(ordering="lease_until")
    def lease(self, row: PendingAlbum) -> str:
        """Describes the lease of a claim that has no answer yet."""
        if row.lease_until is None or not (row.state.is_taken or row.state == AlbumState.LAPSED):
            return EMPTY_VALUE
        now = timezone.now()
        if row.lease_until < now:
            return f"ran out {time_since(row.lease_until)} ago"
        return f"{timeuntil(row.lease_until, now, depth=1)} left"

    @admin.display
    def state(self, row: PendingAlbum) -> str:
        return row.state.label


def invitation_state(invitation: Invitation) -> str:
    if invitation.removed_at:
        return "left" if invitation.left else "removed"
    return "claimed" if invitation.claimed_by_id else "invited"


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    """Pages of invitations. The album's owner invites; operators can only remove."""

    album_link = link_column("album", ordering="album__name")
    member = link_column("claimed_by", ordering="claimed_by__name")
    list_display = ["invited", "album_link", "member", "state", "may_upload", "created_at", "removed_at"]
    list_filter = [
        ("claimed_by", admin.EmptyFieldListFilter),
        ("open_link", admin.EmptyFieldListFilter),
        ("email", admin.EmptyFieldListFilter),
        "may_upload",
        ("removed_at", admin.EmptyFieldListFilter),
        "created_at",
    ]
    list_select_related = ["album", "claimed_by"]
    ordering = ["-id"]
    search_fields = ["phone", "email", "album__id", "album__name", "claimed_by__name"]
    fields = [
        "id",
        "phone",
        "email",
        "album_link",
        "member",
        "state",
        "may_upload",
        "open_link",
        "link_expires_at",
        "created_at",
        "removed_at",
    ]
    actions = ["remove_from_album"]

    @admin.display(ordering="phone")
    def invited(self, invitation: Invitation) -> str:
        return invitation.contact or "by an open link"

    @admin.display
    def state(self, invitation: Invitation) -> str:
        return invitation_state(invitation)

    @admin.action(description="Remove from the album", permissions=["act"])
    def remove_from_album(self, request: HttpRequest, queryset: InvitationQuerySet) -> None:
        self.message_user(request, f"{remove_invitations(invitations=queryset)} invitations were removed.")


@admin.register(OpenLink)
class OpenLinkAdmin(ReadOnlyAdmin):
    """Pages of open links. The album's owner sets them; operators can only switch them off."""

    album_link = link_column("album", ordering="album__name")
    list_display = ["id", "album_link", "state", "uses", "max_uses", "may_upload", "expires_at", "created_at"]
    list_filter = ["is_on", "may_upload", ("replaced_at", admin.EmptyFieldListFilter), "created_at"]
    list_select_related = ["album"]
    ordering = ["-id"]
    search_fields = ["album__id", "album__name", "album__owner__name"]
    fields = [
        "id",
        "album_link",
        "state",
        "is_on",
        "may_upload",
        "uses",
        "max_uses",
        "expires_at",
        "replaced_at",
        "created_at",
    ]
    actions = ["switch_off"]

    @admin.display
    def state(self, link: OpenLink) -> str:
        return "replaced" if link.replaced_at else link.state.label

    @admin.action(description="Switch off", permissions=["act"])
    def switch_off(self, request: HttpRequest, queryset: OpenLinkQuerySet) -> None:
        self.message_user(request, f"{switch_off_open_links(links=queryset)} open links were switched off.")


class MemberDataAdmin(ReadOnlyAdmin):
    """The base of pages of what one user has stored about one album."""

    album_link = link_column("album", ordering="album__name")
    user_link = link_column("user", ordering="user__name")
    list_select_related = ["album", "user"]
    ordering = ["-id"]
    search_fields = ["album__id", "album__name", "user__name"]


@admin.register(AlbumView)
class AlbumViewAdmin(MemberDataAdmin):
    list_display = ["id", "album_link", "user_link", "created_at"]
    list_filter = ["created_at"]
    fields = ["album_link", "user_link", "created_at"]


@admin.register(AlbumLocalId)
class AlbumLocalIdAdmin(MemberDataAdmin):
    list_display = ["value", "album_link", "user_link"]
    search_fields = ["value", *MemberDataAdmin.search_fields]
    fields = ["value", "album_link", "user_link"]


@admin.register(Filtering)
class FilteringAdmin(ReadOnlyAdmin):
    """Pages of the times at which it was decided who is on an album's photos."""

    album_link = link_column("album", ordering="album__name")
    list_display = ["id", "album_link", "created_at"]
    list_filter = ["created_at"]
    list_select_related = ["album"]
    ordering = ["-id"]
    search_fields = ["album__id", "album__name"]
    fields = ["album_link", "created_at"]
