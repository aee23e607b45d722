"""The checks of the fuzz tests: they accept good answers only, and their requests leave nothing."""

from dataclasses import replace

import pytest
from schemathesis.core.failures import FailureGroup
from schemathesis.generation.case import Case

from pickeez_site.dialects.dialect import ErrorRow
from pickeez_site.dialects.pixoneye.dialect import PixoneyeViewSet
from pickeez_site.dialects.pixoneye.tests.customers import Customer
from pickeez_site.dialects.wire import Wire
from pickeez_site.tests.fuzzing import check, fuzzed
from profiles.models import Device


class Other(Wire):
    """An error that does not match the schema."""

    msg: str


@pytest.fixture
def case() -> Case:
    operation = fuzzed("pixoneye")["/v1/users/post-profile"]["POST"]
    return operation.Case(body={"appID": "MyApp", "deviceID": "NAME"}, media_type="application/json")


def test_a_good_answer_passes_and_nothing_of_it_stays(db: None, case: Case) -> None:
    check(case, {"api_key": Customer("Acme", "MyApp").key}, {"NAME": "device-1"})
    assert not Device.objects.exists()
    assert isinstance(case.body, dict)
    assert case.body["deviceID"] == "NAME"


def test_an_error_in_another_form_is_noticed(db: None, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    check(case, {})
    other = replace(PixoneyeViewSet.dialect, envelope=lambda failure: Other(msg=failure.words))
    monkeypatch.setattr(PixoneyeViewSet, "dialect", other)
    with pytest.raises(FailureGroup):
        check(case, {})


def test_a_status_that_is_not_described_is_noticed(db: None, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    other = replace(PixoneyeViewSet.dialect, errors=[ErrorRow(Exception, 418, "A teapot.")])
    monkeypatch.setattr(PixoneyeViewSet, "dialect", other)
    with pytest.raises(FailureGroup):
        check(case, {"api_key": Customer("Acme", "Another").key})
