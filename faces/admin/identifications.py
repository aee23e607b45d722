"""Who people in libraries are: suggestions on a person's page, and answers to them, which can be taken back."""

from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, QueryDict

from accounts.models import User
from core.admin import ReadOnlyAdmin, can_view, link, link_column
from faces.merge_selectors import merged_ids
from faces.models import Identification, Person
from faces.services import confirm_user, forget_answer, refuse_user, take_back
from faces.suggestions import suggested_users, suggestible_users

CONFIRM, REFUSE, FORGET = "confirm", "refuse", "forget"


def answer_suggestion(person: Person, asked: QueryDict, *, by: User) -> str:
    """Carries out what the buttons of a person's page ask for, and returns what was done.

    Raises `Http404` for a user who may not be suggested there, and for what no button asks for.
    """
    decision = asked.get("decision")
    try:
        user_id = UUID(asked.get("user", ""))
    except ValueError as error:
        raise Http404 from error
    if decision == FORGET:
        user = User.objects.filter(pk=user_id).first()
        if user is None or not forget_answer(person=person, user=user):
            raise Http404
        return f"Took back what was said about {user}."
    user = suggestible_users(person.owner).filter(pk=user_id).first()
    if user is None or decision not in (CONFIRM, REFUSE):
        raise Http404
    if decision == CONFIRM:
        confirm_user(person=person, user=user, by=by)
        return f"This is {user}."
    refuse_user(person=person, user=user, by=by)
    return f"This is not {user}, and is not suggested again."


def identification_context(request: HttpRequest, person: Person) -> dict[str, object]:
    """Returns the suggestion about a person and the answers given, for operators who may see users."""
    if not can_view(request.user, User):
        return {}
    ids = merged_ids(person.owner_id, [person.pk])[person.pk]
    answers = Identification.objects.filter(owner=person.owner_id, person_id__in=ids)
    return {
        "suggestion": suggested_users(person.owner, [person]).get(person.pk),
        "answers": answers.select_related("user", "by").order_by("-created_at"),
    }


@admin.register(Identification)
class IdentificationAdmin(ReadOnlyAdmin):
    """What was said about who people are. It is said on a person's page; here it can be taken back."""

    owner_link = link_column("owner")
    user_link = link_column("user")
    list_display = ("person", "user", "confirmed", "owner", "by", "created_at")
    list_filter = ("confirmed", "created_at")
    list_select_related = ("owner", "user", "by")
    search_fields = ("id", "person_id", "name", "user__name", "owner__name")
    ordering = ("-id",)
    actions = ("take_back",)
    page_actions = ("take_back",)
    fields = ("person_link", "user_link", "confirmed", "name", "owner_link", "by", "created_at")

    @admin.display(description="person")
    def person(self, answer: Identification) -> str:
        return answer.name or f"person {str(answer.person_id)[-6:]}"

    @admin.display(description="person")
    def person_link(self, answer: Identification) -> str:
        person = Person.objects.filter(pk=answer.person_id).first()
        return link(person) if person else f"{answer.person_id} (merged, or gone)"

    @admin.action(description="Take back", permissions=["act"])
    def take_back(self, request: HttpRequest, queryset: QuerySet[Identification]) -> None:
        for answer in queryset.select_related("owner", "user"):
            said, people = str(answer), list(Person.objects.filter(pk=answer.person_id))
            take_back(answer=answer)
            self.log_changes(request, people, f"Took back what was said about {answer.user}.")
            self.message_user(request, f"Took back: {said}.")
