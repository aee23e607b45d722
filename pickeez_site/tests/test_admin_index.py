"""The admin's first page: what its figures show, to whom, and with how many queries."""

import re
from datetime import datetime, timedelta
from uuid import UUID
from xml.etree import ElementTree as ET

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from accounts.tests import admin_pages as pages
from albums.models import Album, PendingAlbum
from conftest import Person
from photos.models import Original, OriginalQuerySet, Photo
from photos.tests.builders import place_photo, place_photos
from pickeez_site.operations.dashboard import queries
from pickeez_site.operations.dashboard.charts import abbreviated, columns, rows, scale_steps
from pickeez_site.operations.dashboard.figures import figures_for

INDEX_QUERIES = 16


@pytest.fixture
def operator(db: None) -> Client:
    return pages.operator()


def text_of(client: Client) -> str:
    return client.get("/admin/").content.decode()


def drawings(text: str) -> list[ET.Element]:
    return [ET.fromstring(svg) for svg in re.findall(r"<svg viewBox.*?</svg>", text, re.DOTALL)]


def key_at(when: datetime, number: int) -> UUID:
    """The `number`th UUIDv7 key of this time."""
    return UUID(int=(int(when.timestamp() * 1000) << 80) | (7 << 76) | (2 << 62) | number)


def add_photos(user: User, days_ago: int, count: int) -> None:
    """Adds photos with keys from around noon of that day."""
    noon = timezone.now().replace(hour=12, minute=0) - timedelta(days=days_ago)
    originals = Original.objects.bulk_create(
        [Original(owner=user, key=f"{days_ago}/{number}", status="ready") for number in range(count)]
    )
    Photo.objects.bulk_create(
        [
            Photo(id=key_at(noon, number), original=original, owner=user, uploader=user, s3_path=original.key)
            for number, original in enumerate(originals)
        ]
    )


def test_photos_are_counted_by_the_day_they_were_added(owner: Person) -> None:
    for days_ago, count in ((0, 2), (1, 3), (29, 4), (30, 5)):
        add_photos(owner.user, days_ago, count)
    counts = list(queries.photos_per_day().values())
    assert len(counts) == 30
    assert (counts[-1], counts[-2], counts[0], sum(counts)) == (2, 3, 4, 9)


def test_a_photo_of_right_now_counts_today(owner: Person) -> None:
    place_photo(None, owner.user)
    assert list(queries.photos_per_day().values())[-1] == 1


def test_the_queue_is_counted_by_age(owner: Person) -> None:
    now = timezone.now()
    for minutes in (0.5, 2, 3, 10, 60, 200):
        album = Album.objects.create(owner=owner.user)
        PendingAlbum.objects.create(album=album, touched_at=now - timedelta(minutes=minutes))
    gone = Album.objects.create(owner=owner.user, deleted_at=now)
    PendingAlbum.objects.create(album=gone, touched_at=now)
    waiting = queries.albums_waiting()
    assert (list(waiting.by_age), waiting.total) == ([1, 2, 1, 1, 1], 6)
    assert waiting.oldest == now - timedelta(minutes=200)


def test_unfinished_photos_are_counted_by_age(owner: Person) -> None:
    for status in ("new", "processing", "ready", "failed"):
        place_photo(None, owner.user, status=status)
    Original.objects.filter(status="new").update(waiting_since=timezone.now() - timedelta(hours=3))
    assert list(queries.originals_waiting().by_age) == [1, 0, 0, 0, 1]


def test_failures_are_counted_by_reason(owner: Person) -> None:
    for number in range(8):
        place_photos(None, owner.user, 9 - number, status="failed", error=f"Reason {number}.")
    place_photos(None, owner.user, 3)
    assert queries.failures_by_reason()[:2] == [("Reason 0.", 9), ("Reason 1.", 8)]
    assert queries.count_failures() == sum(range(2, 10))


def test_the_time_of_a_stage_is_the_median(owner: Person) -> None:
    for seconds in (1.0, 2.0, 30.0):
        place_photo(None, owner.user, stage_seconds={"read": seconds / 10, "faces": seconds})
    place_photo(None, owner.user)
    place_photo(None, owner.user, status="failed", stage_seconds={"read": 100.0})
    assert queries.seconds_per_stage() == {"read": 0.2, "faces": 2.0}


def test_the_page_draws_what_there_is(operator: Client, owner: Person, album: Album) -> None:
    place_photos(album, owner.user, 3, stage_seconds={"decode": 0.25, "faces": 1.5})
    place_photos(album, owner.user, 2, status="failed", error="The <b>picture</b> is broken.")
    place_photos(album, owner.user, 1, status="new")
    text = text_of(operator)
    photos, albums, originals, failures, stages = drawings(text)
    bars = {
        drawing.get("aria-label"): [bar for bar in drawing.iter() if bar.tag == "rect"]
        for drawing in drawings(text)
    }
    assert [len(found) for found in bars.values()] == [30, 5, 5, 2, 4]
    assert "6 photos were added" in photos.attrib["aria-label"]
    assert "1 photos wait" in originals.attrib["aria-label"]
    assert "albums wait" in albums.attrib["aria-label"]
    assert "The <b>picture</b> is broken." in failures.attrib["aria-label"]
    assert "slowest stage is faces" in stages.attrib["aria-label"]
    assert {"250 ms", "1.50 s"} <= {element.text for element in stages.iter("text")}
    assert "<b>picture</b>" not in text


