"""Tasks are enqueued, routed and scheduled by name: every name must be that of a task."""

import ast

import pytest
from celery import current_app
from django.conf import settings
from django.utils.module_loading import import_string

from pickeez_site.tests.test_architecture import ROOT, modules

ENQUEUEING = {"enqueue", "send_task"}
# They send what they are given, and the tasks of `photos.stages`, which have routes.
BY_VARIABLE = {ROOT / "core/enqueueing.py", ROOT / "photos/services/processing.py"}


def enqueued(source: str) -> set[str]:
    """The task names that the module enqueues; an expression counts as a name, which no task has."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    ours = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id in ENQUEUEING]
    return {
        ast.literal_eval(name) if isinstance(name := call.args[0], ast.Constant) else ast.unparse(name)
        for call in ours
    }


def names() -> list[str]:
    sources = [path.read_text() for path in modules() if path not in BY_VARIABLE]
    scheduled = {str(entry["task"]) for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    return sorted(scheduled.union(settings.CELERY_TASK_ROUTES, *map(enqueued, sources)))


@pytest.mark.parametrize("name", names())
def test_every_name_is_that_of_a_task(name: str) -> None:
    current_app.loader.import_default_modules()
    assert import_string(name).name == name
    assert name in current_app.tasks


def test_the_names_in_calls_are_found() -> None:
    source = 'enqueue("photos.tasks.make_zip", str(pk))\nsend_task(name, queue=queue_for(pk))'
    assert enqueued(source) == {"photos.tasks.make_zip", "name"}
    assert {"photos.tasks.make_zip", "faces.tasks.recluster_library", "core.tasks.sweep"} <= set(names())
