"""Admin pages of faces, people, face models, selfies and sightings; and of photos with their faces."""

from faces.admin.face_models import FaceModelAdmin, SelfieAdmin
from faces.admin.faces import (
    EmbeddingSpaceAdmin,
    FaceAdmin,
    FaceAssignmentAdmin,
    FaceSearchAdmin,
    PendingAssignmentAdmin,
)
from faces.admin.identifications import IdentificationAdmin
from faces.admin.merges import FaceMoveAdmin, PersonMergeAdmin
from faces.admin.people import PersonAdmin
from faces.admin.photos import OriginalWithFacesAdmin, PhotoWithFacesAdmin, SightingAdmin

__all__ = [
    "EmbeddingSpaceAdmin",
    "FaceAdmin",
    "FaceAssignmentAdmin",
    "FaceModelAdmin",
    "FaceMoveAdmin",
    "FaceSearchAdmin",
    "IdentificationAdmin",
    "OriginalWithFacesAdmin",
    "PendingAssignmentAdmin",
    "PersonAdmin",
    "PersonMergeAdmin",
    "PhotoWithFacesAdmin",
    "SelfieAdmin",
    "SightingAdmin",
]
