"""Sends random requests made from a dialect's schema, and checks the answers by it.

`FUZZ_EXAMPLES` is the number of requests for each route. The default number are the same every time; more are new
every time.
"""

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import strategies as st
from schemathesis.config import (
    AnalysisConfig,
    ConstantsConfig,
    GenerationConfig,
    HealthCheck,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
)
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from pickeez_site.dialects.openapi.views import schema_of
from pickeez_site.serving.media import MediaPaths
from pickeez_site.wsgi import application

FEW = 20
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", FEW))

# The ids in requests. Cases are made before there are any rows, so each test maps these ids to real ones.
IDS = [str(UUID(int=number, version=4)) for number in range(1, 7)]
PICTURES = [f"/media/{photo_id}/medium/1-{24 * 'x'}.jpg" for photo_id in IDS]  # each stands for a real one
NAMES = ["device-1", "user-1", "Acme"]
CLEAN = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)
SOME = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)
# Paths, too: the folders and files of PictoPy's examples, a file that was not imported, and one that is no
# picture.
PATHS = [
    f"/pictures/{name}" for name in ("trip", "trip/1.png", "trip/2.png", "trip/3.png", "new.png", "notes.txt")
]

FORMATS = {
    "uuid": st.sampled_from(IDS) | st.uuids().map(str),
    "printable": st.sampled_from(NAMES) | CLEAN,
    "app-id": st.sampled_from(["MyApp", "Shop"]),
    "next": st.sampled_from(["", *IDS]),
    "picture": st.sampled_from(PICTURES) | st.uuids().map(lambda pk: MediaPaths().rendition(pk, "small")),
    "scroll-id": st.just("SCROLL-ID"),
    "album-name": st.sampled_from(["Summer", "Empty"]) | SOME,
    "phone": st.sampled_from(["12025550111", "+12025550122", "052-293-4321", "555"]),
    "code": st.sampled_from(["CODE", "SIGN-IN-CODE", "000000"]),
    "facebook-code": st.just("FB-TOKEN") | CLEAN,
    "pic-url": st.sampled_from(["blabla", "https://example.com/me.jpg"]),
    "s3-path": st.sampled_from(["camera/a.png", "originals/a.png"]),
    "device-id": st.sampled_from(["", *NAMES]),
    "image-path": st.sampled_from(PATHS) | SOME | SOME.map("/pictures/{}".format),
}
for name, strategy in FORMATS.items():
    schemathesis.openapi.format(name, strategy)


def fuzzed(dialect: str) -> BaseSchema:
    generation = GenerationConfig(
        max_examples=EXAMPLES,
        deterministic=EXAMPLES <= FEW,
        database="none",
        allow_x00=False,  # no API accepts it; their own tests send it
        with_security_parameters=False,  # a test's own credentials are sent
    )
    # Texts from the server's source would replace those of `FORMATS`, and reading the source takes long.
    analysis = AnalysisConfig(constants=ConstantsConfig(enabled=False))
    config = SchemathesisConfig(
        projects=ProjectsConfig(default=ProjectConfig(generation=generation, analysis=analysis)),
        suppress_health_check=list(HealthCheck),
    )
    schema = schemathesis.openapi.from_dict(schema_of(dialect), config=config)
    schema.app = application
    return schema


@contextmanager
def _one_connection() -> Iterator[None]:
    """Keeps the connection of the test's transaction open, like Django's own test client."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


def check(
    case: schemathesis.Case,
    headers: Mapping[str, str],
    stand_ins: Mapping[str, str] | None = None,
    excluded: Collection[Callable] = (),
    *,
    of_members: Mapping[str, Mapping[str, str]] | None = None,
    credentials: Mapping[str, str] | None = None,
) -> None:
    """Sends the request and runs all checks on the answer except `excluded`; then rolls back.

    A value that does not match its `format` may be accepted or refused, because most formats only say what makes
    sense to send. `stand_ins` maps texts of `FORMATS` to the real ids that they stand for; `of_members` does so
    for single parameters or members by their names. `credentials` are sent in the query.
    """
    if _cannot_be_sent(case):
        return
    if _misses_a_format(case):
        excluded = [*excluded, negative_data_rejection, positive_data_acceptance]
    in_query: dict[str, Any] = {"params": dict(credentials)} if credentials else {}
    made_up = {}
    for place in ("path_parameters", "query", "body"):
        value = getattr(case, place)
        if (replaced := _replaced(value, stand_ins or {}, of_members or {})) != value:
            made_up[place] = value
            setattr(case, place, replaced)
    try:
        with _one_connection(), transaction.atomic():
            case.call_and_validate(headers=dict(headers), excluded_checks=list(excluded), **in_query)
            transaction.set_rollback(True)
    finally:  # the same case is tried with other credentials
        for place, value in made_up.items():
            setattr(case, place, value)


def _cannot_be_sent(case: schemathesis.Case) -> bool:
    """Whether a form has an empty value: Werkzeug omits the line before it, and Django then finds no field."""
    values = case.body.values() if isinstance(case.body, dict) else ()
    return case.media_type == "multipart/form-data" and any(value in ("", b"", []) for value in values)


def _misses_a_format(case: schemathesis.Case) -> bool:
    return case.meta is not None and "`format`" in (case.meta.phase.data.description or "")


def _replaced(value: Any, stand_ins: Mapping[str, str], of_members: Mapping[str, Mapping[str, str]]) -> Any:
    if isinstance(value, dict):
        return {
            stand_ins.get(name, name): _replaced(item, {**stand_ins, **of_members.get(name, {})}, of_members)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [_replaced(item, stand_ins, of_members) for item in value]
    return stand_ins.get(value, value) if isinstance(value, str) else value
