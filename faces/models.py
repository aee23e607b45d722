"""Faces on originals, the people of a library, selfies and face models, and who is on which photo."""

from typing import Protocol

import numpy as np
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from numpy.typing import NDArray
from uuid_utils.compat import uuid7

from accounts.models import User
from core.faults import WithFault
from core.leases import LeasedQuerySet, Queued
from photos.models import Original, Photo

EMBEDDING_TYPE = np.dtype("<f4")


def embedding_bytes(embedding: NDArray[np.float32]) -> bytes:
    """Returns the embedding as it is stored: little-endian float32."""
    return np.asarray(embedding, EMBEDDING_TYPE).tobytes()


def embedding_array(stored: bytes | memoryview) -> NDArray[np.float32]:
    """Returns a stored embedding as float32 of shape (d,)."""
    return np.frombuffer(stored, EMBEDDING_TYPE)


class Face(models.Model):
    """A face on an original, in pixels of its upright picture. Only embeddings of one `engine` are comparable."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    original = models.ForeignKey(Original, models.CASCADE, related_name="faces")
    x = models.PositiveIntegerField()
    y = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    score = models.FloatField()
    landmarks = models.JSONField(default=list)
    quality = models.FloatField(
        null=True,
        blank=True,
        help_text="How much of a face the engine saw; empty if it cannot tell.",
    )
    embedding = models.BinaryField()
    engine = models.CharField(max_length=100)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["original", "x", "y", "width", "height"], name="one_face_per_place")
        ]

    def __str__(self) -> str:
        return f"face on {self.original_id}"


class FaceSearch(models.Model):
    """The engine that has searched an original for faces last, whether it found some or not."""

    original = models.OneToOneField(Original, models.CASCADE, primary_key=True, related_name="face_search")
    engine = models.CharField(max_length=100, blank=True, help_text="Empty when it is to be searched again.")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "face searches"

    def __str__(self) -> str:
        return f"{self.engine} on {self.original_id}"


class EmbeddingSpace(models.Model):
    """The embeddings of one `engine`: only these are comparable with each other.

    The worker stores some of the engine's `Limits`, so that the web process can compare faces without loading an
    engine. Without a `cluster_cut` (from before there was one), it is the threshold.
    """

    engine = models.CharField(max_length=100, primary_key=True)
    threshold = models.FloatField()
    cluster_cut = models.FloatField(null=True, blank=True)
    min_score = models.FloatField(null=True, blank=True)
    min_quality = models.FloatField(null=True, blank=True)

    def __str__(self) -> str:
        return self.engine

    @property
    def cut(self) -> float:
        return self.threshold if self.cluster_cut is None else self.cluster_cut


class Gate(Protocol):
    """What a face must have for people to be recognised by it: see `faces.engine.Limits`."""

    @property
    def min_score(self) -> float | None: ...
    @property
    def min_quality(self) -> float | None: ...


def recognisable(gate: Gate, prefix: str = "") -> Q:
    """Returns the condition that a face, at this prefix of the query, passes its engine's gate."""
    passes = Q()
    if gate.min_score is not None:
        passes &= Q(**{f"{prefix}score__gte": gate.min_score})
    if gate.min_quality is not None:
        passes &= Q(**{f"{prefix}quality": None}) | Q(**{f"{prefix}quality__gte": gate.min_quality})
    return passes


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


class Look(models.Model):
    """How a person looks to an engine: the mean of `faces` of their faces, and the mean of their squared norms.

    Most people have one; somebody whom an operator has merged may have several. A face that is nobody's is a look
    of its own, with a `face` instead of a `person`. A row with neither is free for the next look. `slot` is its
    place in the packed copies (`faces/index/`), `version` that of the library when the row was written.
    """

    owner = models.ForeignKey(User, models.CASCADE, related_name="+")
    engine = models.CharField(max_length=100)
    slot = models.PositiveIntegerField()
    version = models.BigIntegerField()
    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="looks")
    face = models.ForeignKey(Face, models.CASCADE, null=True, related_name="+")
    faces = models.PositiveIntegerField(default=1)
    mean = models.BinaryField()
    square = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "engine", "slot"], name="one_look_per_slot"),
            models.UniqueConstraint(fields=["owner", "face"], name="one_look_per_library_and_face"),
        ]
        indexes = [
            models.Index(fields=["owner", "engine", "version"], name="changed_looks"),
            models.Index(fields=["owner", "engine"], name="free_looks", condition=Q(person=None, face=None)),
        ]

    def __str__(self) -> str:
        return f"look of {self.person_id or self.face_id}"


