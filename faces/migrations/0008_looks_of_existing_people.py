import numpy as np
from django.db import migrations, transaction
from django.db.models import Exists, Max, OuterRef, Q

PEOPLE_AT_ONCE, FACES_AT_ONCE = 200, 1000


def compute_looks(apps, schema_editor):
    """Computes the looks of everybody, library by library, in transactions of some people or faces each.

    When it is stopped, it continues where it was. The looks of people whom an operator has merged are computed at
    the first need, because that takes a clustering.
    """
    Person, Face, Look = (apps.get_model("faces", name) for name in ("Person", "Face", "Look"))
    Photo, User = apps.get_model("photos", "Photo"), apps.get_model("accounts", "User")
    Assignment = apps.get_model("faces", "FaceAssignment")
    with_faces = Face.objects.filter(original__photos__owner=OuterRef("pk"))
    with_people = Person.objects.filter(owner=OuterRef("pk"))
    spaces = list(apps.get_model("faces", "EmbeddingSpace").objects.all())
    for owner in User.objects.filter(Exists(with_faces) | Exists(with_people)).order_by("pk").only("pk"):
        people = Person.objects.filter(owner=owner, looks=None, outdated_looks=None).order_by("pk")
        for batch in _batches(people, PEOPLE_AT_ONCE):
            _save(apps, owner, _looks_of_people(apps, owner, spaces, batch), batch)
        for space in spaces:
            here = Photo.objects.filter(owner=owner, deleted_at=None).values("original")
            faces = Face.objects.filter(
                _recognisable(space),
                ~Exists(Assignment.objects.filter(owner=owner, face=OuterRef("pk"))),
                ~Exists(Look.objects.filter(owner=owner, face=OuterRef("pk"))),
                engine=space.engine,
                original__in=here,
            ).order_by("pk")
            for batch in _batches(faces, FACES_AT_ONCE):
                rows = Face.objects.filter(pk__in=batch).values_list("pk", "embedding")
                looks = [_look(apps, owner, space, [embedding], face_id=pk) for pk, embedding in rows]
                _save(apps, owner, looks, [])


def _batches(queryset, size):
    """Yields the keys in lists, each read when the one before is done, because that is no part of it any more."""
    last = None
    while batch := list((queryset.filter(pk__gt=last) if last else queryset).values_list("pk", flat=True)[:size]):
        yield batch
        last = batch[-1]


def _recognisable(space, prefix=""):
    passes = Q()
    if space.min_score is not None:
        passes &= Q(**{f"{prefix}score__gte": space.min_score})
    if space.min_quality is not None:
        passes &= Q(**{f"{prefix}quality": None}) | Q(**{f"{prefix}quality__gte": space.min_quality})
    return passes


def _looks_of_people(apps, owner, spaces, people):
    Assignment = apps.get_model("faces", "FaceAssignment")
    assigned = Assignment.objects.filter(owner=owner, person__in=people)
    pinned = set(assigned.filter(pinned=True).values_list("person", flat=True))
    looks = []
    for space in spaces:
        faces = assigned.filter(_recognisable(space, "face__"), face__engine=space.engine)
        embeddings_of = {}
        for person, embedding in faces.exclude(person__in=pinned).values_list("person", "face__embedding"):
            embeddings_of.setdefault(person, []).append(embedding)
        looks += [_look(apps, owner, space, rows, person_id=person) for person, rows in embeddings_of.items()]
    return looks


def _look(apps, owner, space, embeddings, **whose):
    faces = np.stack([np.frombuffer(embedding, "<f4") for embedding in embeddings]).astype(np.float64)
    return apps.get_model("faces", "Look")(
        owner_id=owner.pk,
        engine=space.engine,
        faces=len(faces),
        mean=faces.mean(axis=0).astype("<f4").tobytes(),
        square=float((faces**2).sum(axis=1).mean()),
        **whose,
    )


def _save(apps, owner, looks, people):
    """Saves the looks, and leaves those of people who have got none to be computed later."""
    Look, Library = apps.get_model("faces", "Look"), apps.get_model("faces", "FaceLibrary")
    Outdated = apps.get_model("faces", "OutdatedLooks")
    with transaction.atomic():
        library, _ = Library.objects.get_or_create(owner_id=owner.pk)
        library.version += 1
        library.save()
        for engine in {look.engine for look in looks}:
            last = Look.objects.filter(owner_id=owner.pk, engine=engine).aggregate(last=Max("slot"))["last"]
            first = 0 if last is None else last + 1
            for slot, look in enumerate((look for look in looks if look.engine == engine), first):
                look.slot, look.version = slot, library.version
        Look.objects.bulk_create(looks, batch_size=FACES_AT_ONCE)
        without = set(people) - {look.person_id for look in looks}
        Outdated.objects.bulk_create([Outdated(person_id=person) for person in without])


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("faces", "0007_looks"), ("photos", "0006_originals_waiting_since")]
    operations = [migrations.RunPython(compute_looks, migrations.RunPython.noop)]
