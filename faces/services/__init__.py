"""Writes: what is found on originals, selfies and albums, and what operators and algorithms decide."""

from faces.services.album_processing import ProcessingResult, process_album_now, taken_by_others
from faces.services.albums import recognise_album, send_album
from faces.services.algorithm import (
    EMPTY,
    claim_pending_model,
    make_all_models_pending,
    make_models_pending,
    recognisable_users,
    release_pending_model,
    save_decisions,
    set_model,
)
from faces.services.assignment import (
    assign_waiting_faces,
    discard_old_assignments,
    note_assignment_queued,
    require_assignment_on,
)
from faces.services.copying import copy_sightings, delete_sightings_of_others
from faces.services.identification import confirm_user, forget_answer, refuse_user, take_back
from faces.services.looks import note_faces_changed, repair_looks
from faces.services.merging import (
    DecisionRefused,
    merge_people,
    move_faces,
    rename_person,
    set_hidden,
    split_person,
    undo_merge,
    undo_move,
)
from faces.services.originals import look_again, recognise_original, search_again
from faces.services.own_words import say_who_is_shown
from faces.services.people import recluster, remove_lost_faces
from faces.services.selfies import (
    add_selfie,
    check_selfie,
    look_again_at_selfies,
    note_selfie_queued,
    remove_selfies,
    use_profile_picture,
    wait_for_selfie,
)

__all__ = [
    "EMPTY",
    "DecisionRefused",
    "ProcessingResult",
    "add_selfie",
    "assign_waiting_faces",
    "check_selfie",
    "claim_pending_model",
    "confirm_user",
    "copy_sightings",
    "delete_sightings_of_others",
    "discard_old_assignments",
    "forget_answer",
    "look_again",
    "look_again_at_selfies",
    "make_all_models_pending",
    "make_models_pending",
    "merge_people",
    "move_faces",
    "note_assignment_queued",
    "note_faces_changed",
    "note_selfie_queued",
    "process_album_now",
    "recluster",
    "recognisable_users",
    "recognise_album",
    "recognise_original",
    "refuse_user",
    "release_pending_model",
    "remove_lost_faces",
    "remove_selfies",
    "rename_person",
    "repair_looks",
    "require_assignment_on",
    "save_decisions",
    "say_who_is_shown",
    "search_again",
    "send_album",
    "set_hidden",
    "set_model",
    "split_person",
    "take_back",
    "taken_by_others",
    "undo_merge",
    "undo_move",
    "use_profile_picture",
    "wait_for_selfie",
]
