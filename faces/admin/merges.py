"""Merges of people, splits and moves of their faces, which can be undone."""

from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from accounts.models import User
from core.admin import ReadOnlyAdmin, link, link_column, presence_filter
from faces.models import FaceMove, Person, PersonMerge
from faces.services import DecisionRefused, undo_merge, undo_move

MAX_MOVES = 50  # on a person's page


@admin.register(PersonMerge)
class PersonMergeAdmin(ReadOnlyAdmin):
    owner_link = link_column("owner")
    list_display = ("merged", "owner", "by", "created_at", "undone_at", "undone_by")
    list_filter = (("undone_at", presence_filter("state", "undone", "standing")), "created_at")
    list_select_related = ("owner", "by", "undone_by")
    search_fields = ("id", "person_id", "into_id", "name", "owner__name", "by__name")
    ordering = ("-id",)
    actions = ("undo",)
    page_actions = ("undo",)
    fields = (
        *("merged", "owner_link", "into_link", "number_of_faces", "hidden", "by", "created_at"),
        *("undone_at", "undone_by"),
    )

    @admin.display(description="merged person", ordering="name")
    def merged(self, merge: PersonMerge) -> str:
        return merge.name or f"unnamed {str(merge.person_id)[-6:]}"

    @admin.display(description="merged into")
    def into_link(self, merge: PersonMerge) -> str:
        return _link_or_id(merge.into_id)

    @admin.display(description="faces")
    def number_of_faces(self, merge: PersonMerge) -> int:
        return merge.faces.count()

    @admin.action(description="Undo", permissions=["act"])
    def undo(self, request: HttpRequest, queryset: QuerySet[PersonMerge]) -> None:
        """Undoes the latest first, so that a merge is undone before those that it includes."""
        for merge in queryset.select_related("owner").order_by("-created_at"):
            try:
                person = undo_merge(merge=merge, by=operator_of(request))
            except DecisionRefused as refused:
                self.message_user(request, f"{merge}: {refused}", messages.ERROR)
            else:
                self.log_changes(request, [merge], "Undone.")
                self.log_changes(request, [person], "Restored: a merge was undone.")
                self.message_user(request, format_html("{} is back.", link(person)))


@admin.register(FaceMove)
class FaceMoveAdmin(ReadOnlyAdmin):
    owner_link = link_column("owner")
    list_display = ("kind", "from_person", "to_person", "owner", "by", "created_at", "undone_at", "undone_by")
    list_filter = ("kind", ("undone_at", presence_filter("state", "undone", "standing")), "created_at")
    list_select_related = ("owner", "by", "undone_by")
    search_fields = ("id", "person_id", "to_id", "owner__name", "by__name")
    ordering = ("-id",)
    actions = ("undo",)
    page_actions = ("undo",)
    fields = (
        *("kind", "from_link", "to_link", "owner_link", "number_of_faces", "by", "created_at"),
        *("undone_at", "undone_by"),
    )

    @admin.display(description="from")
    def from_person(self, move: FaceMove) -> str:
        return f"person {str(move.person_id)[-6:]}"

    @admin.display(description="to")
    def to_person(self, move: FaceMove) -> str:
        return f"person {str(move.to_id)[-6:]}"

    @admin.display(description="from")
    def from_link(self, move: FaceMove) -> str:
        return _link_or_id(move.person_id)

    @admin.display(description="to")
    def to_link(self, move: FaceMove) -> str:
        return _link_or_id(move.to_id)

    @admin.display(description="faces")
    def number_of_faces(self, move: FaceMove) -> int:
        return move.faces.count()

    @admin.action(description="Undo", permissions=["act"])
    def undo(self, request: HttpRequest, queryset: QuerySet[FaceMove]) -> None:
        """Undoes the latest first, so that faces that were moved twice go back all the way."""
        for move in queryset.select_related("owner").order_by("-created_at"):
            try:
                person = undo_move(move=move, by=operator_of(request))
            except DecisionRefused as refused:
                self.message_user(request, f"{move}: {refused}", messages.ERROR)
            else:
                self.log_changes(request, [move], "Undone.")
                self.log_changes(request, [person], f"Got faces back: a {move.kind} was undone.")
                self.message_user(request, format_html("{} has the faces again.", link(person)))


def _link_or_id(person_id: UUID) -> str:
    person = Person.objects.filter(pk=person_id).first()
    return link(person) if person else str(person_id)


def moves_of(person: Person) -> QuerySet[FaceMove]:
    """Returns the latest splits and moves that took faces from the person or gave them some, and stand."""
    moves = FaceMove.objects.filter(Q(person_id=person.pk) | Q(to_id=person.pk), owner=person.owner_id)
    return moves.filter(undone_at=None).annotate(number=Count("faces")).order_by("-pk")[:MAX_MOVES]


def operator_of(request: HttpRequest) -> User:
    """Returns the operator who makes the request."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
