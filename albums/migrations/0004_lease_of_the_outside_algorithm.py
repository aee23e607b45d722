from datetime import timedelta

from django.conf import settings
from django.db import migrations, models
from django.utils import timezone


def give_leases(apps, schema_editor):
    """What an algorithm has taken had no lease; from now on it has one, which begins with the upgrade."""
    taken = apps.get_model("albums", "PendingAlbum").objects.filter(claim__isnull=False, lease_until=None)
    end = timezone.now() + timedelta(seconds=settings.ALGO_LEASE_SECONDS)
    taken.update(outside=True, lease_until=end)


def take_leases(apps, schema_editor):
    apps.get_model("albums", "PendingAlbum").objects.filter(outside=True).update(lease_until=None)


class Migration(migrations.Migration):
    dependencies = [
        ("albums", "0003_pending_albums_answered"),
    ]

    operations = [
        migrations.AddField(
            model_name="pendingalbum",
            name="outside",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="An outside algorithm has taken it.",
                verbose_name="taken outside",
            ),
        ),
        migrations.RunPython(give_leases, take_leases, elidable=True),
    ]
