"""Writes the phones of invitations in their one form, like those of users, and joins invitations that become equal.

Of several that wait for a phone, or that one user has claimed, the oldest stays, live if any of them is. A waiting one
becomes part of the invitation that the phone's user has claimed; a member who was removed comes back only if it was
created after that.
"""

from django.db import migrations

from accounts.phones import normalise

COUNTRY_CODES = ("52", "54", "55")  # only numbers of these countries can have another form


def one_form(phone):
    return normalise(f"+{phone}")


def join(rows):
    """Keeps the oldest of these invitations, live if any of them is, and deletes the others."""
    first, *others = sorted(rows, key=lambda row: row.pk)
    if any(row.removed_at is None for row in rows):
        first.removed_at = None
    for row in others:
        row.delete()
    return first


def join_waiting(claimed, waiting):
    """Makes the waiting invitation a part of the claimed one."""
    if claimed.removed_at and waiting.removed_at is None and waiting.created_at > claimed.removed_at:
        claimed.removed_at = None
    waiting.delete()


def join_all(rows, form, holder_id):
    """Joins the invitations of one album to one phone, which the holder has verified."""
    by_user = {row.claimed_by_id: [] for row in rows}
    for row in rows:
        by_user[row.claimed_by_id].append(row)
    joined = {user_id: join(group) for user_id, group in by_user.items()}
    if holder_id in joined and None in joined and holder_id is not None:
        join_waiting(joined[holder_id], joined.pop(None))
    for row in joined.values():
        row.phone = form
        row.save(update_fields=["phone", "removed_at"])


def forward(apps, schema_editor):
    database = schema_editor.connection.alias
    invitations = apps.get_model("albums", "Invitation").objects.using(database)
    users = apps.get_model("accounts", "User").objects.using(database)
    affected = {}
    for code in COUNTRY_CODES:
        for row in invitations.filter(phone__startswith=code).order_by("pk"):
            affected.setdefault((row.album_id, one_form(row.phone)), []).append(row)
    for (_, form), rows in affected.items():
        if any(row.phone != form for row in rows):
            holder_id = users.filter(verified_phone=form).values_list("pk", flat=True).first()
            join_all(rows, form, holder_id)


class Migration(migrations.Migration):
    dependencies = [
        ("albums", "0004_lease_of_the_outside_algorithm"),
        ("accounts", "0004_one_form_of_each_phone"),
    ]

    operations = [migrations.RunPython(forward, migrations.RunPython.noop)]
