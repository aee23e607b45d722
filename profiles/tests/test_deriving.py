"""Deriving profiles from the photos of a device, from upload to response."""

import io

import pytest
from django.core.management import CommandError, call_command
from PIL import ExifTags
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from albums.models import Album
from albums.services import create_album
from conftest import MakePicture, Person
from core.tests.answers import Json
from core.tests.presence import present
from faces.engine.demographics import DemographicEstimate
from photos.models import ObjectLabel, Original, Photo
from photos.storage import StorageUnavailable
from photos.tests.builders import place_photos
from profiles import tasks
from profiles.models import App, Device, Profile, ScannedPhoto
from profiles.services import (
    derive_profile,
    deriving,
    erase_device,
    get_or_create_app,
    give_consent,
    link_photo,
    post_profile,
    withdraw_consent,
)

TEL_AVIV, ROME, PARIS, SEA = (32.0853, 34.7818), (41.8902, 12.4922), (48.8584, 2.2945), (-20.0, -25.0)
DERIVED = {
    "country": "Israel",
    "city": "Tel Aviv",
    "country-vacations": ["Italy", "France"],
    "city-vacations": ["Rome", "Paris"],
}


@pytest.fixture
def app(db: None) -> App:
    return get_or_create_app(owner_id="Acme", app_id="Shop")


def add(
    app: App,
    user: User,
    album: Album,
    *positions: tuple[float, float],
    device_id: str = "d",
    status: str = "ready",
    **facts: object,
) -> list[Photo]:
    """Adds processed photos of the user from the device, one at each position."""
    photos: list[Photo] = []
    for latitude, longitude in positions:
        photos += place_photos(album, user, 1, latitude=latitude, longitude=longitude, status=status, **facts)
        link_photo(app=app, device_id=device_id, photo=photos[-1], user=user)
    return photos


def device(app: App, device_id: str = "d") -> Device:
    return Device.objects.get(app=app, device_id=device_id)


def derived(app: App, device_id: str = "d") -> dict[str, Json] | None:
    """Runs the command and returns what was derived for the device; None without a profile."""
    call_command("derive_profiles", stdout=io.StringIO())
    return Profile.objects.filter(app=app, device__device_id=device_id).values_list("derived", flat=True).first()


@pytest.fixture
def traveller(app: App, owner: Person, album: Album) -> Device:
    """A device whose user consents, with photos from home, two journeys and the sea."""
    add(app, owner.user, album, *[TEL_AVIV] * 4, *[ROME] * 2, PARIS, SEA)
    give_consent(app=app, device_id="d", user=owner.user)
    return device(app)


def test_places_are_derived_from_where_photos_were_taken(app: App, traveller: Device) -> None:
    assert derived(app) == DERIVED


def tagged(picture: io.BytesIO, latitude: float, longitude: float) -> io.BytesIO:
    """Adds GPS coordinates to the EXIF data of the picture."""
    from PIL import Image

    def degrees(value: float) -> tuple[float, float, float]:
        minutes, seconds = divmod(abs(value) * 3600, 60)
        return (*divmod(minutes, 60), seconds)

    image, file = Image.open(picture), io.BytesIO()
    exif = Image.Exif()
    exif[ExifTags.IFD.GPSInfo] = {
        ExifTags.GPS.GPSLatitudeRef: "N" if latitude >= 0 else "S",
        ExifTags.GPS.GPSLatitude: degrees(latitude),
        ExifTags.GPS.GPSLongitudeRef: "E" if longitude >= 0 else "W",
        ExifTags.GPS.GPSLongitude: degrees(longitude),
    }
    image.convert("RGB").save(file, "JPEG", exif=exif)
    file.seek(0)
    file.name = picture.name
    return file


def test_uploaded_pictures_with_gps_tags_make_a_profile(
    app: App, owner: Person, album: Album, make_picture: MakePicture
) -> None:
    positions = [TEL_AVIV] * 3 + [(-33.8568, 151.2153), (40.7128, -74.006)]
    for seed, position in enumerate(positions):
        file = tagged(make_picture(0, seed=seed * 40), *position)
        answer = owner.post("/photos/", {"album_id": str(album.pk), "file": file}).json()
        link_photo(app=app, device_id="d", photo=Photo.objects.get(pk=answer["_id"]), user=owner.user)
    give_consent(app=app, device_id="d", user=owner.user)
    assert derived(app) == {
        "country": "Israel",
        "city": "Tel Aviv",
        "country-vacations": ["Australia", "United States"],
        "city-vacations": ["New York City", "Sydney"],
    }


def test_nothing_is_derived_without_consent(app: App, owner: Person, album: Album) -> None:
    add(app, owner.user, album, *[TEL_AVIV] * 3)
    assert derived(app) is None
    assert derive_profile(device_id=device(app).pk) is False


def test_posted_words_replace_derived_ones_and_both_are_stored(app: App, traveller: Device) -> None:
    posted = {"country": "France", "gender": "unknown", "city-vacations": []}
    post_profile(app=app, device_id="d", members=posted)
    derived(app)
    profile = Profile.objects.get()
    assert (profile.posted, profile.derived) == (posted, DERIVED)


def test_withdrawing_consent_erases_what_was_derived(app: App, traveller: Device, owner: Person) -> None:
    derived(app)
    withdraw_consent(app=app, device_id="d", user=owner.user)
    assert derived(app) is None


def test_erasing_the_device_erases_what_was_derived(app: App, traveller: Device) -> None:
    derived(app)
    erase_device(apps=[app], device_id="d")
    assert derived(app) is None
    assert not Profile.objects.exists()