def test_every_picture_has_its_numbers_as_text_too(operator: Client, owner: Person) -> None:
    place_photos(None, owner.user, 2, stage_seconds={"read": 0.1})
    place_photos(None, owner.user, 1, status="failed", error="Broken.")
    text = text_of(operator)
    assert text.count('role="img"') == len(drawings(text)) == 5
    assert all(drawing.get("aria-label") for drawing in drawings(text))
    for row in ("Broken.</th><td>1<", "read</th><td>100 ms<", f"{timezone.now():%b}</th><td>3<"):
        assert row in text


def test_links_lead_to_the_failed(operator: Client, owner: Person) -> None:
    place_photos(None, owner.user, 2, status="failed", error="Broken, 100 % & more.")
    place_photos(None, owner.user, 1, status="failed", error="Other.")
    failures = drawings(text_of(operator))[3]
    addresses = [link.attrib["href"] for link in failures.iter("a")]
    assert [operator.get(address).context["cl"].result_count for address in addresses] == [2, 1]


def test_an_empty_server_has_a_first_page(operator: Client) -> None:
    text = text_of(operator)
    assert "No photo has failed." in text
    assert "No photo has been processed yet." in text
    assert len(drawings(text)) == 3


def test_it_links_to_documentation_and_health(operator: Client) -> None:
    text = text_of(operator)
    assert 'href="/api/docs/"' in text
    assert 'href="/readyz"' in text


def test_nothing_comes_from_another_host(operator: Client, owner: Person) -> None:
    place_photos(None, owner.user, 2)
    sources = re.findall(r'(?:src|<link[^>]*href)="([^"]+)"', text_of(operator))
    assert sources
    assert all(source.startswith("/static/") for source in sources)


def test_a_thousand_rows_cost_no_more(
    operator: Client, owner: Person, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    albums = Album.objects.bulk_create([Album(owner=owner.user) for _ in range(1000)])
    PendingAlbum.objects.bulk_create([PendingAlbum(album=album) for album in albums])
    for status in ("ready", "failed", "new"):
        place_photos(albums[0], owner.user, 1000, status=status)
    with django_assert_max_num_queries(INDEX_QUERIES):
        assert operator.get("/admin/").status_code == 200


@pytest.mark.parametrize(
    ("rows", "index"),
    [
        (Original.objects.unfinished(), "unfinished_originals"),
        (Original.objects.failed(), "failed_originals"),
        (Original.objects.claimable(), "unfinished_originals"),
    ],
)
def test_the_few_among_many_are_found_by_their_index(db: None, rows: OriginalQuerySet, index: str) -> None:
    """If the status were a parameter, SQLite would read the whole table."""
    if connection.vendor != "sqlite":
        pytest.skip("other databases plan by the table's size")
    assert index in rows.order_by().explain()


@pytest.mark.parametrize(
    ("permissions", "names"),
    [
        ([], []),
        (["view_photo"], ["photos"]),
        (["view_pendingalbum"], ["queue"]),
        (["view_original"], ["failures", "faults", "stages"]),
    ],
)
def test_staff_see_pictures_of_what_they_may_see(db: None, permissions: list[str], names: list[str]) -> None:
    user = User.objects.create_user(username="staff", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    assert [figure.name for figure in figures_for(User.objects.get(pk=user.pk))] == names
    text = text_of(pages.client_for(user))
    assert re.findall(r'id="figure-(\w+)"', text) == names


def test_nobody_else_sees_the_page(client: Client, owner: Person) -> None:
    assert client.get("/admin/")["Location"].startswith("/admin/login/")
    assert pages.client_for(owner.user).get("/admin/")["Location"].startswith("/admin/login/")


def test_browsers_may_send_the_login_form(db: None, settings: Settings) -> None:
    """With "no-referrer" browsers send `Origin: null` with a form, which Django refuses."""
    assert settings.SECURE_REFERRER_POLICY == "same-origin"


@pytest.mark.parametrize(
    ("highest", "steps"),
    [
        (0, [0, 1]),
        (1, [0, 1]),
        (3, [0, 1, 2, 3]),
        (7, [0, 5, 10]),
        (385, [0, 200, 400]),
        (1_000_000, [0, 500_000, 1_000_000]),
    ],
)
def test_scales_are_round(highest: int, steps: list[int]) -> None:
    assert scale_steps(highest) == steps


def test_scales_reach_the_highest_and_little_further() -> None:
    for highest in range(2000):
        steps = scale_steps(highest)
        assert highest <= steps[-1] <= max(1, 2 * highest)
        assert 2 <= len(steps) <= 5


def test_large_numbers_are_short() -> None:
    assert [abbreviated(number) for number in (0, 999, 1500, 2_000_000)] == ["0", "999", "1.5k", "2M"]


def test_columns_stand_on_the_axis_and_keep_proportion() -> None:
    drawing = columns([("a", 10), ("b", 5), ("c", 0)], height=120)
    assert {round(bar.y + bar.height, 1) for bar in drawing.bars} == {drawing.bottom}
    assert drawing.bars[0].height == pytest.approx(2 * drawing.bars[1].height, abs=0.2)
    assert drawing.bars[2].height == 0
    assert all(bar.x > 0 and bar.end <= drawing.right for bar in drawing.bars)


def test_rows_keep_proportion_and_are_never_invisible() -> None:
    drawing = rows([("a", 100, "100", ""), ("b", 50, "50", ""), ("c", 0.001, "0", "")])
    assert [bar.width for bar in drawing.bars] == [drawing.width, drawing.width / 2, 1.0]


def test_labels_are_counted_from_the_last_one() -> None:
    drawing = columns([(str(number), 1) for number in range(30)], height=100, every=7)
    assert [tick.label for tick in drawing.labels] == ["1", "8", "15", "22", "29"]
