"""The processing of originals, selfies and albums."""

from faces.services.albums import process_album
from faces.services.algorithm import (
    decide,
    give_back_pending_model,
    make_all_models_pending,
    set_model,
    take_pending_model,
)
from faces.services.copying import copy_sightings, forget_sightings_of_others
from faces.services.originals import note_queued, process_original
from faces.services.people import assign_faces, forget_lost_faces, recluster
from faces.services.selfies import add_selfie, process_selfie, remove_selfies, use_profile_picture, wait_for_selfie

__all__ = [
    "add_selfie",
    "assign_faces",
    "copy_sightings",
    "decide",
    "forget_lost_faces",
    "forget_sightings_of_others",
    "give_back_pending_model",
    "make_all_models_pending",
    "note_queued",
    "process_album",
    "process_original",
    "process_selfie",
    "recluster",
    "remove_selfies",
    "set_model",
    "take_pending_model",
    "use_profile_picture",
    "wait_for_selfie",
]