def test_deriving_again_changes_nothing_and_follows_the_photos(
    app: App, traveller: Device, owner: Person, album: Album
) -> None:
    derived(app)
    before = Profile.objects.values().get()
    derived(app)
    assert Profile.objects.values().get() == before
    add(app, owner.user, album, *[ROME] * 9)
    assert present(derived(app))["country"] == "Italy"
    Photo.objects.all().delete()
    assert derived(app) is None


@pytest.mark.parametrize("status", ["new", "processing", "failed"])
def test_photos_that_are_not_processed_show_nothing(app: App, traveller: Device, status: str) -> None:
    Original.objects.update(status=status)
    assert derived(app) is None


def test_deleted_photos_show_nothing(app: App, traveller: Device, owner: Person) -> None:
    for photo in Photo.objects.all():
        owner.post(f"/photos/{photo.pk}/delete")
    assert derived(app) is None


def test_only_photos_of_the_user_who_consented_count(
    app: App, traveller: Device, member: Person, album: Album
) -> None:
    add(app, member.user, album, *[PARIS] * 9)
    assert derived(app) == DERIVED


def test_only_photos_of_that_device_count(app: App, traveller: Device, owner: Person, album: Album) -> None:
    add(app, owner.user, album, *[PARIS] * 9, device_id="other")
    add(get_or_create_app(owner_id="Acme", app_id="News"), owner.user, album, *[PARIS] * 9)
    assert derived(app) == DERIVED


def test_an_image_in_two_albums_counts_once(app: App, traveller: Device, owner: Person) -> None:
    other = create_album(owner=owner.user)
    rome = present(Photo.objects.filter(original__latitude=ROME[0]).first())
    for number in range(9):
        again = Photo.objects.create(
            original=rome.original, album=other, owner=owner.user, uploader=owner.user, s3_path=str(number)
        )
        ScannedPhoto.objects.create(device=traveller, photo=again)
    assert derived(app) == DERIVED


def test_objects_on_photos_give_words_above_their_thresholds(app: App, owner: Person, album: Album) -> None:
    photos = add(app, owner.user, album, *[SEA] * 20)
    give_consent(app=app, device_id="d", user=owner.user)
    labels = [("dog", 3, 0.5), ("car", 5, 0.9), ("skis", 2, 0.9), ("surfboard", 5, 0.49)]
    for name, number, score in labels:
        ObjectLabel.objects.bulk_create(
            [ObjectLabel(original_id=photo.original_id, name=name, score=score) for photo in photos[:number]]
        )
    assert derived(app) == {"pets": ["dog"], "transportation": ["car"]}


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        (DemographicEstimate(years=31, male_probability=0.95), {"age": "25-35", "gender": "male"}),
        (DemographicEstimate(years=60, male_probability=0.05), {"age": "over 55", "gender": "female"}),
        (DemographicEstimate(years=20, male_probability=0.5), {"age": "under 25"}),
        (None, {}),
    ],
)
def test_age_and_gender_come_from_the_users_selfies(
    app: App,
    owner: Person,
    monkeypatch: pytest.MonkeyPatch,
    looks: DemographicEstimate | None,
    expected: dict[str, str],
) -> None:
    monkeypatch.setattr(
        deriving, "estimate_user_demographics", lambda *, user: looks if user == owner.user else None
    )
    give_consent(app=app, device_id="d", user=owner.user)
    assert (derived(app) or {}) == expected


def test_a_consent_withdrawn_meanwhile_is_respected(
    app: App, traveller: Device, owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(*, user: User) -> None:
        withdraw_consent(app=app, device_id="d", user=user)

    monkeypatch.setattr(deriving, "estimate_user_demographics", look)
    assert derive_profile(device_id=traveller.pk) is False
    assert not Profile.objects.exists()


def test_the_command_prints_the_numbers_of_devices_and_profiles(app: App, traveller: Device) -> None:
    out = io.StringIO()
    call_command("derive_profiles", "--dry-run", stdout=out)
    assert not Profile.objects.exists()
    call_command("derive_profiles", stdout=out)
    assert out.getvalue().splitlines() == ["1 devices whose user consents", "profiles of 1 devices derived"]


def test_the_command_stops_when_the_storage_is_unreachable(
    app: App, traveller: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deriving, "estimate_user_demographics", away)
    with pytest.raises(CommandError):
        derived(app)


def away(*, user: User) -> None:
    raise StorageUnavailable


def test_the_nightly_task_goes_through_all_devices_in_batches(
    app: App, owner: Person, album: Album, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "DEVICES_PER_TASK", 2)
    for number in range(5):
        add(app, owner.user, album, TEL_AVIV, TEL_AVIV, device_id=str(number))
        give_consent(app=app, device_id=str(number), user=owner.user)
    tasks.derive_profiles()
    assert [profile.derived["city"] for profile in Profile.objects.all()] == ["Tel Aviv"] * 5


def test_the_nightly_task_skips_devices_when_the_storage_is_unreachable(
    app: App, traveller: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deriving, "estimate_user_demographics", away)
    tasks.derive_profiles()
    assert not Profile.objects.exists()


def test_a_device_costs_a_constant_number_of_queries(
    app: App, traveller: Device, owner: Person, album: Album, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(12):
        derive_profile(device_id=traveller.pk)
    add(app, owner.user, album, *[ROME] * 30)
    with django_assert_max_num_queries(12):
        derive_profile(device_id=traveller.pk)
