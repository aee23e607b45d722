"""The schemas equal those in the files, so that a diff shows every change for clients."""

import copy
from typing import Any

import pytest

from pickeez_site.dialects.openapi.generator import dialect_names
from pickeez_site.tests.schema_snapshot import differences, generated, normalised, read_snapshot


@pytest.mark.parametrize("dialect", dialect_names())
def test_the_schema_is_that_of_its_file(dialect: str) -> None:
    """`make schema-snapshot` writes the files anew; the diff is then reviewed, and named in the changelog."""
    assert list(differences(normalised(read_snapshot(dialect)), normalised(generated(dialect)))) == []


def test_what_differs_is_named() -> None:
    before = read_snapshot("pixoneye")
    after = copy.deepcopy(before)
    operation = after["paths"]["/v1/users/post-profile"]["post"]
    operation["responses"]["201"]["description"] = "Something else."
    del operation["responses"]["415"]
    said = list(differences(normalised(before), normalised(after)))
    assert [line[0] for line in said] == ["~", "-"]
    assert all("/v1/users/post-profile" in line for line in said)


def test_names_of_components_and_order_make_no_difference() -> None:
    before = read_snapshot("pixoneye")
    after: dict[str, Any] = copy.deepcopy(before)
    after["components"]["schemas"]["Other"] = after["components"]["schemas"].pop("Error")
    after = _renamed(after)
    after["components"]["schemas"]["Other"]["required"].reverse()
    assert list(differences(normalised(before), normalised(after))) == []


def _renamed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _renamed(item) for name, item in reversed(value.items())}
    if isinstance(value, list):
        return [_renamed(item) for item in value]
    return "#/components/schemas/Other" if value == "#/components/schemas/Error" else value
