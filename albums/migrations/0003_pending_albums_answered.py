from django.db import migrations, models
from django.db.models import Exists, OuterRef


def note_answers(apps, schema_editor):
    """An algorithm has answered if it was decided about the album since the algorithm took it."""
    PendingAlbum = apps.get_model("albums", "PendingAlbum")
    Filtering = apps.get_model("albums", "Filtering")
    since = Filtering.objects.filter(album=OuterRef("album"), created_at__gt=OuterRef("claimed_at"))
    taken_outside = PendingAlbum.objects.filter(claim__isnull=False, lease_until=None)
    taken_outside.filter(Exists(since)).update(answered=True)


class Migration(migrations.Migration):
    dependencies = [
        ("albums", "0002_pending_albums_queued_and_wanted"),
    ]

    operations = [
        migrations.AddField(
            model_name="pendingalbum",
            name="answered",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="The outside algorithm that has taken it has said who is on its photos.",
            ),
        ),
        migrations.RunPython(note_answers, migrations.RunPython.noop, elidable=True),
    ]
