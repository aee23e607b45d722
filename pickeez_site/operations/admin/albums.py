"""Admin pages of albums with their photos (progress, pictures, failures), and of the queue with its progress."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Exists, F, OuterRef, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from albums.admin import AlbumAdmin, AlbumList, PendingAlbumAdmin, invitation_state
from albums.models import Album, Filtering, Invitation, PendingAlbum
from albums.states import album_state
from core.admin import can_view
from photos.models import Original, Photo, Rendition
from photos.selectors import Progress, progress_of
from pickeez_site.serving.media import media_path

# The largest numbers of rows that an album's page shows.
MAX_MEMBERS, MAX_NEWEST, MAX_FAILED, MAX_FILTERINGS = 100, 24, 50, 10

if TYPE_CHECKING:
    from django.contrib.admin.options import _FieldsetSpec


class AlbumListWithProgress(AlbumList):
    def add_counts(self, albums: dict[UUID, Album]) -> None:
        super().add_counts(albums)
        progress = progress_of(albums.keys())
        for pk, album in albums.items():
            album.progress = progress.get(pk, Progress())  # type: ignore[attr-defined]


class AlbumWithPhotosAdmin(AlbumAdmin):
    """The page of an album. Each of its parts needs one or two queries, however many photos there are."""

    list_display = ["name_or_id", "owner_link", "state", "photos_done", "failed", "members", "created_at"]
    fieldsets = [
        ("Progress", {"fields": ["state", "progress", "queue_row", "times_filtered"]}),
        ("Members", {"fields": ["member_list"]}),
        ("Newest photos", {"fields": ["newest_photos"]}),
        ("Failed photos", {"fields": ["failed_photos"]}),
        ("About", {"fields": ["name", "description", "event_at", "public_page", "owner"]}),
        ("Times", {"fields": ["id", "created_at", "updated_at", "uploading_at", "deleted_at"]}),
    ]

    def get_fieldsets(self, request: HttpRequest, obj: Album | None = None) -> "_FieldsetSpec":
        """Leaves out the parts about models that the operator may not view."""
        about = {"Members": Invitation, "Newest photos": Photo, "Failed photos": Photo}
        shown = [name for name, model in about.items() if can_view(request.user, model)]
        return [part for part in super().get_fieldsets(request, obj) if part[0] in shown or part[0] not in about]

    def get_readonly_fields(self, request: HttpRequest, obj: Album | None = None) -> list[str]:
        shown = ["state", "progress", "queue_row", "times_filtered"]
        shown += ["member_list", "newest_photos", "failed_photos"]
        return [*super().get_readonly_fields(request, obj), *shown]

    def get_changelist(self, request: HttpRequest, **kwargs: object) -> type[ChangeList]:
        return AlbumListWithProgress

    def get_queryset(self, request: HttpRequest) -> QuerySet[Album]:
        decided = Exists(Filtering.objects.filter(album=OuterRef("pk")))
        return super().get_queryset(request).annotate(decided=decided)

    @admin.display
    def state(self, album: Album) -> str:
        if album.deleted_at:
            return "in the trash"
        row: PendingAlbum | None = getattr(album, "pending", None)
        progress = _progress(album)
        return album_state(
            row.state if row else None,
            unfinished=progress.unfinished,
            processing=progress.processing,
            decided=album.decided,  # type: ignore[attr-defined]  # by get_queryset
        ).label

    @admin.display(description="photos done")
    def photos_done(self, album: Album) -> SafeString:
        return _progress_bar(_progress(album), small=True)

    @admin.display(description="failed")
    def failed(self, album: Album) -> str:
        return f"{_progress(album).failed:,}" if _progress(album).failed else "-"

    @admin.display(description="photos")
    def progress(self, album: Album) -> SafeString:
        return _progress_bar(_progress(album))

    @admin.display(description="queue")
    def queue_row(self, album: Album) -> SafeString:
        return _part("queue", row=getattr(album, "pending", None))

    @admin.display(description="times filtered")
    def times_filtered(self, album: Album) -> SafeString:
        times = Filtering.objects.filter(album=album)
        return _part(
            "filterings", album=album, count=times.count(), latest=times.order_by("-created_at")[:MAX_FILTERINGS]
        )

    @admin.display(description="members")
    def member_list(self, album: Album) -> SafeString:
        invitations = Invitation.objects.filter(album=album)
        latest = invitations.select_related("claimed_by").order_by(F("removed_at").asc(nulls_first=True), "-id")
        rows = [(row, invitation_state(row)) for row in latest[:MAX_MEMBERS]]
        return _part("members", album=album, rows=rows, count=invitations.count())

    @admin.display(description="photos")
    def newest_photos(self, album: Album) -> SafeString:
        ready = Photo.objects.alive().filter(album=album, original__status=Original.Status.READY)
        latest = ready.select_related("original", "uploader").order_by("-id")[:MAX_NEWEST]
        pictures = [(photo, media_path(photo, Rendition.Kind.SQUARE)) for photo in latest]
        return _part("newest", album=album, pictures=pictures)

    @admin.display(description="photos")
    def failed_photos(self, album: Album) -> SafeString:
        failed = Photo.objects.alive().filter(album=album, original__status=Original.Status.FAILED)
        photos = failed.select_related("original", "uploader").order_by("-id")[:MAX_FAILED]
        return _part("failed", album=album, photos=photos, shown=MAX_FAILED)


def _progress(album: Album) -> Progress:
    """The progress of an album; `AlbumListWithProgress` has read it for all albums of a page at once."""
    if not hasattr(album, "progress"):
        album.progress = progress_of([album.pk]).get(album.pk, Progress())  # type: ignore[attr-defined]
    return album.progress  # type: ignore[attr-defined]


def _progress_bar(progress: Progress, *, small: bool = False) -> SafeString:
    total = progress.total or 1
    percent = {"done": 100 * progress.done / total, "failed": 100 * progress.failed / total}
    return _part("progress", progress=progress, percent=percent, small=small)


def _part(name: str, **context: object) -> SafeString:
    return render_to_string(f"admin/albums/album/{name}.html", context)


class QueueList(ChangeList):
    """A page of the queue, with the progress of its albums' photos."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = rows = list(self.result_list)
        progress = progress_of([row.pk for row in rows])
        for row in rows:
            row.progress = progress.get(row.pk, Progress())


class QueueAdmin(PendingAlbumAdmin):
    list_display = ["album_link", "waits", "state", "taken", "lease", "unfinished", "done_uploading"]
    fields = [*PendingAlbumAdmin.fields, "progress"]

    def get_changelist(self, request: HttpRequest, **kwargs: object) -> type[ChangeList]:
        return QueueList

    @admin.display(description="unfinished")
    def unfinished(self, row: PendingAlbum) -> str:
        return f"{row.progress.unfinished:,}"  # type: ignore[attr-defined]  # by QueueList

    @admin.display(description="photos")
    def progress(self, row: PendingAlbum) -> SafeString:
        return _progress_bar(progress_of([row.pk]).get(row.pk, Progress()))


admin.site.unregister([Album, PendingAlbum])
admin.site.register(Album, AlbumWithPhotosAdmin)
admin.site.register(PendingAlbum, QueueAdmin)
