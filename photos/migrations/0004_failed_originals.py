from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("photos", "0003_original_prepared_at"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="original",
            index=models.Index(
                condition=models.Q(("status", "failed")), fields=["error"], name="failed_originals"
            ),
        ),
    ]
