"""The processing of originals, selfies and albums."""

from faces.services.albums import recognise_album, send_album
from faces.services.algorithm import (
    decide,
    give_back_pending_model,
    make_all_models_pending,
    make_models_pending,
    set_model,
    take_pending_model,
    users_with_models,
)
from faces.services.assignment import (
    assign_waiting_faces,
    await_assignment_on,
    give_up_assignments,
    note_assignment_queued,
)
from faces.services.copying import copy_sightings, forget_sightings_of_others
from faces.services.merging import (
    DecisionRefused,
    merge_people,
    move_faces,
    rename_person,
    set_hidden,
    split_person,
    undo_merge,
)
from faces.services.originals import recognise_original
from faces.services.people import forget_lost_faces, recluster
from faces.services.process_now import Processed, process_album_now, taken_by_others
from faces.services.selfies import (
    add_selfie,
    check_selfie,
    note_selfie_queued,
    remove_selfies,
    use_profile_picture,
    wait_for_selfie,
)

__all__ = [
    "DecisionRefused",
    "Processed",
    "add_selfie",
    "assign_waiting_faces",
    "await_assignment_on",
    "check_selfie",
    "copy_sightings",
    "decide",
    "forget_lost_faces",
    "forget_sightings_of_others",
    "give_back_pending_model",
    "give_up_assignments",
    "make_all_models_pending",
    "make_models_pending",
    "merge_people",
    "move_faces",
    "note_assignment_queued",
    "note_selfie_queued",
    "process_album_now",
    "recluster",
    "recognise_album",
    "recognise_original",
    "remove_selfies",
    "rename_person",
    "send_album",
    "set_hidden",
    "set_model",
    "split_person",
    "take_pending_model",
    "taken_by_others",
    "undo_merge",
    "use_profile_picture",
    "users_with_models",
    "wait_for_selfie",
]
