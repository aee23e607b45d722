"""Selfies: pictures that show one user alone, from which the built-in recogniser knows this user."""

import hashlib
import logging
import time
from functools import partial
from threading import BoundedSemaphore
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import User
from albums.services import queue_albums_of_user
from core.batching import batched
from core.enqueueing import send_task
from core.faults import NO_FAULT, failure_message, fault_columns
from core.fetching import Fetcher, FetchError
from core.leases import UNCLAIMED, heartbeat
from core.outages import TRANSIENT_ERRORS, retry_until_written
from faces.engine import engine_name, get_engine
from faces.models import Selfie, SelfieQuerySet, embedding_bytes
from faces.services.selfie_faces import UnusableSelfie, face_of_selfie
from photos import storage
from photos.images import EXTENSIONS, UnreadableImage, read_picture
from photos.services import content_type_of, drop_files, keep_file, sha256_of, store_file

logger = logging.getLogger(__name__)
POLL_SECONDS = 0.05
MAX_WAITING = 2  # requests that wait for the verdict on their selfie, in each process
FETCH_SECONDS = 10
MAX_ERROR = 300
MAX_SENT = 100  # at once; the sweep sends the others
LOOK_AGAIN = {"status": Selfie.Status.NEW, "tries": 0, "queued_at": None, "error": ""}
_waiting = BoundedSemaphore(MAX_WAITING)


def add_selfie(*, user: User, file: UploadedFile) -> Selfie:
    """Stores the picture and has the worker check it. The same picture again is the same selfie.

    Raises `ValidationError` for an empty file and `photos.storage.StorageUnavailable`.
    """
    if not file.size:
        raise ValidationError("The file is empty.", code="empty_file")
    sha256 = sha256_of(file)
    selfie = Selfie.objects.filter(user=user, sha256=sha256).first()
    if selfie and selfie.engine != engine_name():
        selfie = _forget_another_engines_answer(selfie)
    selfie = selfie or _store(user, file, sha256)
    if selfie.status == Selfie.Status.NEW:
        send_selfie(selfie_id=selfie.pk)
    return selfie


def _forget_another_engines_answer(selfie: Selfie) -> Selfie | None:
    """Returns the selfie, waiting to be looked at; None for one without a file, whose row is now gone, too."""
    if selfie.status == Selfie.Status.REFUSED and selfie.embedding is None:
        selfie.delete()
        return None
    look_again_at_selfies(selfies=Selfie.objects.filter(pk=selfie.pk))
    selfie.refresh_from_db()
    return selfie


def look_again_at_selfies(*, selfies: SelfieQuerySet) -> list[UUID]:
    """Has the worker look again at those that another engine has accepted; returns their ids.

    Meanwhile their users are recognised on no further photo, and stay on those where they are.
    """
    waiting = list(selfies.of_another_engine(engine_name()).order_by("pk").values_list("pk", flat=True))
    for batch in batched(waiting):
        Selfie.objects.of_another_engine(engine_name()).filter(pk__in=batch).update(**LOOK_AGAIN)
    for selfie_id in waiting[:MAX_SENT]:
        transaction.on_commit(partial(send_selfie, selfie_id=selfie_id))
    return waiting


def _store(user: User, file: UploadedFile, sha256: str) -> Selfie:
    content_type = content_type_of(file)
    new_id = uuid7()
    key = storage.selfie_key(new_id, EXTENSIONS.get(content_type, ".bin"))
    store_file(key=key, file=file, content_type=content_type)
    try:
        with transaction.atomic():
            keep_file(key=key)
            return Selfie.objects.create(id=new_id, user=user, key=key, sha256=sha256, content_type=content_type)
    except IntegrityError:  # another request stored the same picture meanwhile; our file is removed
        return Selfie.objects.get(user=user, sha256=sha256)


def wait_for_selfie(*, selfie: Selfie, seconds: float) -> Selfie:
    """Returns the selfie once the worker has checked it, or as it is when the time is up.

    When `MAX_WAITING` wait in this process already, it returns the selfie as it is, because each keeps a thread.
    """
    may_wait = _waiting.acquire(blocking=False)
    deadline = time.monotonic() + (seconds if may_wait else 0)
    try:
        while True:
            selfie.refresh_from_db()
            if selfie.status != Selfie.Status.NEW or time.monotonic() >= deadline:
                return selfie
            time.sleep(POLL_SECONDS)
    finally:
        if may_wait:
            _waiting.release()


def send_selfie(*, selfie_id: UUID) -> None:
    """Sends the task that checks the selfie to the broker, at once."""
    if send_task("faces.tasks.process_selfie", str(selfie_id)):
        note_selfie_queued(selfie_id=selfie_id)


def note_selfie_queued(*, selfie_id: UUID) -> None:
    """Notes that the broker has accepted the selfie's task."""
    Selfie.objects.filter(pk=selfie_id).update(queued_at=timezone.now())


