"""Admin pages of users, tokens, codes and messages. None shows a secret, its hash, or the text of a message."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import (
    AccessToken,
    BrowserSession,
    EmailCode,
    ExternalIdentity,
    Message,
    PhoneCode,
    PushSubscription,
    RateLimitHit,
    SignInLink,
    User,
    WrongGuesses,
)
from accounts.services import (
    delete_user,
    revoke_tokens,
    sign_out_everywhere,
    unlock_contacts,
    validate_name,
)
from core.admin import OperatorAdmin, ReadOnlyAdmin, link_column, truncated_names
from core.encryption import DecryptionError, decrypt, encrypt

PERMISSION_FIELDS = ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]


class UserForm(UserChangeForm):
    """A form without Django's own field for usernames, which cannot save a user without one."""

    class Meta(UserChangeForm.Meta):
        model = User
        field_classes = {}

    def clean_name(self) -> str:
        """Holds the name to the rule for users' own changes; an operator may also take it away."""
        name: str = self.cleaned_data["name"]
        if name:
            validate_name(name)
        return name


class OperatorForm(AdminUserCreationForm):
    username = forms.CharField(max_length=150)


@admin.register(User)
class UserAdmin(OperatorAdmin, DjangoUserAdmin):
    """Pages of users. What users prove themselves (phone, e-mail address, Facebook account) is read-only."""

    list_display = ["__str__", "username", "verified_phone", "fb_id", "is_staff", "is_active", "created_at"]
    list_filter = ["is_staff", "is_active", "send_push_notifs", ("verified_phone", admin.EmptyFieldListFilter)]
    search_fields = ["id", "name", "username", "phone", "verified_phone", "email", "verified_email", "fb_id"]
    search_help_text = "Id, name, username, phone, e-mail or Facebook id."
    ordering = ["-id"]
    fieldsets = [
        (None, {"fields": ["name", "email", "verified_email", "phone", "verified_phone", "fb_id", "pic_url"]}),
        ("Pictures", {"fields": ["watermark_text"]}),
        ("Pushes", {"fields": ["send_push_notifs"]}),
        ("Operator", {"fields": ["username", "sign_in", *PERMISSION_FIELDS]}),
        ("Times", {"fields": ["id", "created_at", "updated_at", "last_login"]}),
    ]
    add_fieldsets = [(None, {"fields": ["username", "password1", "password2", "name", "is_staff"]})]
    form = UserForm
    add_form = OperatorForm
    filter_horizontal = ["groups", "user_permissions"]
    actions = ["sign_out"]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        proven = ["phone", "verified_phone", "verified_email", "fb_id", "pic_url"]
        read_only = ["id", "sign_in", "created_at", "updated_at", "last_login", *proven]
        return read_only if _is_superuser(request) else [*read_only, *PERMISSION_FIELDS]

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and _may_edit(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_edit(request, obj)

    @admin.display(description="password")
    def sign_in(self, user: User) -> str:
        if not user.has_usable_password():
            return "none: signs in by phone, e-mail, link or a provider"
        page = reverse("admin:auth_user_password_change", args=[user.pk])
        return format_html('set; <a href="{}">change it</a>', page)

    @admin.action(description="Sign out everywhere", permissions=["change"])
    def sign_out(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        ended = sign_out_everywhere(users=queryset)
        self.message_user(request, f"{ended} tokens and browser sessions were ended.")

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:
        """Saves only the changed fields: meanwhile the user may have verified a phone or sent a device token."""
        columns = {field.name for field in User._meta.concrete_fields}
        obj.save(update_fields=[*columns.intersection(form.changed_data), "updated_at"] if change else None)

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        delete_user(user=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            delete_user(user=user)

    def get_deleted_objects(
        self, objs: Sequence[User] | QuerySet[User], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Counts the related rows instead of listing them: a user may have a hundred thousand photos."""
        users = list(objs)
        refused = {str(user) for user in users if not self.has_delete_permission(request, user)}
        return truncated_names(users), self.count_deleted_rows(users), refused, []

    def count_deleted_rows(self, users: list[User]) -> dict[str, int]:
        """Returns the number of rows that are deleted with the users, by the plural name of their model."""
        return {"users": len(users)}


def _is_superuser(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.is_superuser


def _may_edit(request: HttpRequest, user: User | None) -> bool:
    """Only a superuser may edit other operators: anybody else who edits users could sign in as one of them."""
    is_allowed = user is None or user == request.user or not (user.is_staff or user.is_superuser)
    return is_allowed or _is_superuser(request)


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(OperatorAdmin, DjangoGroupAdmin):
    """Pages that only superusers may edit: others could give themselves permissions by their own groups."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return _is_superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return _is_superuser(request)


@admin.register(AccessToken)
class AccessTokenAdmin(ReadOnlyAdmin):
    """The list of access tokens. A row's key is the token's hash, so pages contain an encrypted alias instead."""

    of = link_column("user", description="token of", ordering="user__name")
    list_display = ["of", "created_at"]
    list_display_links = None
    list_filter = ["created_at"]
    list_select_related = ["user"]
    ordering = ["-created_at"]
    search_fields = ["user__id", "user__name", "user__verified_phone"]
    actions = ["revoke"]

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> None:
        """Finds nothing: there are no pages of single tokens, because their URLs would contain the hashes."""

    def action_checkbox(self, obj: Model) -> SafeString:
        label = {"class": "action-select", "aria-label": f"Select this token for an action - {obj}"}
        return forms.CheckboxInput(label, lambda _: False).render(ACTION_CHECKBOX_NAME, _encrypt_key(str(obj.pk)))

    def response_action(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse | None:
        data = request.POST.copy()
        data.setlist(ACTION_CHECKBOX_NAME, [_decrypt_key(alias) for alias in data.getlist(ACTION_CHECKBOX_NAME)])
        request.POST = data  # type: ignore[assignment]
        return super().response_action(request, *args, **options)

    @admin.action(description="Revoke", permissions=["remove"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[AccessToken]) -> None:
        self.message_user(request, f"{revoke_tokens(tokens=queryset)} access tokens were revoked.")


def _encrypt_key(digest: str) -> str:
    return encrypt(digest, purpose="alias of an access token")


def _decrypt_key(alias: str) -> str:
    """Returns the key of the alias; for a forged alias an empty string, which is no token's key."""
    try:
        return decrypt(alias, purpose="alias of an access token")
    except DecryptionError:
        return ""


@admin.register(PhoneCode)
class PhoneCodeAdmin(ReadOnlyAdmin):
    """Pages of the codes that were sent, without the digits."""

    user_link = link_column("user", ordering="user__name")
    list_display = ["phone", "user_link", "tries", "created_at", "expires_at", "closed_at"]
    list_filter = [("closed_at", admin.EmptyFieldListFilter), ("user", admin.EmptyFieldListFilter), "created_at"]
    list_select_related = ["user"]
    ordering = ["-id"]
    search_fields = ["phone", "user__name"]
    fields = ["id", "phone", "user_link", "tries", "created_at", "expires_at", "closed_at"]


@admin.register(EmailCode)
class EmailCodeAdmin(ReadOnlyAdmin):
    """Pages of the codes that were sent by e-mail, without the digits."""

    user_link = link_column("user", ordering="user__name")
    list_display = ["email", "user_link", "tries", "created_at", "expires_at", "closed_at"]
    list_filter = [("closed_at", admin.EmptyFieldListFilter), ("user", admin.EmptyFieldListFilter), "created_at"]
    list_select_related = ["user"]
    ordering = ["-id"]
    search_fields = ["email", "user__name"]
    fields = ["id", "email", "user_link", "tries", "created_at", "expires_at", "closed_at"]


@admin.register(WrongGuesses)
class WrongGuessesAdmin(ReadOnlyAdmin):
    """The wrong codes tried at phones and addresses. After too many, only the action here opens them again."""

    list_display = ["contact", "count", "last_at"]
    list_filter = ["last_at"]
    ordering = ["-last_at"]
    search_fields = ["contact"]
    fields = ["contact", "count", "last_at"]
    actions = ["open"]

    @admin.action(description="Open: forget the wrong guesses", permissions=["remove"])
    def open(self, request: HttpRequest, queryset: QuerySet[WrongGuesses]) -> None:
        opened = unlock_contacts(contacts=list(queryset.values_list("pk", flat=True)))
        self.message_user(request, f"{opened} phones or addresses get codes again.")


@admin.register(SignInLink)
class SignInLinkAdmin(ReadOnlyAdmin):
    """Pages of the links that operators made for users, without the links."""

    user_link = link_column("user", ordering="user__name")
    list_display = ["id", "user_link", "created_at", "expires_at", "used_at"]
    list_filter = [("used_at", admin.EmptyFieldListFilter), "created_at"]
    list_select_related = ["user"]
    ordering = ["-id"]
    search_fields = ["user__id", "user__name"]
    fields = ["id", "user_link", "created_at", "expires_at", "used_at"]


@admin.register(ExternalIdentity)
class ExternalIdentityAdmin(ReadOnlyAdmin):
    """Pages of who users are at a provider of OpenID Connect. Removing one makes them a new user there."""

    user_link = link_column("user", ordering="user__name")
    list_display = ["id", "user_link", "issuer", "subject", "created_at"]
    list_filter = ["created_at"]
    list_select_related = ["user"]
    ordering = ["-id"]
    search_fields = ["user__id", "user__name", "subject"]
    fields = ["id", "user_link", "issuer", "subject", "created_at"]
    actions = ["remove"]

    @admin.action(description="Remove", permissions=["remove"])
    def remove(self, request: HttpRequest, queryset: QuerySet[ExternalIdentity]) -> None:
        self.message_user(request, f"{queryset.delete()[0]} identities were removed.")


@admin.register(BrowserSession)
class BrowserSessionAdmin(ReadOnlyAdmin):
    """Pages of the browsers in which users are signed in."""

    user_link = link_column("user", ordering="user__name")
    list_display = ["id", "user_link", "user_agent", "created_at", "last_seen", "expire_date"]
    list_filter = [("user", admin.EmptyFieldListFilter), "last_seen"]
    list_select_related = ["user"]
    ordering = ["-id"]
    search_fields = ["user__id", "user__name", "user_agent"]
    fields = ["id", "user_link", "user_agent", "created_at", "last_seen", "expire_date"]
    actions = ["end"]

    @admin.action(description="Sign out", permissions=["remove"])
    def end(self, request: HttpRequest, queryset: QuerySet[BrowserSession]) -> None:
        self.message_user(request, f"{queryset.delete()[0]} browser sessions were ended.")


@admin.register(RateLimitHit)
class RateLimitHitAdmin(ReadOnlyAdmin):
    """The uses that count against rate limits for an hour. Deleting rows lifts a limit at once."""

    list_display = ["what", "by", "times", "at"]
    list_filter = ["at"]
    ordering = ["-id"]
    search_fields = ["what", "by"]
    fields = ["what", "by", "times", "at"]
    actions = ["forget"]

    @admin.action(description="Forget: lift the limit", permissions=["remove"])
    def forget(self, request: HttpRequest, queryset: QuerySet[RateLimitHit]) -> None:
        self.message_user(request, f"{queryset.delete()[0]} uses no longer count.")


@admin.register(PushSubscription)
class PushSubscriptionAdmin(ReadOnlyAdmin):
    """Pages of browsers that get pushes. They show neither their addresses, which are secret, nor their keys."""

    user_link = link_column("user", ordering="user__name")
    list_display = ["id", "user_link", "service", "created_at"]
    list_filter = ["created_at"]
    list_select_related = ["user"]
    ordering = ["-id"]
    search_fields = ["user__id", "user__name"]
    fields = ["id", "user_link", "service", "created_at"]
    actions = ["unsubscribe"]

    @admin.display(description="push service")
    def service(self, subscription: PushSubscription) -> str:
        return urlsplit(subscription.endpoint).hostname or ""

    @admin.action(description="Unsubscribe", permissions=["remove"])
    def unsubscribe(self, request: HttpRequest, queryset: QuerySet[PushSubscription]) -> None:
        self.message_user(request, f"{queryset.delete()[0]} browsers and their messages were removed.")


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """Pages of messages to users. They do not show the private texts."""

    user_link = link_column("user", ordering="user__name")
    list_display = ["id", "channel", "user_link", "phone", "email", "created_at", "tries", "sent_at", "failed_at"]
    list_filter = [
        "channel",
        ("sent_at", admin.EmptyFieldListFilter),
        ("failed_at", admin.EmptyFieldListFilter),
        "created_at",
    ]
    list_select_related = ["user"]
    ordering = ["-id"]
    search_fields = ["user__name", "phone", "email"]
    fields = [
        "channel",
        "user_link",
        "phone",
        "email",
        "created_at",
        "next_try_at",
        "tries",
        "sent_at",
        "failed_at",
    ]
