"""Faces, people and their looks, face models and selfies, and who is on which photo."""

from faces.models.detected import (
    EMBEDDING_TYPE,
    EmbeddingSpace,
    Face,
    FaceSearch,
    Gate,
    embedding_array,
    embedding_bytes,
    recognisable,
)
from faces.models.looks import Look, OutdatedLooks
from faces.models.people import (
    FaceAssignment,
    FaceLibrary,
    FaceMove,
    Identification,
    PendingAssignment,
    Person,
    PersonMerge,
)
from faces.models.users import FaceModel, Selfie, SelfieQuerySet, Sighting, SightingQuerySet

__all__ = [
    "EMBEDDING_TYPE",
    "EmbeddingSpace",
    "Face",
    "FaceAssignment",
    "FaceLibrary",
    "FaceModel",
    "FaceMove",
    "FaceSearch",
    "Gate",
    "Identification",
    "Look",
    "OutdatedLooks",
    "PendingAssignment",
    "Person",
    "PersonMerge",
    "Selfie",
    "SelfieQuerySet",
    "Sighting",
    "SightingQuerySet",
    "embedding_array",
    "embedding_bytes",
    "recognisable",
]