class OutdatedLooks(models.Model):
    """A person whose faces have changed, so that their looks are computed anew before the next comparison."""

    person = models.OneToOneField(Person, models.CASCADE, primary_key=True, related_name="outdated_looks")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "outdated looks"

    def __str__(self) -> str:
        return f"looks of {self.person_id}"


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


class FaceModel(models.Model):
    """A model of one user's face, made by an outside algorithm. The built-in recogniser uses selfies instead.

    It is empty and pending until the algorithm takes it (`taken_at`), then without a `model` until one is set.
    A user without a row is pending, too.
    """

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="face_model")
    model = models.JSONField(null=True, blank=True)
    taken_at = models.DateTimeField(
        null=True,
        blank=True,
        db_index=True,
        help_text="When an algorithm took it to work on; pending while empty.",
    )
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"face model of {self.user_id}"


class SelfieQuerySet(LeasedQuerySet["Selfie"]):
    def claimable(self) -> "SelfieQuerySet":
        return self.filter(status=Selfie.Status.NEW).filter(Q(claim=None) | Q(lease_until__lt=timezone.now()))

    def accepted(self) -> "SelfieQuerySet":
        return self.filter(status=Selfie.Status.ACCEPTED)

    def of_another_engine(self, engine: str) -> "SelfieQuerySet":
        """Returns the selfies that an engine has accepted, and this one has not looked at.

        Also those that an engine after it has refused: their files are kept.
        """
        return self.exclude(status=Selfie.Status.NEW).exclude(embedding=None).exclude(engine=engine)

    def being_looked_at_again(self) -> "SelfieQuerySet":
        return self.filter(status=Selfie.Status.NEW, embedding__isnull=False)


class Selfie(Queued, WithFault):
    """A picture from which a user is recognised. It is accepted when it shows one face, alone or far in front."""

    class Status(models.TextChoices):
        NEW = "new", "new"
        ACCEPTED = "taken", "taken"
        REFUSED = "refused", "refused"

    class Source(models.TextChoices):
        SELFIE = "selfie", "selfie"
        PIC_URL = "pic_url", "picture URL"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="selfies")
    source = models.CharField(max_length=7, choices=Source, default=Source.SELFIE)
    key = models.CharField("storage key", max_length=1024, unique=True)
    sha256 = models.CharField(max_length=64)
    content_type = models.CharField(max_length=50, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.NEW)
    error = models.CharField(max_length=300, blank=True)
    num_faces = models.PositiveIntegerField(null=True, blank=True)
    embedding = models.BinaryField(null=True, blank=True)
    engine = models.CharField(max_length=100, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SelfieQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "sha256"], name="a_selfie_counts_once")]
        indexes = [
            models.Index(fields=["created_at"], name="new_selfies", condition=Q(status="new")),
            models.Index(fields=["fault_at"], name="selfies_with_fault", condition=Q(fault_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"selfie of {self.user_id}"


class SightingQuerySet(models.QuerySet["Sighting"]):
    def shown(self) -> "SightingQuerySet":
        return self.filter(shows=True)

    def without_word(self) -> "SightingQuerySet":
        """Returns those about which the user themself has said nothing."""
        return self.filter(own_word=None)


class Sighting(models.Model):
    """States that a photo shows a user, or that it does not.

    `found` is what a recogniser has decided: the built-in one only that the photo shows the user, an outside
    algorithm also that it does not. The algorithm's decision takes precedence over a built-in one, and stays when
    the album is processed again. `own_word` is what the user has said of themself, and takes precedence over both.
    The database computes `shows`, what holds, so that neither writer can overwrite the other's decision.
    """

    class By(models.TextChoices):
        BUILTIN = "builtin", "built-in"
        ALGORITHM = "algorithm", "algorithm"
        NOBODY = "", "nobody"

    photo = models.ForeignKey(Photo, models.CASCADE, related_name="sightings")
    user = models.ForeignKey(User, models.CASCADE, related_name="sightings")
    by = models.CharField(
        "found by", max_length=9, choices=By, blank=True, help_text="Empty: only the user themself has said so."
    )
    found = models.BooleanField(default=True)
    own_word = models.BooleanField(
        "own word", null=True, blank=True, help_text="Whether the user says that the photo shows them."
    )
    shows = models.GeneratedField(
        expression=Coalesce("own_word", "found"), output_field=models.BooleanField(), db_persist=True
    )
    score = models.FloatField(null=True, blank=True, help_text="0 to 1; how sure the built-in recogniser is.")
    in_last_call = models.BooleanField(
        default=False, help_text="Whether the algorithm's last call about this photo named this user."
    )

    objects = SightingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["photo", "user"], name="one_sighting_per_photo_and_user"),
            models.CheckConstraint(condition=~Q(by="") | Q(found=False), name="nothing_is_found_by_nobody"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.photo_id}"
