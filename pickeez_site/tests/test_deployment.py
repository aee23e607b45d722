"""The container files agree with the server's settings."""

import re

import pytest
import yaml
from django.conf import settings

from core.tests.presence import present
from pickeez_site.tests.test_architecture import FLOORS, ROOT

COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
STAGES = {stage.split()[0]: stage for stage in re.split(r"^FROM \S+ AS ", DOCKERFILE, flags=re.MULTILINE)[1:]}
OURS = [name for name, service in SERVICES.items() if service.get("image", "").startswith("pickeez-")]
KNOWN = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


@pytest.mark.parametrize("name", OURS)
def test_every_variable_is_one_that_the_server_reads(name: str) -> None:
    assert set(SERVICES[name]["environment"]) <= KNOWN


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_watched_or_ends(name: str) -> None:
    service = SERVICES[name]
    stage = STAGES.get(service.get("image", "").removeprefix("pickeez-"), "")
    assert "healthcheck" in service or "HEALTHCHECK" in stage or service["restart"] == "no"


@pytest.mark.parametrize("name", OURS)
def test_every_image_of_ours_is_built_here(name: str) -> None:
    image = SERVICES[name]["image"]
    builds = [service["build"]["target"] for service in SERVICES.values() if "build" in service]
    assert image.removeprefix("pickeez-") in builds


@pytest.mark.parametrize("stage", ["web", "worker"])
def test_an_image_runs_as_an_ordinary_user(stage: str) -> None:
    assert re.search(r"^USER pickeez$", STAGES[stage], re.MULTILINE)


def test_the_web_image_has_only_what_the_web_needs() -> None:
    assert "requirements-web.txt" in STAGES["web-packages"]
    assert "requirements.txt" not in STAGES["web-packages"].replace("requirements-web.txt", "")
    assert "--from=web-packages" in STAGES["web"]


def test_the_workers_share_all_queues_out() -> None:
    taken = [queue for service in SERVICES.values() for queue in queues_of(service.get("command", ""))]
    assert sorted(taken) == sorted(settings.QUEUES)


def queues_of(command: str) -> list[str]:
    found = re.search(r"--queues (\S+)", command)
    return found[1].split(",") if found else []


def test_there_is_one_scheduler() -> None:
    assert [name for name, service in SERVICES.items() if " beat" in service.get("command", "")] == ["scheduler"]


def test_the_images_hold_all_of_the_house() -> None:
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert {*FLOORS, "manage.py", "requirements.txt", "requirements-web.txt", "constraints.txt"} == let_in


def test_the_proxy_lets_the_largest_photo_through() -> None:
    caddyfile = (ROOT / "pickeez_site/serving/Caddyfile").read_text()
    megabytes = int(present(re.search(r"max_size (\d+)MB", caddyfile))[1])
    assert megabytes * 10**6 > settings.MAX_PHOTO_BYTES
    assert "{$PUBLIC_URL}" in caddyfile
    assert SERVICES["proxy"]["environment"].keys() >= {"PUBLIC_URL", "BUCKET_URL"}


@pytest.mark.parametrize("name", OURS)
def test_what_the_image_counts_on_is_not_for_a_dotenv_file_to_change(name: str) -> None:
    """`env_file` would go before the image's own variables."""
    variables = set(re.findall(r"\b(HOST|PORT|DATA_DIR|METRICS_HOST|METRICS_PORT)\b=?", DOCKERFILE))
    assert variables | {"PORT"} <= set(SERVICES[name]["environment"])
