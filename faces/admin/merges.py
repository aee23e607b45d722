"""Merges of people, which can be undone."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from accounts.models import User
from core.admin import ReadOnlyAdmin, link, link_column, presence_filter
from faces.models import Person, PersonMerge
from faces.services import DecisionRefused, undo_merge


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
        person = Person.objects.filter(pk=merge.into_id).first()
        return link(person) if person else str(merge.into_id)

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


def operator_of(request: HttpRequest) -> User:
    """Returns the operator who makes the request."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def merges_into(person: Person) -> list[PersonMerge]:
    """Returns the merges into the person, directly or through others, latest first, by one query."""
    standing = PersonMerge.objects.filter(owner=person.owner_id, undone_at=None).select_related("by")
    included, merges = {person.pk}, []
    for merge in standing.order_by("-created_at"):  # a merge through others comes before the merges it includes
        if merge.into_id in included:
            included.add(merge.person_id)
            merges.append(merge)
    return merges
