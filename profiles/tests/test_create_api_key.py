import io

import pytest
from django.core.management import CommandError, call_command

from core.tests.presence import present
from profiles.models import ApiKey, App, Owner
from profiles.services import find_api_key


def create(*arguments: str) -> str:
    """Runs the command and returns its output."""
    out = io.StringIO()
    call_command("create_api_key", *arguments, stdout=out)
    return out.getvalue()


def test_owner_and_app_are_created_and_the_key_is_the_last_word(db: None) -> None:
    key = create("--owner", "Acme & Sons/Ltd", "--app", "My.App_1-2", "--label", "billing").split()[-1]
    found = present(find_api_key(key=key))
    assert (found.app.owner.owner_id, found.app.app_id, found.label) == (
        "Acme & Sons/Ltd",
        "My.App_1-2",
        "billing",
    )


def test_a_second_key_of_the_same_app_is_another_one(db: None) -> None:
    first, second = (create("--owner", "Acme", "--app", "Shop").split()[-1] for _ in range(2))
    assert first != second
    assert (Owner.objects.count(), App.objects.count(), ApiKey.objects.count()) == (1, 1, 2)


def test_two_owners_may_have_apps_of_the_same_id(db: None) -> None:
    for owner in ("Acme", "Rival"):
        create("--owner", owner, "--app", "Shop")
    assert App.objects.filter(app_id="Shop").count() == 2


def test_a_key_has_256_bits_and_only_its_digest_is_stored(db: None) -> None:
    key = create("--owner", "Acme", "--app", "Shop").split()[-1]
    assert len(key) >= 43
    assert key not in repr(list(ApiKey.objects.values()))
    assert len(ApiKey.objects.get().digest) == 64


@pytest.mark.parametrize("app", ["", "a b", "ü", "a/b", "x" * 65, "a\n"])
def test_an_invalid_app_id_is_refused(db: None, app: str) -> None:
    with pytest.raises(CommandError):
        create("--owner", "Acme", "--app", app)
    assert not Owner.objects.exists()


@pytest.mark.parametrize("owner", ["", "a\nb", "x" * 129])
def test_an_invalid_owner_id_is_refused(db: None, owner: str) -> None:
    with pytest.raises(CommandError):
        create("--owner", owner, "--app", "Shop")
    assert not ApiKey.objects.exists()


def test_a_label_that_is_too_long_is_refused(db: None) -> None:
    with pytest.raises(CommandError):
        create("--owner", "Acme", "--app", "Shop", "--label", "x" * 101)


@pytest.mark.parametrize(
    "arguments", [[], ["--owner", "Acme"], ["--app", "Shop"], ["--owner", "a", "--app", "b", "c"]]
)
def test_bad_arguments_are_refused(db: None, arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        create(*arguments)
