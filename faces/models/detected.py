"""The faces on originals: where they are, how they look, and by which engine they were searched for."""

from typing import Protocol

import numpy as np
from django.db import models
from django.db.models import Q
from django.utils import timezone
from numpy.typing import NDArray
from uuid_utils.compat import uuid7

from photos.models import Original

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