@transaction.atomic
def use_profile_picture(*, user: User) -> None:
    """Has the worker check the picture behind the user's `pic_url`, in place of the picture before it."""
    for selfie in Selfie.objects.filter(user=user, source=Selfie.Source.PIC_URL):
        selfie.delete()
    if not user.pic_url.lower().startswith(("http://", "https://")):
        return
    new_id = uuid7()
    selfie = Selfie.objects.create(
        id=new_id,
        user=user,
        source=Selfie.Source.PIC_URL,
        key=storage.selfie_key(new_id, ""),
        sha256=hashlib.sha256(user.pic_url.encode()).hexdigest(),
    )
    transaction.on_commit(partial(send_selfie, selfie_id=selfie.pk))


def check_selfie(*, selfie_id: UUID) -> None:
    """Accepts a selfie that shows one face, alone or far in front, and refuses any other.

    Does nothing when it was checked before, or while another worker checks it. Raises
    `photos.storage.StorageUnavailable`; the selfie waits then, and no try is counted.
    """
    token = Selfie.objects.claimable().claim(selfie_id, tries=F("tries") + 1)
    if token is None:
        return
    claimed = Selfie.objects.claimed_by(selfie_id, token)
    try:
        with heartbeat(claimed):
            selfie = Selfie.objects.select_related("user").get(pk=selfie_id)
            result = _check(selfie, token)
        if result:  # otherwise the claim stays until the lease lapses, and the selfie is tried again
            _save_result(selfie, token, result)
    except TRANSIENT_ERRORS:
        retry_until_written(
            lambda: claimed.all().update(tries=F("tries") - 1, queued_at=timezone.now(), **UNCLAIMED)
        )
        raise


def _check(selfie: Selfie, token: UUID) -> dict[str, object] | None:
    """Returns the selfie's new field values; None when fetching its picture is to be tried again."""
    try:
        return _check_picture(selfie)
    except UnreadableImage as error:
        return _refusal(0, str(error))
    except FileNotFoundError:
        return _refusal(0, "The file is gone.")
    except FetchError as error:
        if error.retry and selfie.tries < settings.PROCESSING_TRIES:
            return None
        return _refusal(0, f"The pic_url was not fetched. {error}")
    except TRANSIENT_ERRORS:
        raise
    except Exception as error:  # ours or the machine's: tried again when the lease has lapsed
        tries = f"try {selfie.tries} of {settings.PROCESSING_TRIES}"
        logger.exception("Checking the selfie %s failed (%s).", selfie.pk, tries)
        fault = fault_columns(error, doing=tries)
        if selfie.tries < settings.PROCESSING_TRIES:
            Selfie.objects.claimed_by(selfie.pk, token).update(**fault)
            raise
        return {**_refusal(0, failure_message(error)), **fault}


def refuse_lost_selfies() -> None:
    """Refuses the selfies that have used up their tries: each time, their worker was killed."""
    lost = Selfie.objects.claimable().filter(tries__gte=settings.PROCESSING_TRIES)
    reason = f"Given up: looking at it did not end in {settings.PROCESSING_TRIES} tries."
    for selfie in lost.select_related("user"):
        refused = lost.filter(pk=selfie.pk).update(**_refusal(0, reason), **UNCLAIMED)
        if refused and selfie.embedding is not None:  # another engine had accepted it
            queue_albums_of_user(user=selfie.user)


def _check_picture(selfie: Selfie) -> dict[str, object]:
    if selfie.source == Selfie.Source.SELFIE:
        data = storage.read(selfie.key)
    else:
        url = selfie.user.pic_url
        data = Fetcher().fetch(url, max_bytes=settings.MAX_PHOTO_BYTES, timeout=FETCH_SECONDS).content
    picture = read_picture(data).pixels
    faces = get_engine().find_faces(picture)
    try:
        face = face_of_selfie(picture, faces)
    except UnusableSelfie as error:
        return _refusal(len(faces), str(error))
    return {
        "status": Selfie.Status.ACCEPTED,
        "num_faces": len(faces),
        "embedding": embedding_bytes(face.embedding),
        "engine": get_engine().name,
    }


def _refusal(num_faces: int, reason: str) -> dict[str, object]:
    return {
        "status": Selfie.Status.REFUSED,
        "num_faces": num_faces,
        "error": reason[:MAX_ERROR],
        "engine": engine_name(),
    }


@transaction.atomic
def _save_result(selfie: Selfie, token: UUID, result: dict[str, object]) -> None:
    if not Selfie.objects.claimed_by(selfie.pk, token).update(**{**NO_FAULT, **result, **UNCLAIMED}):
        return
    if result["status"] == Selfie.Status.ACCEPTED or selfie.embedding is not None:
        queue_albums_of_user(user=selfie.user)  # also when it refuses what another engine had accepted
    else:
        drop_files(keys=[selfie.key])


@transaction.atomic
def remove_selfies(*, user: User, selfie_id: UUID | None = None) -> int:
    """Deletes one selfie of the user, or all, and returns how many; the user's albums are processed again."""
    selfies = Selfie.objects.filter(user=user, source=Selfie.Source.SELFIE)
    if selfie_id:
        selfies = selfies.filter(pk=selfie_id)
    removed = len([selfie.delete() for selfie in selfies])
    if removed:
        queue_albums_of_user(user=user)
    return removed
