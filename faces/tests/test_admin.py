"""The admin of faces: every page opens at 1,000 rows with few queries; people are merged, split and restored."""

import re
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from uuid_utils.compat import uuid7

from accounts.models import User
from accounts.tests.admin_pages import (
    ROWS,
    actions,
    client_for,
    list_parameters,
    models_of,
    operator,
    page,
    run_action,
    staff,
    viewer,
)
from albums.models import Album
from conftest import MakePicture, committing
from conftest import Person as SignedIn
from core.tests.answers import Answer
from core.tests.presence import present
from faces.models import (
    EmbeddingSpace,
    Face,
    FaceAssignment,
    FaceLibrary,
    FaceModel,
    FaceMove,
    FaceSearch,
    Identification,
    Look,
    OutdatedLooks,
    PendingAssignment,
    Person,
    PersonMerge,
    Selfie,
    Sighting,
    embedding_bytes,
)
from faces.services import merge_people, recluster
from faces.tests.embeddings import synthetic_faces
from faces.tests.test_people import add_faces, person_of, space
from photos import storage
from photos.models import Original, Photo, Rendition
from photos.services import trash_photo
from photos.tests.builders import place_photo

__all__ = ["space"]  # a fixture

MODELS = models_of("faces")
QUERIES = 18
CHANGING = 60
EMBEDDING = embedding_bytes(np.arange(128, dtype=np.float32) + 0.25)
SECRET = "1f3d5b79-never-shown"


@pytest.fixture
def fill(owner: SignedIn, album: Album) -> Callable[..., None]:
    """Puts rows into a model's table."""
    user = owner.user

    def photos(number: int) -> list[Photo]:
        originals = [Original(owner=user, key=f"camera/{n}", status="ready", width=30) for n in range(number)]
        Original.objects.bulk_create(originals)
        return Photo.objects.bulk_create(
            [Photo(original=it, album=album, owner=user, uploader=user, s3_path=it.key) for it in originals]
        )

    def faces(number: int) -> list[Face]:
        box = {"x": 1, "y": 2, "width": 9, "height": 9, "score": 1}
        placed = [it.original for it in photos(number)]
        return [Face(original=it, embedding=EMBEDDING, engine="cloud", **box) for it in placed]

    def assignments(number: int) -> list[FaceAssignment]:
        found = Face.objects.bulk_create(faces(number))
        names = [f"name {n}" if n % 2 else "" for n in range(number)]
        pairs = zip(found, Person.objects.bulk_create([Person(owner=user, name=it) for it in names]), strict=True)
        return [FaceAssignment(owner=user, face=face, person=person) for face, person in pairs]

    def models(number: int) -> list[FaceModel]:
        users = User.objects.bulk_create([User(name=f"user {n}") for n in range(number)])
        return [
            FaceModel(
                user=it, model={"raw": SECRET} if n % 2 else None, taken_at=timezone.now() if n % 3 else None
            )
            for n, it in enumerate(users)
        ]

    def merges(number: int) -> list[PersonMerge]:
        return [
            PersonMerge(owner=user, person_id=uuid7(), into_id=uuid7(), by=user, name=f"name {n}")
            for n in range(number)
        ]

    make_rows: dict[type[Model], Callable[[int], Sequence[Model]]] = {
        Face: faces,
        FaceAssignment: assignments,
        Person: assignments,
        FaceModel: models,
        PersonMerge: merges,
        FaceMove: lambda number: [
            FaceMove(owner=user, kind="split", person_id=uuid7(), to_id=uuid7(), by=user) for _ in range(number)
        ],
        Identification: lambda number: [
            Identification(owner=user, person_id=uuid7(), user=user, confirmed=bool(n % 2), by=user)
            for n in range(number)
        ],
        PendingAssignment: lambda number: [PendingAssignment(original=it.original) for it in photos(number)],
        FaceSearch: lambda number: [FaceSearch(original=it.original, engine="cloud") for it in photos(number)],
        EmbeddingSpace: lambda number: [
            EmbeddingSpace(engine=f"engine {n}", threshold=0.5) for n in range(number)
        ],
        Selfie: lambda number: [
            Selfie(user=user, key=f"selfies/{n}", sha256=f"{n}", status="taken", embedding=EMBEDDING)
            for n in range(number)
        ],
        Sighting: lambda number: [Sighting(photo=it, user=user, by="builtin", score=0.5) for it in photos(number)],
    }

    def add(model: type[Model], number: int = ROWS) -> None:
        (FaceAssignment if model is Person else model)._default_manager.bulk_create(make_rows[model](number))
        assert model._default_manager.count() == number

    return add


