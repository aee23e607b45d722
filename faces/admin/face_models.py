"""Face models, which an outside algorithm sets, and selfies, which the built-in recogniser uses."""

import json
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Case, Count, Model, OuterRef, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from accounts.models import User
from core.admin import DeletableAdmin, ReadOnlyAdmin, link_column, list_link, presence_filter
from core.admin.pages import Actions
from faces.models import EMBEDDING_TYPE, FaceModel, Selfie
from faces.services import make_models_pending, remove_selfies
from photos.admin.pictures import UNKNOWN_TYPE, PictureAdmin, stored_file_response

MAX_KEYS = 8


class PendingFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("pending", "pending"), ("taken", "taken")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[FaceModel]) -> QuerySet[FaceModel]:
        if self.value() is None:
            return queryset
        return queryset.filter(taken_at__isnull=self.value() == "pending")


@admin.register(FaceModel)
class FaceModelAdmin(ReadOnlyAdmin):
    """Only the algorithm sets a model; an operator can have it made anew."""

    user_link = link_column("user")
    list_display = ("user", "came_from", "selfies", "taken_at", "updated_at")
    list_filter = (
        PendingFilter,
        ("model", presence_filter("model", "set by an algorithm", "not set")),
        "updated_at",
    )
    list_select_related = ("user",)
    search_fields = ("user__id", "user__name", "user__verified_phone")
    ordering = ("-user_id",)
    actions = ("set_pending",)
    fields = ("user_link", "came_from", "selfies", "contents", "taken_at", "updated_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[FaceModel]:
        accepted = Selfie.objects.accepted().filter(user=OuterRef("user")).order_by().values("user")
        number = Subquery(accepted.annotate(number=Count("pk")).values("number"))
        by_algorithm = Case(When(model__isnull=False, then=True), default=False)
        found = super().get_queryset(request).defer("model")  # it may be large
        return found.annotate(accepted_selfies=Coalesce(number, 0), by_algorithm=by_algorithm)

    @admin.display(description="comes from")
    def came_from(self, model: FaceModel) -> str:
        if model.by_algorithm:  # type: ignore[attr-defined]  # annotated
            return "algorithm"
        return "selfies" if _selfie_count(model) else "nothing yet"

    @admin.display(description="selfies")
    def selfies(self, model: FaceModel) -> str:
        return list_link(Selfie, _selfie_count(model), user__id__exact=model.user_id)

    @admin.display(description="model")
    def contents(self, model: FaceModel) -> str:
        """Describes the model by its type and size, without showing it."""
        if model.model is None:
            return "-"
        size = f"{len(json.dumps(model.model)):,} characters of JSON"
        if not isinstance(model.model, dict):
            return f"{type(model.model).__name__}, {size}"
        keys = [key[:40] for key in list(model.model)[:MAX_KEYS]]
        return f"{', '.join(keys)}{' …' if len(model.model) > MAX_KEYS else ''}: {size}"

    @admin.action(description="Set as pending", permissions=["act"])
    def set_pending(self, request: HttpRequest, queryset: QuerySet[FaceModel]) -> None:
        models = list(queryset.select_related("user"))
        users = User.objects.filter(pk__in=queryset.values("user"))
        number = make_models_pending(users=users)
        self.log_changes(request, models, "Set as pending.")
        self.message_user(request, f"{number} face models are pending.")


def _selfie_count(model: FaceModel) -> int:
    return model.accepted_selfies  # type: ignore[attr-defined]  # annotated


@admin.register(Selfie)
class SelfieAdmin(PictureAdmin, DeletableAdmin):
    """Pictures from which users are recognised. Refused ones are not shown."""

    user_link = link_column("user")
    list_display = ("picture", "id", "user", "source", "status", "num_faces", "error", "created_at")
    list_display_links = ("id",)
    list_filter = (
        "status",
        "source",
        ("fault_at", presence_filter("exception", "met one", "none")),
        "created_at",
    )
    list_select_related = ("user",)
    search_fields = ("id", "user__id", "user__name")
    ordering = ("-id",)
    fields = (
        *(
            "large_picture",
            "id",
            "user_link",
            "source",
            "status",
            "num_faces",
            "error",
            "fault",
            "fault_at",
            "key",
        ),
        *(
            "content_type",
            "sha256",
            "embedding_size",
            "engine",
            "tries",
            "claimed_at",
            "lease_until",
            "created_at",
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Selfie]:
        return super().get_queryset(request).defer("embedding")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.serve_picture, cacheable=True)
        return [path("<uuid:pk>/picture/", view, name="faces_selfie_picture"), *super().get_urls()]

    def serve_picture(self, request: HttpRequest, pk: UUID) -> HttpResponseBase:
        if not self.has_view_permission(request):
            raise PermissionDenied
        selfie = Selfie.objects.filter(pk=pk, source=Selfie.Source.SELFIE).first()
        if selfie is None:
            raise Http404
        return stored_file_response(selfie.key, selfie.content_type or UNKNOWN_TYPE)

    @admin.display(description="")
    def picture(self, selfie: Selfie) -> str:
        return _picture(selfie, 72)

    @admin.display(description="picture")
    def large_picture(self, selfie: Selfie) -> str:
        return _picture(selfie, 320)

    @admin.display(description="embedding")
    def embedding_size(self, selfie: Selfie) -> str:
        return f"{len(selfie.embedding) // EMBEDDING_TYPE.itemsize} numbers" if selfie.embedding else "-"

    def get_actions(self, request: HttpRequest) -> Actions:
        """Selfies are deleted one at a time, because each has all albums of its user processed again."""
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """The picture behind a user's `pic_url` cannot be deleted here; it goes when the URL changes."""
        is_selfie = not isinstance(obj, Selfie) or obj.source == Selfie.Source.SELFIE
        return is_selfie and super().has_delete_permission(request, obj)

    def delete_model(self, request: HttpRequest, obj: Selfie) -> None:
        remove_selfies(user=obj.user, selfie_id=obj.pk)


def _picture(selfie: Selfie, side: int) -> str:
    if selfie.source != Selfie.Source.SELFIE or selfie.status == Selfie.Status.REFUSED:
        return format_html('<span class="no-picture">{}</span>', selfie.get_source_display())
    url = reverse("admin:faces_selfie_picture", args=[selfie.pk])
    return format_html(
        '<img class="thumbnail" src="{}" alt="Selfie of {}" width="{}" height="{}" loading="lazy">',
        *(url, selfie.user, side, side),
    )
