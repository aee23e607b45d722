"""The stages of an original's processing. To add a stage, add a row here and write its task; nothing else.

The task takes the original's id and calls `photos.pipeline.run_stage`. All code that sends, claims, sweeps or
shows originals reads this list. Tasks are named by their path, so that this floor imports none of those above.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Stage:
    """`name` is the value of `Original.stage`, `task` the task's import path, `queue` one of `settings.QUEUES`."""

    name: str
    task: str
    queue: str


# In the order in which they run.
STAGES = (
    Stage("renditions", "photos.tasks.prepare_original", "pictures"),
    Stage("faces", "faces.tasks.find_faces", "faces"),
)
FIRST_STAGE = STAGES[0]


def stage_named(name: str) -> Stage:
    """Returns the stage with this name. Raises `KeyError`."""
    return {stage.name: stage for stage in STAGES}[name]


def stage_after(name: str) -> Stage | None:
    """Returns the next stage; None after the last one. Raises `KeyError`."""
    later = STAGES[STAGES.index(stage_named(name)) + 1 :]
    return later[0] if later else None


def stage_choices() -> list[tuple[str, str]]:
    """Returns the choices of `Original.stage`, which calls this function: a new stage needs no migration."""
    return [(stage.name, stage.name) for stage in STAGES]
