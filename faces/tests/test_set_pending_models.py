from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import User
from conftest import Person
from faces.models import FaceModel
from faces.services import claim_pending_model, set_model


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("set_pending_models", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def modelled(owner: Person, member: Person) -> None:
    """Two users whose models are set; an operator has none."""
    for person in (owner, member):
        set_model(user=person.user, model={"weights": [1]})
    User.objects.create_superuser("admin", "x")


def pending() -> set:
    return set(FaceModel.objects.filter(taken_at=None).values_list("user_id", flat=True))


def test_all_models_become_pending_and_empty(modelled: None, owner: Person, member: Person) -> None:
    assert run("--all") == "2 models are pending.\n"
    assert run("--all") == "2 models are pending.\n"
    assert pending() == {owner.user.pk, member.user.pk}
    assert [model.model for model in FaceModel.objects.all()] == [None] * 2


def test_users_are_chosen_by_id_and_phone(modelled: None, owner: Person, member: Person) -> None:
    assert run(member.phone) == "1 models are pending.\n"
    assert claim_pending_model() == member.user
    assert claim_pending_model() is None
    assert run(member.id, owner.phone) == "2 models are pending.\n"


def test_a_user_without_a_model_counts_as_pending(owner: Person) -> None:
    assert run(owner.id) == "1 models are pending.\n"
    assert claim_pending_model() == owner.user


def test_a_dry_run_counts_and_changes_nothing(modelled: None) -> None:
    FaceModel.objects.update(taken_at=timezone.now())
    assert run("--all", "--dry-run") == "2 models would be pending.\n"
    assert pending() == set()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [([], "Whose"), (["--all", "5"], "Whose"), (["12025550100"], "no user"), (["x"], "no user")],
)
def test_wrong_arguments_are_refused(modelled: None, arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message) as refusal:
        run(*arguments)
    assert refusal.value.returncode == 2
    assert pending() == set()
