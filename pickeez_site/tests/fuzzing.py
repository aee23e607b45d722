"""Requests made up from a dialect's schema, and answers judged by it. `FUZZ_EXAMPLES` says how many for each route.

As few as by default are the same every time; more are new ones every time.
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
from schemathesis.config import GenerationConfig, HealthCheck, ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.schemas import BaseSchema

from pickeez_site.dialects.openapi.views import schema_of
from pickeez_site.wsgi import application

FEW = 20
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", FEW))

# Ids that requests are made up with. A test says which real ones they stand for: cases are made before there are any.
IDS = [str(UUID(int=number, version=4)) for number in range(1, 7)]
NAMES = ["device-1", "user-1", "Acme"]
CLEAN = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)

FORMATS = {
    "uuid": st.sampled_from(IDS) | st.uuids().map(str),
    "printable": st.sampled_from(NAMES) | CLEAN,
    "app-id": st.sampled_from(["MyApp", "Shop"]),
    "scroll-id": st.just("SCROLL-ID"),
}
for name, strategy in FORMATS.items():
    schemathesis.openapi.format(name, strategy)


def fuzzed(dialect: str) -> BaseSchema:
    generation = GenerationConfig(
        max_examples=EXAMPLES,
        deterministic=EXAMPLES <= FEW,
        database="none",
        with_security_parameters=False,  # a test's own credentials are sent
    )
    config = SchemathesisConfig(
        projects=ProjectsConfig(default=ProjectConfig(generation=generation)),
        suppress_health_check=list(HealthCheck),
    )
    schema = schemathesis.openapi.from_dict(schema_of(dialect), config=config)
    schema.app = application
    return schema


@contextmanager
def _one_connection() -> Iterator[None]:
    """As in Django's own test client: a request does not close the connection that the test's transaction is on."""
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
) -> None:
    """Sends the request and judges the answer by every check but those excluded; nothing of it stays.

    `stand_ins` maps texts of `FORMATS` to the real ids that they stand for.
    """
    made_up = {}
    for place in ("path_parameters", "query", "body"):
        value = getattr(case, place)
        if (replaced := _replaced(value, stand_ins or {})) != value:
            made_up[place] = value
            setattr(case, place, replaced)
    try:
        with _one_connection(), transaction.atomic():
            case.call_and_validate(headers=dict(headers), excluded_checks=list(excluded))
            transaction.set_rollback(True)
    finally:  # the same case is tried with other credentials
        for place, value in made_up.items():
            setattr(case, place, value)


def _replaced(value: Any, stand_ins: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _replaced(item, stand_ins) for name, item in value.items()}
    if isinstance(value, list):
        return [_replaced(item, stand_ins) for item in value]
    return stand_ins.get(value, value) if isinstance(value, str) else value
