"""What users say themselves: that a photo shows them, or that it does not."""

from django.db import transaction

from accounts.models import User
from faces.models import Sighting
from photos.models import Photo


@transaction.atomic
def say_who_is_shown(*, user: User, photo: Photo, shows: bool | None) -> bool:
    """Stores the user's own word about themself on a photo, and returns whether it now counts as showing them.

    It takes precedence over what recognisers have found and will find. None takes it back: then their decision
    counts again. Such a word is no reference for other photos: what surely is the user's face serves as one anyway
    (`faces.engine.matching`), and a face further away could be another person's. But a photo of which the user
    says that it does not show them leads to no others.

    Raises `Photo.DoesNotExist` for one that the user may not see.
    """
    Photo.objects.visible_to(user).get(pk=photo.pk)
    if shows is None:
        own = Sighting.objects.filter(photo=photo, user=user)
        own.update(own_word=None)
        own.without_word().filter(by=Sighting.By.NOBODY).delete()
    else:
        Sighting.objects.bulk_create(
            [Sighting(photo=photo, user=user, by=Sighting.By.NOBODY, found=False, own_word=shows)],
            update_conflicts=True,
            unique_fields=["photo", "user"],
            update_fields=["own_word"],
        )
    return Sighting.objects.shown().filter(photo=photo, user=user).exists()
