"""The stages of an original's processing. A further one is a row here and its task, and nothing else.

The task takes the original's id and calls `photos.pipeline.run_stage`. Whatever sends, claims, sweeps or shows
originals goes by this list. It names tasks of floors above by their path: so it needs to import none of them.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Stage:
    """`name` is what `Original.stage` holds, `task` the task's path, `queue` one of `settings.QUEUES`."""

    name: str
    task: str
    queue: str


# In the order in which an original goes through them.
STAGES = (
    Stage("renditions", "photos.tasks.prepare_original", "pictures"),
    Stage("faces", "faces.tasks.find_faces", "faces"),
)
FIRST_STAGE = STAGES[0]


def stage_named(name: str) -> Stage:
    """Raises `KeyError`."""
    return {stage.name: stage for stage in STAGES}[name]


def stage_after(name: str) -> Stage | None:
    """The next stage; None when it was the last one. Raises `KeyError`."""
    later = STAGES[STAGES.index(stage_named(name)) + 1 :]
    return later[0] if later else None


def stage_choices() -> list[tuple[str, str]]:
    """For the model's field, which takes them by this function: a further stage needs no migration."""
    return [(stage.name, stage.name) for stage in STAGES]
