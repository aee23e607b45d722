"""Photos (originals in albums and libraries), their likes and their names on devices."""

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from uuid_utils.compat import uuid7

from accounts.models import User
from albums.models import Album, Invitation
from photos.models.originals import Original

MAX_SORT_ORDER = 255


class PhotoQuerySet(models.QuerySet["Photo"]):
    def alive(self) -> "PhotoQuerySet":
        """Photos that are not deleted, whose album is not deleted, and whose uploader is still in the album."""
        return self.in_place().filter(deleted_at=None)

    def in_place(self) -> "PhotoQuerySet":
        """Photos, including deleted ones, whose album is not deleted and whose uploader is still in the album.

        This is the only rule that hides a removed member's photos, and shows them again when the member is back.
        """
        still_member = Invitation.objects.live().filter(album=OuterRef("album"), claimed_by=OuterRef("uploader"))
        in_album = Q(album__deleted_at=None) & (Q(uploader=F("album__owner")) | Exists(still_member))
        return self.filter(Q(album=None) | in_album)

    def visible_to(self, user: User) -> "PhotoQuerySet":
        """Photos in the user's library and in the albums that the user may see."""
        return self.alive().filter(
            Q(album=None, owner=user) | Q(album__in=Album.objects.visible_to(user).values("pk"))
        )


class Photo(models.Model):
    """An original in an album, or (when `album` is empty) in its owner's library.

    `s3_path` is the storage key, URL or import path as the client gave it; it is unique in an album, except for
    copies. `position` sorts the photos of an album by when they came there; it is an id that sorts by time.
    `copied_from` is the first photo of a chain of copies; it may have been purged. `num_faces`,
    `rectangles` and `detected_data` come from clients and take precedence over the results of the engine.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    original = models.ForeignKey(Original, models.CASCADE, related_name="photos")
    album = models.ForeignKey(Album, models.CASCADE, null=True, blank=True, related_name="photos")
    owner = models.ForeignKey(User, models.CASCADE, related_name="photos")
    uploader = models.ForeignKey(User, models.CASCADE, related_name="uploads")
    s3_path = models.CharField(max_length=2048)
    position = models.UUIDField(default=uuid7, editable=False)
    sort_order = models.CharField(max_length=MAX_SORT_ORDER, blank=True)
    copied_from = models.UUIDField(null=True, blank=True, editable=False, db_index=True)
    s3_server_id = models.CharField(max_length=500, blank=True)
    photo_creation_date = models.CharField(max_length=100, blank=True)
    local_creation_date = models.CharField(max_length=100, blank=True)
    num_faces = models.PositiveIntegerField(null=True, blank=True)
    rectangles = models.JSONField(null=True, blank=True)
    detected_data = models.JSONField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    deleted_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", help_text="Empty when an operator did it."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = PhotoQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["album", "s3_path"], condition=Q(copied_from=None), name="one_photo_per_album_and_path"
            ),
            models.UniqueConstraint(
                fields=["owner", "s3_path"],
                condition=Q(album=None, copied_from=None),
                name="one_library_photo_per_path",
            ),
        ]
        indexes = [
            models.Index(fields=["album", "id"]),
            models.Index(fields=["album", "position"], name="photos_in_order"),
            models.Index(fields=["owner", "s3_path"]),
            models.Index(fields=["deleted_at"], name="photos_in_the_trash", condition=Q(deleted_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.s3_path

    @property
    def is_imported(self) -> bool:
        """Whether `s3_path` is a path on the server's disk, which is for the owner of the original only."""
        return self.s3_path.startswith("/")


class RemovedPicture(models.Model):
    """A picture that an album's owner has deleted from the album. Nobody but them brings it back.

    It is known by its content, because other users' files may have the same; until that was read, by its original.
    """

    album = models.ForeignKey(Album, models.CASCADE, related_name="removed_pictures")
    sha256 = models.CharField(max_length=64, blank=True)
    original = models.ForeignKey(Original, models.CASCADE, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["album", "sha256"], condition=~Q(sha256=""), name="a_content_is_removed_once"
            ),
            models.UniqueConstraint(fields=["album", "original"], name="an_original_is_removed_once"),
        ]

    def __str__(self) -> str:
        return f"{self.sha256 or self.original_id} from {self.album_id}"


class PhotoLocalId(models.Model):
    """The name of a photo on the device of one member."""

    photo = models.ForeignKey(Photo, models.CASCADE, related_name="local_ids")
    user = models.ForeignKey(User, models.CASCADE, related_name="photo_local_ids")
    value = models.CharField(max_length=500)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["photo", "user"], name="one_local_id_per_photo_and_user")]

    def __str__(self) -> str:
        return self.value


class Like(models.Model):
    """A member's like or dislike of a photo; `none` when it was withdrawn."""

    class Kind(models.TextChoices):
        LIKE = "like"
        DISLIKE = "dislike"
        NONE = "none"

    photo = models.ForeignKey(Photo, models.CASCADE, related_name="likes")
    user = models.ForeignKey(User, models.CASCADE, related_name="likes")
    kind = models.CharField(max_length=7, choices=Kind)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["photo", "user"], name="one_like_per_photo_and_user")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind}s {self.photo_id}"
