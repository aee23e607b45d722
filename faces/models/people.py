"""The people of a library: which faces are theirs, what was merged, split and confirmed."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import User
from faces.models.detected import Face
from photos.models import Original


class Person(models.Model):
    """Somebody who appears in one owner's library."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="people")
    name = models.CharField(max_length=200, blank=True)
    hidden = models.BooleanField(default=False)
    user = models.ForeignKey(
        User,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who this is, as confirmed by the library's owner or an operator (`Identification`).",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "people"

    def __str__(self) -> str:
        return self.name or str(self.id)


class FaceAssignment(models.Model):
    """The person to whom a face belongs, in one owner's library."""

    owner = models.ForeignKey(User, models.CASCADE, related_name="face_assignments")
    face = models.ForeignKey(Face, models.CASCADE, related_name="assignments")
    person = models.ForeignKey(Person, models.CASCADE, related_name="assignments")
    pinned = models.BooleanField(default=False, help_text="Decided by an operator; clustering leaves it.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "face"], name="one_person_per_library_and_face")]

    def __str__(self) -> str:
        return f"{self.face_id} is {self.person_id}"


class FaceLibrary(models.Model):
    """Counts the changes of the people in one owner's library, and of their looks."""

    owner = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="face_library")
    version = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        verbose_name_plural = "face libraries"

    def __str__(self) -> str:
        return f"faces of {self.owner_id}"


class PendingAssignment(models.Model):
    """An original whose faces wait to be assigned to people, in the libraries that have it.

    It is created together with the faces, or when they come to another library, and deleted when they are
    assigned. So no face is forgotten after a crash, or when other processes keep writing to the library.
    """

    original = models.OneToOneField(Original, models.CASCADE, primary_key=True, related_name="pending_assignment")
    since = models.DateTimeField(default=timezone.now, db_index=True)
    queued_at = models.DateTimeField(null=True, blank=True, help_text="When the broker last took its task.")

    def __str__(self) -> str:
        return f"faces on {self.original_id}"


class PersonMerge(models.Model):
    """An operator's merge of one person into another, kept so that it can be undone.

    The merged person (`person_id`, `name`, `hidden`) has no row until then; the person `into_id` received its
    `faces`, and may have been merged into another one since.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="person_merges")
    person_id = models.UUIDField("merged person", db_index=True)
    name = models.CharField("their name", max_length=200, blank=True)
    hidden = models.BooleanField("were hidden", default=False)
    into_id = models.UUIDField("merged into", db_index=True)
    gave_name = models.BooleanField(default=False, db_default=False, help_text="The other person had none.")
    faces = models.ManyToManyField(Face, related_name="+")
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name_plural = "merges of people"
        constraints = [
            models.UniqueConstraint(
                fields=["person_id"], condition=Q(undone_at=None), name="a_person_is_merged_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name or self.person_id} into {self.into_id}"


class FaceMove(models.Model):
    """Faces that were split off a person, or moved to another one, kept so that this can be undone.

    The person `person_id` had the `faces`, the person `to_id` has got them; either may be merged or gone by now.
    """

    class Kind(models.TextChoices):
        SPLIT = "split", "split"
        MOVE = "move", "move"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="face_moves")
    kind = models.CharField(max_length=5, choices=Kind)
    person_id = models.UUIDField("person who had the faces", db_index=True)
    to_id = models.UUIDField("person who got them", db_index=True)
    faces = models.ManyToManyField(Face, related_name="+")
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.kind} from {self.person_id} to {self.to_id}"


class Identification(models.Model):
    """Whether a person in a library is a certain user, as its owner or an operator has said.

    It is about the person `person_id` also while this one is merged into another. When clustering gives the faces
    of a refused suggestion to another person, the suggestion stays refused by its `faces`.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="identifications")
    person_id = models.UUIDField("person", db_index=True)
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    confirmed = models.BooleanField(help_text="Whether the person is the user; otherwise it was refused.")
    name = models.CharField("the name that the person got by this", max_length=200, blank=True)
    faces = models.ManyToManyField(Face, related_name="+")
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person_id", "user"], name="one_answer_per_person_and_user"),
            models.UniqueConstraint(
                fields=["person_id"], condition=Q(confirmed=True), name="a_person_is_one_user"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} is {'' if self.confirmed else 'not '}{self.user_id}"
