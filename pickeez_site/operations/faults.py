"""The exceptions that the work on pictures has met, most recent first: the dashboard and the doctor show them."""

from dataclasses import dataclass

from django.db.models import Model, QuerySet

from core.faults import WithFault
from faces.models import Selfie
from photos.models import Original


@dataclass(frozen=True)
class Faults:
    """How many rows of a model have met an exception in their last try, and the latest one, as it was noted."""

    model: type[Model]
    number: int
    latest: str


def faults_of_originals() -> Faults:
    return _faults(Original, Original.objects.filter(fault_at__isnull=False))


def faults_of_selfies() -> Faults:
    return _faults(Selfie, Selfie.objects.filter(fault_at__isnull=False))


def _faults(model: type[WithFault], rows: QuerySet) -> Faults:
    """Two queries, which read a partial index."""
    latest = rows.order_by("-fault_at").values_list("fault", flat=True).first()
    return Faults(model, rows.count() if latest else 0, latest or "")
