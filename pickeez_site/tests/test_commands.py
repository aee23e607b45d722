"""What all commands have in common: help, exit status, documentation, and that they can run twice."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django import db
from django.core.management import get_commands, load_command_class

from albums.models import Album
from conftest import MakePicture, Person, committing
from faces.management.commands import look_again
from pickeez_site.tests.test_architecture import FLOORS, ROOT

COMMANDS = {name: app for name, app in get_commands().items() if app in FLOORS}
PAGE = ROOT / "docs/commands.md"
NO_ALBUM = "00000000-0000-4000-8000-000000000000"

WRONG = [
    ("clear_pending_albums", ["no-uuid"]),
    ("create_api_key", []),
    ("create_api_key", ["--owner", "acme", "--app", "two words"]),
    ("create_bucket", ["surplus"]),
    ("create_token", ["--phone", "abc"]),
    ("derive_profiles", ["--days", "3"]),
    ("doctor", ["--only", "weather"]),
    ("fetch_models", ["surplus"]),
    ("import_folder", ["/"]),
    ("sign_in_link", []),
    ("sign_in_link", ["--phone", "seven"]),
    ("sign_in_link", ["--email", "nobody"]),
    ("sign_in_link", ["--user", "nobody"]),
    ("look_again", []),
    ("repair_looks", ["--user", "nobody"]),
    ("look_again", ["--missing", "--all"]),
    ("look_again", ["--missing", "--album", NO_ALBUM]),
    ("look_again", ["--all", "--user", "nobody"]),
    ("import_folder", ["/nowhere/at/all", "--user", "12025550111"]),
    ("import_folder", ["/", "--user", "nobody"]),
    ("open_contact", []),
    ("play_demo", ["surplus"]),
    ("process_albums", []),
    ("process_albums", [NO_ALBUM]),
    ("purge_deleted", ["--days", "3"]),
    ("recluster_faces", ["--user", "nobody"]),
    ("set_pending_albums", ["--owner", "nobody"]),
    ("set_pending_models", []),
]
# With what each is run twice; the default is nothing.
TWICE = {
    "clear_pending_albums": ["--all"],
    "create_api_key": ["--owner", "acme", "--app", "holiday"],
    "doctor": ["--only", "settings"],
    "look_again": ["--all"],
    "sign_in_link": ["--phone", "+12025550143"],
    "open_contact": ["12025550143"],
    "process_albums": ["--all"],
    "set_pending_albums": ["--all"],
    "set_pending_models": ["--all"],
}
# These speak to other machines: their own tests give them a stand-in.
NEEDS_OTHER_MACHINES = {"create_bucket", "fetch_models"}


@pytest.fixture
def status(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Runs a command as from the shell and returns its exit status."""
    monkeypatch.setattr(db.connections, "close_all", lambda: None)  # the test's own transaction goes on
    monkeypatch.setattr(look_again, "lower_priority", lambda: None)  # the tests' own process stays as it is

    def run(name: str, *arguments: str) -> int:
        try:
            with committing():
                load_command_class(COMMANDS[name], name).run_from_argv(["manage.py", name, *arguments])
        except SystemExit as end:
            return int(end.code or 0)
        return 0

    return run


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_help_says_what_it_does_and_what_its_status_means(
    status: Callable[..., int], capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert status(name, "--help") == 0
    said = " ".join(capsys.readouterr().out.split())
    command = load_command_class(COMMANDS[name], name)
    assert command.help in said
    assert re.search(r"Exit status: 0\b", command.help)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_argument_is_explained(name: str) -> None:
    parser = load_command_class(COMMANDS[name], name).create_parser("manage.py", name)
    assert [action.dest for action in parser._actions if not action.help] == []


@pytest.mark.parametrize(("name", "arguments"), WRONG, ids=str)
def test_wrong_arguments_end_with_status_two_and_do_nothing(
    db: None,
    owner: Person,
    status: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    name: str,
    arguments: list[str],
) -> None:
    assert status(name, *arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.strip()


@pytest.mark.parametrize("name", sorted(COMMANDS.keys() - NEEDS_OTHER_MACHINES - {"import_folder"}))
def test_a_command_may_be_run_twice(
    album: Album, status: Callable[..., int], capsys: pytest.CaptureFixture[str], name: str
) -> None:
    for _ in range(2):
        assert status(name, *TWICE.get(name, [])) == 0, capsys.readouterr().err


def test_an_import_may_be_run_twice(
    owner: Person, status: Callable[..., int], tmp_path: Path, make_picture: MakePicture
) -> None:
    (tmp_path / "a.png").write_bytes(make_picture().getvalue())
    for _ in range(2):
        assert status("import_folder", str(tmp_path), "--user", owner.id) == 0


def test_every_command_is_tried_with_wrong_arguments() -> None:
    assert {name for name, _ in WRONG} == set(COMMANDS)


def test_the_page_has_a_section_with_an_example_of_every_command_and_of_no_other() -> None:
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", PAGE.read_text(), re.DOTALL | re.MULTILINE))
    assert set(sections) == set(COMMANDS)
    for name, text in sections.items():
        assert f"    $ manage.py {name}" in text


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_examples_on_the_page_have_arguments_that_the_command_knows(name: str) -> None:
    parser = load_command_class(COMMANDS[name], name).create_parser("manage.py", name)
    for line in re.findall(rf"\$ manage\.py {name}\b(.*)", PAGE.read_text()):
        parser.parse_args(line.split())
