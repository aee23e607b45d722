import uuid_utils.compat
from django.db import migrations, models
from django.db.models import F


def keep_the_order(apps, schema_editor):
    """Until now photos were sorted by their ids."""
    apps.get_model("photos", "Photo").objects.update(position=F("id"))


class Migration(migrations.Migration):
    dependencies = [
        ("photos", "0007_original_stage"),
    ]

    operations = [
        migrations.AddField(
            model_name="photo",
            name="position",
            field=models.UUIDField(null=True),
        ),
        migrations.RunPython(keep_the_order, migrations.RunPython.noop, elidable=True),
        migrations.AlterField(
            model_name="photo",
            name="position",
            field=models.UUIDField(default=uuid_utils.compat.uuid7, editable=False),
        ),
        migrations.AddIndex(
            model_name="photo",
            index=models.Index(fields=["album", "position"], name="photos_in_order"),
        ),
    ]
