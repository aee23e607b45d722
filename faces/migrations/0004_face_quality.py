from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("faces", "0003_pending_assignments"),
    ]

    operations = [
        migrations.AddField(
            model_name="embeddingspace",
            name="cluster_cut",
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="embeddingspace",
            name="min_quality",
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="embeddingspace",
            name="min_score",
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="face",
            name="quality",
            field=models.FloatField(
                blank=True, help_text="How much of a face the engine saw; empty if it cannot tell.", null=True
            ),
        ),
    ]
