from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("photos", "0002_original_stage_seconds"),
    ]

    operations = [
        migrations.AddField(
            model_name="original",
            name="prepared_at",
            field=models.DateTimeField(blank=True, help_text="When its renditions had been made.", null=True),
        ),
    ]
