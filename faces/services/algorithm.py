"""What an outside algorithm decides: who is on which photo, and the face models of users."""

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from albums.models import Album, Filtering
from albums.services import mark_answered
from faces.models import FaceModel, Sighting
from faces.services.albums import notify_of_new_photos
from photos.models import Photo

Decisions = Mapping[UUID, Mapping[UUID, bool]]
MODELS_ADDED = 200  # by one request, so that it does not take long
EMPTY = "empty"  # the algorithm's word for no model


@transaction.atomic
def save_decisions(*, decisions: Decisions) -> None:
    """Saves whom photos show and whom not; this takes precedence over the built-in recogniser, not over users.

    `decisions` is {photo id: {user id: shows}} of existing ids. The users whom a photo shows get a push, unless
    they have said of this photo themselves whether it shows them.
    """
    rows = [
        Sighting(
            photo_id=photo, user_id=user, by=Sighting.By.ALGORITHM, found=shows, score=None, in_last_call=True
        )
        for photo, users in decisions.items()
        for user, shows in users.items()
    ]
    Sighting.objects.filter(photo__in=decisions.keys(), in_last_call=True).update(in_last_call=False)
    Sighting.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["photo", "user"],
        update_fields=["by", "found", "score", "in_last_call"],
    )
    albums = Album.objects.filter(photos__in=decisions.keys()).distinct()
    Filtering.objects.bulk_create([Filtering(album=album) for album in albums])
    mark_answered(album_ids=[album.pk for album in albums])
    album_of = dict(Photo.objects.filter(pk__in=decisions.keys()).values_list("pk", "album_id"))
    said = set(
        Sighting.objects.filter(photo__in=decisions.keys())
        .exclude(own_word=None)
        .values_list("photo_id", "user_id")
    )
    news = [row for row in rows if row.found and (row.photo_id, row.user_id) not in said]
    for album in albums:
        shown = {row.user_id for row in news if album_of[row.photo_id] == album.pk}
        notify_of_new_photos(album=album, user_ids=shown)


def recognisable_users() -> QuerySet[User]:
    """Returns the users who may have a face model: all but operators."""
    return User.objects.filter(username=None, is_active=True)


def claim_pending_model() -> User | None:
    """Marks the next pending face model as taken, and returns its user; no two callers get the same one."""
    while True:
        pending = FaceModel.objects.filter(taken_at=None, user__in=recognisable_users())
        model = pending.select_related("user").order_by("user_id").first()
        if model and pending.filter(pk=model.pk).update(taken_at=timezone.now(), model=None):
            return model.user
        if model is None:
            new = [
                FaceModel(user=user)
                for user in recognisable_users().filter(face_model=None).order_by("pk")[:MODELS_ADDED]
            ]
            if not FaceModel.objects.bulk_create(new, ignore_conflicts=True):
                return None


def release_pending_model(*, user: User) -> None:
    """Makes the user's face model pending again, after a claim that led to no answer."""
    FaceModel.objects.filter(user=user).update(taken_at=None)


def make_all_models_pending() -> int:
    """Empties every user's face model and makes it pending; returns how many are."""
    return make_models_pending(users=recognisable_users())


@transaction.atomic
def make_models_pending(*, users: QuerySet[User]) -> int:
    """Empties the face models of these users, which makes them pending; returns their number."""
    number = users.count()  # counted first: the update may change which users are selected
    FaceModel.objects.filter(user__in=users).update(model=None, taken_at=None)
    return number


def set_model(*, user: User, model: object) -> None:
    """Stores the face model, any JSON value, that the algorithm made of the user; `EMPTY` makes them pending."""
    if model == EMPTY:
        FaceModel.objects.update_or_create(user=user, defaults={"model": None, "taken_at": None})
    else:
        FaceModel.objects.update_or_create(user=user, defaults={"model": model, "taken_at": timezone.now()})
