"""People: the faces of each as a contact sheet, and what operators decide about them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import Count, OuterRef, QuerySet, Subquery, UUIDField
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from accounts.models import User
from core.admin import can_view, has_model_permission, link, link_column, page_url, presence_filter
from faces.admin.faces import crop_tag
from faces.admin.identifications import answer_suggestion, identification_context
from faces.admin.merges import moves_of, operator_of
from faces.merge_selectors import merges_into
from faces.models import FaceAssignment, FaceMove, Person, PersonMerge
from faces.services import DecisionRefused, merge_people, move_faces, rename_person, set_hidden, split_person
from photos.admin.pictures import PictureAdmin
from photos.models import Photo

FACES_PER_PAGE = 60
MAX_MERGED = 50  # people at once: nobody compares more
SPLIT, MOVE = "split", "move"


class OtherPersonSelect(AutocompleteSelect):
    """A field that finds other people of the person's library."""

    def __init__(self, person: Person) -> None:
        super().__init__(FaceAssignment._meta.get_field("person"), admin.site)
        self.person = person

    def get_url(self) -> str:
        return reverse("admin:faces_person_others", args=[self.person.pk])


class OtherPersonForm(forms.Form):
    """Chooses another person of the person's library."""

    other = forms.ModelChoiceField(Person.objects.none())

    def __init__(self, person: Person, data: Mapping[str, object] | None = None, *, prefix: str) -> None:
        super().__init__(data, prefix=prefix)
        field = self.fields["other"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - declared above
        field.queryset = other_people(person)
        field.widget = OtherPersonSelect(person)
        field.widget.choices = field.choices
        field.widget.attrs["aria-label"] = "Another person of this library"

    def chosen(self) -> Person:
        """Returns the chosen person. Raises `DecisionRefused` for no choice, or another library's person."""
        if not self.is_valid():
            raise DecisionRefused("Choose another person of the same library.")
        other: Person = self.cleaned_data["other"]
        return other


class OtherPeopleView(AutocompleteJsonView):
    """Answers the searches of `OtherPersonSelect`."""

    person: Person | None = None

    def serialize_result(self, obj: Person, to_field_name: str) -> dict[str, str]:  # type: ignore[override]
        text = f"{display_name(obj)} ({face_count(obj)} faces)"
        return {**super().serialize_result(obj, to_field_name), "text": text}

    def get_queryset(self) -> QuerySet[Person]:
        found: QuerySet[Person] = super().get_queryset()
        return found.filter(pk__in=other_people(self.person).values("pk")) if self.person else found.none()


def other_people(person: Person) -> QuerySet[Person]:
    return Person.objects.filter(owner=person.owner_id).exclude(pk=person.pk)


@admin.register(Person)
class PersonAdmin(PictureAdmin):
    """A person cannot be deleted, for the next clustering would find them again; but they can be hidden."""

    owner_link = link_column("owner", ordering="owner__name")
    change_form_template = "admin/faces/person_page.html"
    user_link = link_column("user")
    list_display = ("cover", "name_or_id", "owner_link", "faces", "visibility", "user_link", "created_at")
    list_display_links = ("name_or_id",)
    list_filter = (
        "hidden",
        ("name", presence_filter("name", "named", "unnamed")),
        ("user", presence_filter("user", "a user", "nobody known")),
        "created_at",
    )
    list_select_related = ("owner", "user")
    search_fields = ("id", "name", "owner__id", "owner__name")
    ordering = ("-id",)
    actions = ("merge", "hide", "show")
    fields = (("name", "hidden"), ("id", "owner_link", "user_link"), ("created_at", "updated_at"))
    readonly_fields = ("id", "owner_link", "user_link", "created_at", "updated_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Person]:
        assigned = FaceAssignment.objects.filter(person=OuterRef("pk")).order_by()
        number = assigned.values("person").annotate(number=Count("pk")).values("number")
        best = assigned.order_by("-face__score", "pk").values("face")[:1]
        return (
            super()
            .get_queryset(request)
            .annotate(number_of_faces=Coalesce(Subquery(number), 0), cover_face=Subquery(best, UUIDField()))
        )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<uuid:pk>/others/", view(self.other_people_view), name="faces_person_others"),
            path("<uuid:pk>/merge/", view(require_POST(self.merge_view)), name="faces_person_merge"),
            path("<uuid:pk>/identify/", view(require_POST(self.identify_view)), name="faces_person_identify"),
            path("<uuid:pk>/faces/", view(require_POST(self.faces_view)), name="faces_person_faces"),
            *super().get_urls(),
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Person | None = None) -> bool:
        return False

    @admin.display(description="")
    def cover(self, person: Person) -> str:
        return crop_tag(person.cover_face, f"Face of {person}")  # type: ignore[attr-defined]  # annotated

    @admin.display(description="name", ordering="name")
    def name_or_id(self, person: Person) -> str:
        return display_name(person)

    @admin.display(description="faces", ordering="number_of_faces")
    def faces(self, person: Person) -> int:
        return face_count(person)

    @admin.display(description="hidden", ordering="hidden")
    def visibility(self, person: Person) -> str:
        return "hidden" if person.hidden else "-"

    def save_model(self, request: HttpRequest, obj: Person, form: forms.ModelForm, change: bool) -> None:
        if "name" in form.changed_data:
            rename_person(person=obj, name=obj.name)
        if "hidden" in form.changed_data:
            set_hidden(people=Person.objects.filter(pk=obj.pk), hidden=obj.hidden)

    @admin.action(description="Hide", permissions=["change"])
    def hide(self, request: HttpRequest, queryset: QuerySet[Person]) -> None:
        self._set_hidden(request, queryset, hidden=True)

    @admin.action(description="Show", permissions=["change"])
    def show(self, request: HttpRequest, queryset: QuerySet[Person]) -> None:
        self._set_hidden(request, queryset, hidden=False)

    def _set_hidden(self, request: HttpRequest, queryset: QuerySet[Person], *, hidden: bool) -> None:
        word = "hidden" if hidden else "shown"
        people = Person.objects.filter(pk__in=queryset.order_by().values("pk"))
        changed = list(people.exclude(hidden=hidden))
        number = set_hidden(people=people, hidden=hidden)
        self.log_changes(request, changed, f"{word.capitalize()}.")
        self.message_user(request, f"{number} people are {word} now.")

    @admin.action(description="Merge into one person…", permissions=["change"])
    def merge(self, request: HttpRequest, queryset: QuerySet[Person]) -> HttpResponse | None:
        """Asks which of the people all faces belong to, then merges the others into that one."""
        largest_first = queryset.order_by("-number_of_faces", "pk")  # type: ignore[misc]  # annotated
        people = list(largest_first.select_related("owner")[: MAX_MERGED + 1])
        try:
            _check_can_be_merged(people)
        except DecisionRefused as refused:
            self.message_user(request, str(refused), messages.ERROR)
            return None
        chosen = next((person for person in people if str(person.pk) == request.POST.get("into")), None)
        if chosen:
            self._merge(request, people, chosen)
            return HttpResponseRedirect(page_url(Person, chosen.pk))
        named_first = sorted(people, key=lambda person: not person.name)
        context = {
            **self.admin_site.each_context(request),
            "title": "Merge people",
            "opts": self.opts,
            "media": self.media,
            "people": [(person, self.cover(person)) for person in named_first],
            "checkbox_name": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/faces/merge_people.html", context)

    def _merge(self, request: HttpRequest, people: Sequence[Person], into: Person) -> None:
        with self._refusals_shown(request):
            merges = merge_people(people=people, into=into, by=operator_of(request))
            names = ", ".join(merge.name or str(merge.person_id) for merge in merges)
            self.log_changes(request, [into], f"Merged with {names}.")
            self.message_user(request, f"Merged with {names}. This can be undone below.")

    @contextmanager
    def _refusals_shown(self, request: HttpRequest) -> Iterator[None]:
        """Shows the operator why a decision is refused."""
        try:
            yield
        except DecisionRefused as refused:
            self.message_user(request, str(refused), messages.ERROR)

    def other_people_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        person = Person.objects.filter(pk=pk).first()
        view = OtherPeopleView.as_view(admin_site=self.admin_site, person=person)
        response: HttpResponse = view(request)  # type: ignore[assignment]
        return response

    def _person_to_change(self, request: HttpRequest, pk: UUID) -> Person:
        person = Person.objects.filter(pk=pk).first()
        if person is None:
            raise Http404
        if not self.has_change_permission(request, person):
            raise PermissionDenied
        return person

    def merge_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Merges the person into the chosen one, and shows that one."""
        person, shown = self._person_to_change(request, pk), pk
        with self._refusals_shown(request):
            into = OtherPersonForm(person, request.POST, prefix="merge").chosen()
            self._merge(request, [person], into)
            shown = into.pk
        return HttpResponseRedirect(page_url(Person, shown))

    def faces_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Splits the ticked faces off as a new person, or moves them to another."""
        person, shown = self._person_to_change(request, pk), pk
        decision = request.POST.get("decision")
        if decision not in (SPLIT, MOVE):
            raise Http404

        with self._refusals_shown(request):
            faces = _parse_ids(request.POST.getlist("faces"))
            if decision == SPLIT:
                move = split_person(person=person, face_ids=faces, by=operator_of(request))
                other = Person.objects.get(pk=move.to_id)
                done, shown = "Made a new person of", other.pk
            else:
                other = OtherPersonForm(person, request.POST, prefix="move").chosen()
                move_faces(person=person, face_ids=faces, to=other, by=operator_of(request))
                done = f"Moved to {other}:"
            self.log_changes(request, [person], f"{done} {len(faces)} faces.")
            self.log_changes(request, [other], f"Got {len(faces)} faces of {person}.")
            self.message_user(request, format_html("{} {} faces: {}", done, len(faces), link(other)))
        return HttpResponseRedirect(page_url(Person, shown))

    def identify_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Confirms, refuses or takes back that the person is a user."""
        person = self._person_to_change(request, pk)
        if not can_view(request.user, User):
            raise PermissionDenied
        done = answer_suggestion(person, request.POST, by=operator_of(request))
        self.log_changes(request, [person], done)
        self.message_user(request, done)
        return HttpResponseRedirect(page_url(Person, pk))

    def page_context(self, request: HttpRequest, obj: Person) -> dict[str, object]:
        page, entries = contact_sheet(obj, request.GET.get("page"))
        return {
            **super().page_context(request, obj),
            "person": obj,
            "sheet": page,
            "entries": entries,
            "may_decide": self.has_change_permission(request, obj),
            "merge_form": OtherPersonForm(obj, prefix="merge"),
            "move_form": OtherPersonForm(obj, prefix="move"),
            "merges": merges_into(obj) if can_view(request.user, PersonMerge) else [],
            "may_undo": has_model_permission(request.user, "change", PersonMerge),
            "moves": moves_of(obj) if can_view(request.user, FaceMove) else [],
            "may_undo_moves": has_model_permission(request.user, "change", FaceMove),
            **identification_context(request, obj),
        }


def display_name(person: Person) -> str:
    return person.name or f"unnamed {str(person.pk)[-6:]}"


def face_count(person: Person) -> int:
    return person.number_of_faces  # type: ignore[attr-defined]  # annotated by the admin's queryset


def _check_can_be_merged(people: Sequence[Person]) -> None:
    """Raises `DecisionRefused` when they cannot."""
    if len(people) > MAX_MERGED:
        raise DecisionRefused(f"At most {MAX_MERGED} people can be merged at once.")
    if len(people) < 2:
        raise DecisionRefused("Select two people or more.")
    if len({person.owner_id for person in people}) > 1:
        raise DecisionRefused("People of different libraries cannot be merged.")


def _parse_ids(values: Sequence[str]) -> list[UUID]:
    try:
        return [UUID(value) for value in values]
    except ValueError as error:
        raise DecisionRefused("One of these is not a face.") from error


def contact_sheet(
    person: Person, page_number: str | None
) -> tuple[Page[FaceAssignment], list[tuple[FaceAssignment, Photo | None]]]:
    """Returns a page of the person's faces, newest first, and each of them with a photo of the library."""
    assigned = FaceAssignment.objects.filter(person=person).select_related("face").defer("face__embedding")
    page = Paginator(assigned.order_by("-face_id"), FACES_PER_PAGE).get_page(page_number)
    assignments = list(page.object_list)
    originals = [assignment.face.original_id for assignment in assignments]
    photos = Photo.objects.filter(owner=person.owner_id, original__in=originals).order_by("-pk")
    photo_of = {photo.original_id: photo for photo in photos}
    return page, [(assignment, photo_of.get(assignment.face.original_id)) for assignment in assignments]
