"""Whatever is sent, the answer is one that the schema describes."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django import Settings
from schemathesis import Case
from schemathesis.specs.openapi.checks import positive_data_acceptance

from albums.services import create_named_album
from conftest import Person
from faces.services import recluster
from photos.importing import import_paths
from photos.models import ObjectLabel, Original, Photo
from photos.services import add_images
from pickeez_site.dialects.pictopy.tests.test_match import add_face
from pickeez_site.tests.fuzzing import PATHS, check, fuzzed

schema = fuzzed("pictopy")
pytestmark = [pytest.mark.fuzz, pytest.mark.timeout(0)]

# Which paths are good here, only the server's disk says: the ordinary tests show that those are taken.
IMPORTS = ["/images/images", "/images/add-folder", "/images/generate-thumbnails"]


@pytest.fixture
def places(root: Path, put: Callable[..., str], owner: Person) -> dict[str, str]:
    """Where the paths of made-up requests are: three images of a person in front of a bus, and other files."""
    trip = [put(f"trip/{number}.png", size=(8, 8)) for number in (1, 2, 3)]
    import_paths(user=owner.user, paths=trip)
    for photo in Photo.objects.filter(s3_path__in=trip[:2]):
        add_face(photo, 1, 0)
        ObjectLabel.objects.create(original=photo.original, name="bus", score=0.9)
    Original.objects.update(status=Original.Status.READY)
    recluster(owner=owner.user)
    summer, _ = [create_named_album(owner=owner.user, name=name) for name in ("Summer", "Empty")]
    add_images(album=summer, user=owner.user, paths=trip[:2])
    put("new.png", size=(8, 8))
    (root / "notes.txt").write_text("no picture")
    return {path: path.replace("/pictures", str(root), 1) for path in PATHS}


@pytest.fixture(params=["nobody", "owner", "stranger", "wrong token", "local library"])
def credentials(
    request: pytest.FixtureRequest, settings: Settings, owner: Person, stranger: Person
) -> dict[str, dict[str, str]]:
    """What a caller of each kind sends, from this machine. The token goes in the header or in the query."""
    if request.param == "local library":
        settings.LOCAL_LIBRARY_USER = owner.id
    headers, query = {
        "nobody": ({}, {}),
        "owner": ({"authorization": f"Bearer {owner.token}"}, {}),
        "stranger": ({}, {"token": stranger.token}),
        "wrong token": ({"authorization": "Bearer wrong"}, {}),
        "local library": ({}, {}),
    }[request.param]
    return {"headers": headers, "query": query}


@schema.parametrize()
def test_every_answer_is_as_described(
    case: Case, credentials: dict[str, dict[str, str]], places: dict[str, str]
) -> None:
    excluded = [positive_data_acceptance] if case.operation.path in IMPORTS else []
    check(case, credentials["headers"], places, excluded, credentials=credentials["query"])