def test_every_model_has_its_page() -> None:
    kept_by_the_server = {FaceLibrary, Look, OutdatedLooks}  # `repair_looks` is their command
    models = {it for it in apps.get_app_config("faces").get_models() if not it._meta.auto_created}
    assert set(MODELS) == models - kept_by_the_server


def test_photos_and_originals_have_their_faces_with_them() -> None:
    for model in (Photo, Original):
        assert type(admin.site.get_model_admin(model)).__module__ == "faces.admin.photos"


def shows_no_secret(answer: Answer) -> bool:
    text = answer.content.decode()
    return not any(secret in text for secret in (SECRET, EMBEDDING.hex(), repr(EMBEDDING)[2:40], "1.25"))


@pytest.mark.parametrize("model", MODELS)
def test_every_page_and_action_works_at_a_thousand_rows(
    model: type[Model],
    fill: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    client = operator()
    fill(model)
    for query in list_parameters(client, model, "a", monkeypatch):
        with django_assert_max_num_queries(QUERIES):
            answer = client.get(page(model, "changelist"), query)
        assert answer.status_code == 200, query
        assert shows_no_secret(answer)
    row = model._default_manager.order_by("pk").last()
    assert row
    with django_assert_max_num_queries(QUERIES):
        answer = client.get(page(model, "change", row.pk))
    assert answer.status_code == 200
    assert shows_no_secret(answer)
    assert client.get(page(model, "history", row.pk)).status_code == 200
    assert client.get(page(model, "add")).status_code == 403
    assert client.get(page(model, "delete", row.pk)).status_code == (200 if model is Selfie else 403)
    for action in set(actions(client, model)) - {"undo", "take_back"}:  # each row is an operation of its own
        with django_assert_max_num_queries(CHANGING):
            answer = run_action(client, model, action, everything=True)
        assert answer.context["messages"], action


@pytest.mark.parametrize("model", MODELS)
def test_an_operator_who_may_only_view_is_offered_no_action(model: type[Model], fill: Callable[..., None]) -> None:
    fill(model, 2)
    client, before = client_for(viewer("faces")), list(model._default_manager.order_by("pk").values())
    assert client.get(page(model, "changelist")).status_code == 200
    assert actions(client, model) == []
    pk = before[0][model._meta.pk.attname]
    answer = client.get(page(model, "change", pk))
    assert answer.status_code == 200
    assert b'type="checkbox"' not in answer.content
    for action in ("merge", "hide", "show", "undo", "set_pending", "delete_selected"):
        run_action(client, model, action, everything=True, post="yes")
    assert client.post(page(model, "change", pk), {"name": "Eve", "hidden": "on"}).status_code == 403
    assert client.post(page(model, "delete", pk), {"post": "yes"}).status_code == 403
    assert list(model._default_manager.order_by("pk").values()) == before


@pytest.mark.parametrize("model", MODELS)
def test_users_without_permission_see_no_page(model: type[Model], client: Client, owner: SignedIn) -> None:
    for somebody in (client, owner.client, staff()):
        assert somebody.get(page(model, "changelist")).status_code in (302, 403)


@pytest.fixture
def people(owner: SignedIn, space: EmbeddingSpace) -> list[Person]:
    """Two people of the owner's library, with six faces and three."""
    faces, whose = synthetic_faces(2, 6)
    rows = [np.flatnonzero(whose == 0), np.flatnonzero(whose == 1)[:3]]
    photos = [add_faces(owner.user, faces[mine]) for mine in rows]
    recluster(owner=owner.user)
    return [Person.objects.get(pk=present(person_of(mine[0]))) for mine in photos]


def faces_of(person: Person) -> list[str]:
    theirs = FaceAssignment.objects.filter(person=person).order_by("face")
    return [str(pk) for pk in theirs.values_list("face", flat=True)]


def history(row: Model) -> list[str]:
    return list(
        LogEntry.objects.filter(object_id=str(row.pk)).order_by("pk").values_list("change_message", flat=True)
    )


def test_a_person_page_is_a_contact_sheet(
    people: list[Person], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = operator()
    with django_assert_max_num_queries(QUERIES):
        text = client.get(page(Person, "change", people[0].pk)).content.decode()
    assert text.count('loading="lazy"') == text.count('name="faces"') == 6
    assert all(page(Face, "crop", face) in text for face in faces_of(people[0]))
    assert "6 faces" in text
    assert client.get(page(Person, "changelist")).content.decode().count("/crop/") == 2


def test_a_long_contact_sheet_has_pages_of_constant_cost(
    owner: SignedIn, space: EmbeddingSpace, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    photos = add_faces(owner.user, synthetic_faces(1, 130)[0])
    person = Person.objects.create(owner=owner.user)
    faces = Face.objects.filter(original__photos__in=photos)
    FaceAssignment.objects.bulk_create([FaceAssignment(owner=owner.user, face=it, person=person) for it in faces])
    client, seen = operator(), set()
    for number, length in ((1, 60), (2, 60), (3, 10)):
        with django_assert_max_num_queries(QUERIES):
            text = client.get(page(Person, "change", person.pk), {"page": number}).content.decode()
        assert f"page {number} of 3" in text
        found = set(re.findall(r'name="faces" value="([\w-]+)"', text))
        assert len(found) == length
        seen |= found
    assert len(seen) == 130


def test_a_person_is_renamed_and_hidden_on_their_page(people: list[Person]) -> None:
    client = operator()
    client.post(page(Person, "change", people[0].pk), {"name": " Ada ", "hidden": "on"})
    people[0].refresh_from_db()
    assert (people[0].name, people[0].hidden) == ("Ada", True)
    assert "Name" in history(people[0])[0]
    assert faces_of(people[0])


def test_people_are_hidden_and_shown_from_the_list(people: list[Person]) -> None:
    client = operator()
    assert "2 people are hidden now." in run_action(client, Person, "hide", everything=True).content.decode()
    assert Person.objects.filter(hidden=True).count() == 2
    assert "1 people are shown now." in run_action(client, Person, "show").content.decode()
    assert history(present(Person.objects.order_by("pk").first())) == ["Hidden.", "Shown."]


def test_a_merge_on_a_persons_page_is_undone_there(people: list[Person]) -> None:
    client, (one, two) = operator(), people
    Person.objects.filter(pk=one.pk).update(name="Ada")
    mine = faces_of(one)
    answer = client.post(page(Person, "merge", one.pk), {"merge-other": str(two.pk)}, follow=True)
    assert answer.redirect_chain[-1][0] == page(Person, "change", two.pk)
    assert "Merged with Ada" in answer.content.decode()
    assert len(faces_of(two)) == 9
    merge = PersonMerge.objects.get()
    assert present(merge.by).username == "superuser"
    undo = page(PersonMerge, "do", merge.pk, "undo")
    assert undo in answer.content.decode()
    answer = client.post(undo, follow=True)
    assert "is back" in answer.content.decode()
    assert faces_of(one) == mine
    assert "already" in client.post(undo, follow=True).content.decode()
    assert history(two) == ["Merged with Ada."]
    assert history(one) == ["Restored: a merge was undone."]
    assert history(merge) == ["Undone."]


def test_merges_are_shown_and_undone_by_permission(people: list[Person]) -> None:
    one, two = people
    operator().post(page(Person, "merge", one.pk), {"merge-other": str(two.pk)})
    undo = page(PersonMerge, "do", PersonMerge.objects.get().pk, "undo")
    decider = staff("faces.view_person", "faces.change_person")
    assert "Merged into this person" not in decider.get(page(Person, "change", two.pk)).content.decode()
    user = User.objects.get(username="staff")
    user.user_permissions.add(Permission.objects.get(codename="view_personmerge"))
    text = decider.get(page(Person, "change", two.pk)).content.decode()
    assert ("Merged into this person" in text, undo in text) == (True, False)
    assert decider.post(undo).status_code == 403


def test_selected_people_become_the_one_that_is_chosen(people: list[Person]) -> None:
    client, two = operator(), people[1]
    answer = run_action(client, Person, "merge", everything=True)
    assert answer.context["title"] == "Merge people"
    assert Person.objects.count() == 2
    answer = run_action(client, Person, "merge", everything=True, into=str(two.pk))
    assert "9 faces" in answer.content.decode()
    assert list(Person.objects.all()) == [two]


def test_one_person_alone_or_people_of_two_libraries_are_not_merged(
    people: list[Person], member: SignedIn
) -> None:
    client = operator()
    assert "two people or more" in run_action(client, Person, "merge").content.decode()
    gone = {"action": "merge", "_selected_action": [str(uuid7())]}
    assert "two people or more" in client.post(page(Person, "changelist"), gone, follow=True).content.decode()
    Person.objects.create(owner=member.user)
    assert "different libraries" in run_action(client, Person, "merge", everything=True).content.decode()
    assert not PersonMerge.objects.exists()


def test_ticked_faces_are_split_off_and_moved(people: list[Person]) -> None:
    client, (one, two) = operator(), people
    address, mine = page(Person, "faces", one.pk), faces_of(one)
    answer = client.post(address, {"decision": "split", "faces": mine[:2]}, follow=True)
    new = Person.objects.exclude(pk__in=[one.pk, two.pk]).get()
    assert answer.redirect_chain[-1][0] == page(Person, "change", new.pk)
    assert faces_of(new) == mine[:2]
    client.post(address, {"decision": "move", "faces": mine[2:3], "move-other": str(two.pk)})
    assert mine[2] in faces_of(two)
    assert faces_of(one) == mine[3:]
    assert history(one) == ["Made a new person of 2 faces.", f"Moved to {two}: 1 faces."]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"decision": "split"}, "none of these faces"),
        ({"decision": "split", "faces": ["nonsense"]}, "not a face"),
        ({"decision": "move", "faces": "all"}, "Choose another person"),
        ({"decision": "move", "faces": "all", "move-other": "stranger"}, "Choose another person"),
        ({"decision": "split", "faces": "all"}, "all faces"),
    ],
)
def test_an_invalid_decision_changes_nothing(
    people: list[Person], member: SignedIn, data: dict[str, object], message: str
) -> None:
    client, before = operator(), list(FaceAssignment.objects.order_by("pk").values())
    theirs = Person.objects.create(owner=member.user)
    data = {**data, **({"faces": faces_of(people[0])} if data.get("faces") == "all" else {})}
    data |= {"move-other": str(theirs.pk)} if data.get("move-other") else {}
    answer = client.post(page(Person, "faces", people[0].pk), data, follow=True)
    assert message in answer.content.decode()
    assert list(FaceAssignment.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("name", ["merge", "faces"])
def test_decisions_need_a_csrf_token_and_the_permission_to_change_people(people: list[Person], name: str) -> None:
    address = page(Person, name, people[0].pk)
    data = {"decision": "split", "merge-other": str(people[1].pk), "faces": faces_of(people[0])[:1]}
    signed_in = operator()
    assert signed_in.get(address).status_code == 405
    assert signed_in.post(page(Person, name, uuid7()), data).status_code == 404
    signed_in.handler.enforce_csrf_checks = True
    assert signed_in.post(address, data).status_code == 403
    assert staff("faces.view_person").post(address, data).status_code == 403
    assert Person.objects.count() == 2


def test_others_of_the_same_library_are_found_by_name(
    people: list[Person], member: SignedIn, client: Client
) -> None:
    Person.objects.filter(pk=people[1].pk).update(name="Grace")
    Person.objects.create(owner=member.user, name="Grace of another library")
    address = page(Person, "others", people[0].pk)
    source = {"app_label": "faces", "model_name": "faceassignment", "field_name": "person"}
    found = operator().get(address, {**source, "term": "gra"}).json()["results"]
    assert found == [{"id": str(people[1].pk), "text": "Grace (3 faces)"}]
    assert client.get(address, {**source, "term": "gra"}).status_code == 302
    assert staff("faces.view_face").get(address, {**source, "term": "gra"}).status_code == 403


def test_merges_through_others_are_on_the_page(people: list[Person], owner: SignedIn) -> None:
    one, two = people
    three = Person.objects.create(owner=owner.user, name="Third")
    by = User.objects.create_superuser("by", "secret")
    merge_people(people=[one], into=two, by=by)
    merge_people(people=[two], into=three, by=by)
    text = operator().get(page(Person, "change", three.pk)).content.decode()
    assert text.count('do/undo/"') == 2


@pytest.fixture
def photo(album: Album, owner: SignedIn, make_picture: MakePicture) -> Photo:
    """A photo with two faces; the first is Ada, for its owner."""
    photo = place_photo(album, owner.user, width=640, height=480)
    Rendition.objects.filter(original=photo.original, kind="medium").update(key="medium.jpg")
    storage.save("medium.jpg", make_picture(0, 1, form="JPEG").read(), "image/jpeg")
    box = {"y": 40, "width": 80, "height": 80, "score": 0.9, "embedding": EMBEDDING, "engine": "fake"}
    first = Face.objects.create(original=photo.original, x=20, **box)
    Face.objects.create(original=photo.original, x=120, **box)
    person = Person.objects.create(owner=owner.user, name="Ada <b>")
    FaceAssignment.objects.create(owner=owner.user, face=first, person=person)
    return photo


@pytest.mark.parametrize("model", [Photo, Original])
def test_faces_are_drawn_on_the_picture_with_their_people(
    photo: Photo, model: type[Model], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    pk = photo.pk if model is Photo else photo.original_id
    client = operator()
    with django_assert_max_num_queries(QUERIES):
        text = client.get(page(model, "change", pk)).content.decode()
    assert 'viewBox="0 0 640 480"' in text
    assert '<rect x="20" y="40" width="80" height="80"/>' in text
    assert ">1 Ada &lt;b&gt;</text>" in text
    assert ">2</text>" in text
    assert shows_no_secret(client.get(page(model, "change", pk)))


@pytest.mark.parametrize("model", [Photo, Original])
def test_people_are_named_only_for_operators_who_may_see_people(
    photo: Photo, model: type[Model], member: SignedIn
) -> None:
    Sighting.objects.create(photo=photo, user=member.user, by="builtin")
    client = staff(f"photos.view_{model._meta.model_name}")
    text = client.get(page(model, "change", photo.pk if model is Photo else photo.original_id)).content.decode()
    assert '<rect x="20" y="40" width="80" height="80"/>' in text
    assert not re.search("Ada|/faces/person/|no person|Sightings|Member", text)


def test_faces_are_filtered_by_engine_without_reading_all_faces(photo: Photo) -> None:
    EmbeddingSpace.objects.create(engine="other", threshold=0.5)
    engine = present(Face.objects.first()).engine
    EmbeddingSpace.objects.get_or_create(engine=engine, defaults={"threshold": 0.5})
    client = operator()
    with CaptureQueriesContext(connection) as queries:
        counts = [
            client.get(page(Face, "changelist"), wanted).context["cl"].result_count
            for wanted in ({}, {"engine": engine}, {"engine": "other"})
        ]
    assert counts == [2, 2, 0]
    assert not [query for query in queries if "DISTINCT" in query["sql"]]


def test_a_face_is_cut_out_of_its_picture(photo: Photo, client: Client) -> None:
    address = page(Face, "crop", present(photo.original.faces.first()).pk)
    trash_photo(photo=photo)
    answer = operator().get(address)
    assert (answer.status_code, answer["Content-Type"], answer.content[:2]) == (200, "image/jpeg", b"\xff\xd8")
    assert client.get(address).status_code == 302
    assert staff("faces.view_sighting").get(address).status_code == 403


def test_a_face_whose_picture_is_gone_is_not_found(photo: Photo) -> None:
    storage.remove("medium.jpg")
    client = operator()
    assert client.get(page(Face, "crop", present(photo.original.faces.first()).pk)).status_code == 404
    assert client.get(page(Face, "crop", uuid7())).status_code == 404


def test_face_models_are_set_pending_and_show_their_source(owner: SignedIn, member: SignedIn) -> None:
    FaceModel.objects.create(user=owner.user, model={"raw": SECRET}, taken_at=timezone.now())
    FaceModel.objects.create(user=member.user, taken_at=timezone.now())
    Selfie.objects.create(user=member.user, key="selfies/1", sha256="1", status="taken")
    client = operator()
    text = client.get(page(FaceModel, "changelist")).content.decode()
    assert 'class="field-came_from">algorithm' in text
    assert 'class="field-came_from">selfies' in text
    answer = client.get(page(FaceModel, "change", owner.user.pk))
    assert "raw: " in answer.content.decode()
    assert shows_no_secret(answer)
    assert (
        "2 face models are pending."
        in run_action(client, FaceModel, "set_pending", everything=True).content.decode()
    )
    FaceModel.objects.update(taken_at=timezone.now())
    chosen = {"action": "set_pending", "_selected_action": [str(owner.id), str(member.id)]}
    answer = client.post(f"{page(FaceModel, 'changelist')}?state=taken", chosen, follow=True)
    assert "2 face models are pending." in answer.content.decode()
    assert not FaceModel.objects.exclude(taken_at=None).exists()
    assert history(owner.user) == ["Set as pending."] * 2


def test_a_selfie_is_seen_and_deleted_by_staff(
    owner: SignedIn, make_picture: MakePicture, stored: Callable[..., list[str]], client: Client
) -> None:
    selfie = Selfie.objects.create(
        user=owner.user, key="selfies/1", sha256="1", status="taken", content_type="image/png"
    )
    storage.save(selfie.key, make_picture(0).read(), "image/png")
    address, signed_in = page(Selfie, "picture", selfie.pk), operator()
    answer = signed_in.get(address)
    assert (answer.status_code, answer["Content-Type"], bool(answer.getvalue())) == (200, "image/png", True)
    assert address in signed_in.get(page(Selfie, "change", selfie.pk)).content.decode()
    assert client.get(address).status_code == 302
    assert staff("faces.view_face").get(address).status_code == 403
    with committing():
        signed_in.post(page(Selfie, "delete", selfie.pk), {"post": "yes"})
    assert not Selfie.objects.exists()
    assert stored("selfies") == []


def test_the_picture_behind_a_url_is_not_kept_and_not_deleted_here(owner: SignedIn) -> None:
    selfie = Selfie.objects.create(user=owner.user, key="selfies/1", sha256="1", source="pic_url", status="taken")
    client = operator()
    assert client.get(page(Selfie, "picture", selfie.pk)).status_code == 404
    assert client.get(page(Selfie, "delete", selfie.pk)).status_code == 403
