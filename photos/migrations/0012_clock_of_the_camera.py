from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("photos", "0011_thumbnails_of_folders"),
    ]

    operations = [
        migrations.AddField(
            model_name="original",
            name="utc_offset",
            field=models.SmallIntegerField(
                blank=True,
                help_text="Of the camera's clock, if the picture tells it.",
                null=True,
                verbose_name="minutes east of UTC",
            ),
        ),
    ]
