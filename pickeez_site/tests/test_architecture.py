"""Imports and foreign keys point to a lower floor or stay on their own, and other rules of ARCHITECTURE.md."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import distribution, packages_distributions
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import get_commands
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ["core", "accounts", "albums", "photos", "faces", "profiles", "pickeez_site"]  # from the ground up
DIALECTS = [path.name for path in (ROOT / "pickeez_site/dialects").iterdir() if (path / "urls.py").exists()]

# What may be imported only in one place (a file, or anything below a folder).
HOMES = {
    "rest_framework": ["pickeez_site/dialects/"],
    "deepface": ["faces/engine/"],
    "cv2": ["faces/engine/", "photos/objects/"],
    "dlib": ["faces/engine/"],
    "onnxruntime": ["core/onnx_sessions.py", "faces/engine/", "photos/objects/"],
    "PIL": ["photos/images", "pickeez_site/operations/demo/pictures.py"],
    "pillow_heif": ["photos/images"],
    "boto3": ["photos/storage.py", "pickeez_site/settings/data.py"],
    "botocore": ["photos/storage.py", "photos/probing.py", "pickeez_site/settings/data.py"],
    "s3transfer": ["photos/storage.py"],
    "storages": ["photos/storage.py"],
    "twilio": ["accounts/messaging/"],
    "firebase_admin": ["accounts/messaging/"],
    "py_vapid": ["accounts/messaging/", "accounts/services/web_push.py"],
    "http_ece": ["accounts/messaging/"],
    "phonenumbers": ["accounts/phones.py", "accounts/sms_recipients.py"],
    "oauthlib": ["accounts/facebook/"],
    "requests_oauthlib": ["accounts/facebook/"],
    "authlib": ["pickeez_site/gallery/provider.py"],
    "ua_parser": ["pickeez_site/gallery/devices.py"],
    "cryptography": ["core/encryption.py", "accounts/messaging/", "accounts/services/web_push.py"],
    "msgspec": ["pickeez_site/dialects/"],
    "reverse_geocode": ["profiles/geography.py"],
}
# Heavy libraries: none of them belongs into a process that only serves requests.
HEAVY = [
    "deepface",
    "cv2",
    "dlib",
    "onnxruntime",
    "twilio",
    "firebase_admin",
    "skimage",
    "matplotlib",
    "scipy",
    "oauthlib",
    "authlib",
    "ua_parser",
    "reverse_geocode",
]


def modules() -> list[Path]:
    files = [path for floor in FLOORS for path in (ROOT / floor).rglob("*.py")]
    return [path for path in files if not {"tests", "migrations"} & set(path.relative_to(ROOT).parts)]


def imports(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield str(node.module)


def violations(path: str, source: str) -> list[str]:
    """The violations of the rules in a file."""
    own_floor = FLOORS.index(path.split("/", maxsplit=1)[0])
    found = []
    for module in imports(source):
        package = module.split(".")[0]
        if package in FLOORS and FLOORS.index(package) > own_floor:
            found.append(f"{path} imports {module} from a higher floor")
        if path.endswith("receivers.py") and module == f"{FLOORS[own_floor]}.signals":
            found.append(f"{path} receives signals of its own app, which may enqueue a task instead")
        if package in HOMES and not path.startswith(tuple(HOMES[package])):
            found.append(f"{path} imports {package}, which lives in {HOMES[package]}")
    return found + _names_a_dialect(path, source)


def _names_a_dialect(path: str, source: str) -> list[str]:
    below = not path.startswith("pickeez_site/")
    names = [name for name in DIALECTS if name != "pickeez"]  # that is the project's own name, too
    words = [f"dialects.{name}" for name in DIALECTS] + names
    return [f"{path} knows the dialect {word}" for word in words if below and word in source.lower()]


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_keeps_to_its_floor(path: Path) -> None:
    assert violations(str(path.relative_to(ROOT)), path.read_text()) == []


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("accounts/models.py", "from albums.models import Album"),
        ("albums/services/queue.py", "import faces.tasks"),
        ("photos/services/intake.py", "from rest_framework.response import Response"),
        ("faces/services/originals.py", "from PIL import Image"),
        ("faces/tasks.py", "import cv2"),
        ("photos/tasks.py", "import boto3"),
        ("photos/receivers.py", "from photos.signals import photo_moved"),
        ("profiles/models.py", "from pickeez_site.dialects.pickeez import urls"),
    ],
)
def test_a_broken_rule_is_noticed(path: str, line: str) -> None:
    assert violations(path, line)


def test_the_web_process_stays_light() -> None:
    code = "import sys, django; django.setup(); import pickeez_site.urls; print(*{name.split('.')[0] for name in sys.modules})"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "pickeez_site.settings"}
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert set(HEAVY) & set(run.stdout.split()) == set()


def web_packages() -> set[str]:
    """The distributions of requirements-web.txt and their own requirements."""
    lines = (ROOT / "requirements-web.txt").read_text().splitlines()
    waiting = [Requirement(line.partition("#")[0]) for line in lines if not line.startswith("#")]
    found: set[str] = set()
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        if name in found:
            continue
        found.add(name)
        for needed in map(Requirement, distribution(name).requires or []):
            extras = wanted.extras or {""}
            if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in extras):
                waiting.append(needed)
    return found


def test_every_command_needs_no_more_than_the_web_process_has() -> None:
    """The modules that ours import when a command is loaded; libraries may try to import missing ones."""
    ours = [f"{app}.management.commands.{name}" for name, app in get_commands().items() if app in FLOORS]
    assert len(ours) >= 13
    code = "import sys, importlib, django; django.setup(); "
    code += f"[importlib.import_module(name) for name in {ours}]; "
    code += "print(*(module.__file__ for module in sys.modules.values() if getattr(module, '__file__', None)))"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "pickeez_site.settings"}
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    files = [Path(name) for name in run.stdout.split() if Path(name).is_relative_to(ROOT)]
    imported = {name for path in files if path.relative_to(ROOT).parts[0] in FLOORS for name in imports_of(path)}
    belong, there = packages_distributions(), web_packages()
    needed = {name: set(map(canonicalize_name, belong[name])) for name in imported if name in belong}
    assert "tqdm" in needed
    assert {name for name, holders in needed.items() if not there & holders} == set()


def imports_of(path: Path) -> set[str]:
    """The packages that the module imports when it is loaded, without those that functions import."""
    names = set[str]()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


def test_foreign_keys_run_down() -> None:
    for model in apps.get_models():
        floor = model._meta.app_label
        if floor not in FLOORS:
            continue
        for field in model._meta.get_fields():
            target = getattr(field.related_model, "_meta", None) if field.many_to_one or field.one_to_one else None
            if target and not field.auto_created and target.app_label in FLOORS:
                assert FLOORS.index(target.app_label) <= FLOORS.index(floor), f"{model}.{field.name} points up"


def test_every_app_of_the_house_is_installed() -> None:
    assert {config.name for config in apps.get_app_configs()} >= set(FLOORS)


def test_every_dialect_has_the_same_rooms() -> None:
    rooms = {"urls.py", "dialect.py", "wire", "README.md", "tests", "schema.json"}
    written_by_hand = {"pickeez"}
    for dialect in set(DIALECTS) - written_by_hand:
        found = {path.name for path in (ROOT / "pickeez_site/dialects" / dialect).iterdir()}
        assert rooms <= found | {"wire" for name in found if name == "wire.py"}


# Modules of these names; a function of any other module counts as a service.
KINDS = ("receivers", "sweeps", "tasks")


def shared_names(sources: dict[str, str]) -> dict[str, set[str]]:
    """The names that functions of several kinds share, with these kinds. `sources` maps paths to source text."""
    kinds: dict[str, set[str]] = {}
    for path, source in sources.items():
        kind = Path(path).stem if Path(path).stem in KINDS else "services"
        for node in ast.parse(source).body:
            if isinstance(node, ast.FunctionDef):
                kinds.setdefault(node.name, set()).add(kind)
    return {name: found for name, found in kinds.items() if len(found) > 1}


def test_a_receiver_a_sweep_a_task_and_a_service_have_different_names() -> None:
    assert shared_names({str(path.relative_to(ROOT)): path.read_text() for path in modules()}) == {}


def test_one_name_for_two_things_is_noticed() -> None:
    one, another = "def make_zip(): ...", "@shared_task\ndef make_zip(): ..."
    found = shared_names({"photos/services/zips.py": one, "photos/tasks.py": another, "photos/sweeps.py": ""})
    assert found == {"make_zip": {"services", "tasks"}}
