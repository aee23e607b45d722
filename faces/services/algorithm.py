"""What an outside algorithm decides: who is on which photo, and how a user looks."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from albums.models import Album, Filtering
from albums.services import note_answered
from faces.models import FaceModel, Sighting
from faces.services.albums import tell_of_new_photos
from photos.models import Photo

Decisions = Mapping[UUID, Mapping[UUID, bool]]
MODELS_ADDED = 200  # at once: as many users as a request has time for


@transaction.atomic
def decide(*, decisions: Decisions) -> None:
    """Writes down whom photos show and whom not; this goes before what the built-in recogniser says.

    `decisions` is {photo id: {user id: shows}} of known ids. Those who are on a photo get a push.
    """
    rows = [
        Sighting(
            photo_id=photo, user_id=user, by=Sighting.By.ALGORITHM, shows=shows, score=None, in_last_call=True
        )
        for photo, users in decisions.items()
        for user, shows in users.items()
    ]
    Sighting.objects.filter(photo__in=decisions.keys(), in_last_call=True).update(in_last_call=False)
    Sighting.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["photo", "user"],
        update_fields=["by", "shows", "score", "in_last_call"],
    )
    albums = Album.objects.filter(photos__in=decisions.keys()).distinct()
    Filtering.objects.bulk_create([Filtering(album=album) for album in albums])
    note_answered(album_ids=[album.pk for album in albums])
    album_of = dict(Photo.objects.filter(pk__in=decisions.keys()).values_list("pk", "album_id"))
    for album in albums:
        shown = {row.user_id for row in rows if row.shows and album_of[row.photo_id] == album.pk}
        tell_of_new_photos(album=album, user_ids=shown)


def users_with_models() -> QuerySet[User]:
    """Whoever may be on a photo: operators are not."""
    return User.objects.filter(username=None, is_active=True)


def take_pending_model() -> User | None:
    """The next user whose model is pending, who is now marked as taken; nobody gets the same one."""
    while True:
        pending = FaceModel.objects.filter(taken_at=None, user__in=users_with_models())
        model = pending.select_related("user").order_by("user_id").first()
        if model is None and not _add_missing_models():
            return None
        if model and pending.filter(pk=model.pk).update(taken_at=timezone.now()):
            return model.user


def _add_missing_models() -> int:
    """Makes a pending model for users who have none yet, and says for how many."""
    new = users_with_models().filter(face_model=None).order_by("pk")[:MODELS_ADDED]
    return len(FaceModel.objects.bulk_create([FaceModel(user=user) for user in new], ignore_conflicts=True))


def give_back_pending_model(*, user: User) -> None:
    """Nothing could be said about the user after all: whoever asks next gets them again."""
    FaceModel.objects.filter(user=user).update(taken_at=None)


def make_all_models_pending() -> int:
    """Has every user's model made anew; what was set stays until it is set again. Returns how many are pending."""
    return make_models_pending(users=users_with_models())


@transaction.atomic
def make_models_pending(*, users: QuerySet[User]) -> int:
    """Has the models of these users made anew, and says how many they are. Who has none yet is pending anyway."""
    number = users.count()  # before: they may have been selected by what changes
    FaceModel.objects.filter(user__in=users).update(taken_at=None)
    return number


def set_model(*, user: User, model: Any) -> None:
    FaceModel.objects.update_or_create(user=user, defaults={"model": model, "taken_at": timezone.now()})
