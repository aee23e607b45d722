from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin

from accounts.models import Message, User


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    """People; operators are those with a username. Tokens and codes are never shown."""

    list_display = ["id", "name", "username", "verified_phone", "fb_id", "created_at"]
    list_filter = ["is_staff", "is_active", "send_push_notifs"]
    search_fields = ["id", "name", "username", "phone", "verified_phone", "email", "fb_id"]
    ordering = ["-created_at"]
    readonly_fields = ["id", "created_at", "updated_at", "last_login"]
    fieldsets = [
        (None, {"fields": ["id", "name", "email", "phone", "verified_phone", "fb_id", "pic_url"]}),
        ("Pictures", {"fields": ["watermark_text"]}),
        ("Pushes", {"fields": ["send_push_notifs"]}),
        (
            "Operator",
            {"fields": ["username", "password", "is_active", "is_staff", "is_superuser", "user_permissions"]},
        ),
        ("Times", {"fields": ["created_at", "updated_at", "last_login"]}),
    ]
    filter_horizontal = ["user_permissions"]


@admin.register(Message)
class MessageAdmin(admin.ModelAdmin):
    """Messages to people. Their text is not shown: it is between the server and them."""

    list_display = ["id", "channel", "user", "phone", "created_at", "tries", "sent_at", "failed_at"]
    list_filter = ["channel", "sent_at", "failed_at"]
    list_select_related = ["user"]
    search_fields = ["user__name", "phone"]
    readonly_fields = [
        "channel",
        "user",
        "phone",
        "created_at",
        "next_try_at",
        "tries",
        "sent_at",
        "failed_at",
    ]

    fields = ("channel", "user", "phone", "created_at", "next_try_at", "tries", "sent_at", "failed_at")

    def has_add_permission(self, request: object) -> bool:
        return False
