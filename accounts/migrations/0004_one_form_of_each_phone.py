"""Writes the phones that were stored in another form of the same number (Mexico, Argentina, Brazil) in the one form.

Where two users had verified two forms of one phone, the one who was active last (their newest token or change) keeps
it, as when a number is taken over: the other keeps everything else, with an unverified `phone`.
"""

from datetime import UTC, datetime

from django.db import migrations
from django.db.models import Max, Q

from accounts.phones import normalise

LIMITED_PHONES = ["code to phone", "SMS to phone"]  # rate limits whose hits are `by` a phone
# Only numbers of these countries can have another form. Others would be parsed for nothing.
COUNTRY_CODES = ("52", "54", "55")


def one_form(phone):
    """Returns the form in which the phone is stored from now on."""
    return normalise(f"+{phone}")


def rows_of(queryset, field):
    """Yields (key, stored phone, its one form) of the rows in which the two differ."""
    affected = Q()
    for code in COUNTRY_CODES:
        affected |= Q(**{f"{field}__startswith": code})
    for key, phone in list(queryset.filter(affected).order_by("pk").values_list("pk", field)):
        if (form := one_form(phone)) != phone:
            yield key, phone, form


def rewrite(queryset, field):
    for key, _, form in rows_of(queryset, field):
        queryset.filter(pk=key).update(**{field: form})


def rewrite_verified(users):
    for key, _, form in rows_of(users, "verified_phone"):
        holder = users.filter(verified_phone=form).first()
        if holder is None:
            users.filter(pk=key).update(verified_phone=form)
        elif last_active(users, key) > last_active(users, holder.pk):
            users.filter(pk=holder.pk).update(verified_phone=None)
            users.filter(pk=key).update(verified_phone=form)
        else:
            users.filter(pk=key).update(verified_phone=None)


def last_active(users, key):
    """Returns what orders users by who has verified last. No row tells when; a token is given after a code."""
    user = users.annotate(signed_in_at=Max("access_tokens__created_at")).get(pk=key)
    return max(user.updated_at, user.signed_in_at or datetime.min.replace(tzinfo=UTC)), user.pk


def forward(apps, schema_editor):
    users = apps.get_model("accounts", "User").objects.using(schema_editor.connection.alias).order_by("pk")
    rewrite_verified(users)
    rewrite(users, "phone")
    for name in ("PhoneCode", "Message"):
        rewrite(apps.get_model("accounts", name).objects.using(schema_editor.connection.alias), "phone")
    hits = apps.get_model("accounts", "RateLimitHit").objects.using(schema_editor.connection.alias)
    rewrite(hits.filter(what__in=LIMITED_PHONES), "by")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_count_several_hits_in_a_row")]

    operations = [migrations.RunPython(forward, migrations.RunPython.noop)]
