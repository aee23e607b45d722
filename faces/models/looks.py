"""How people look, for finding the person of a new face without reading every face."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from faces.models.detected import Face
from faces.models.people import Person


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
