from django.db import migrations, models

import photos.stages


def begin_anew_what_is_not_prepared(apps, schema_editor):
    """All others are in the second stage, or through it."""
    unprepared = apps.get_model("photos", "Original").objects.filter(prepared_at=None)
    unprepared.filter(status__in=["new", "processing"]).update(stage="renditions")
    unprepared.filter(status="failed").update(stage="renditions")


class Migration(migrations.Migration):
    dependencies = [
        ("photos", "0006_originals_waiting_since"),
    ]

    operations = [
        # Where there are millions of originals, nearly all are done: by this default none of those is written.
        migrations.AddField(
            model_name="original",
            name="stage",
            field=models.CharField(
                choices=photos.stages.stage_choices, db_default="faces", default="faces", max_length=20
            ),
        ),
        migrations.RunPython(begin_anew_what_is_not_prepared, migrations.RunPython.noop, elidable=True),
        migrations.AlterField(
            model_name="original",
            name="stage",
            field=models.CharField(
                choices=photos.stages.stage_choices,
                db_default="renditions",
                default="renditions",
                help_text="What it waits for or is in; of one that is done or failed the last one.",
                max_length=20,
            ),
        ),
    ]
