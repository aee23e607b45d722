import django.db.models.functions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("faces", "0005_face_searches")]

    operations = [
        migrations.RenameField("sighting", "shows", "found"),
        migrations.AlterField(
            "sighting",
            "by",
            models.CharField(
                "found by",
                blank=True,
                choices=[("builtin", "built-in"), ("algorithm", "algorithm"), ("", "nobody")],
                help_text="Empty: only the user themself has said so.",
                max_length=9,
            ),
        ),
        migrations.AddField(
            "sighting",
            "own_word",
            models.BooleanField(
                "own word", blank=True, help_text="Whether the user says that the photo shows them.", null=True
            ),
        ),
        migrations.AddField(
            "sighting",
            "shows",
            models.GeneratedField(
                db_persist=True,
                expression=django.db.models.functions.Coalesce("own_word", "found"),
                output_field=models.BooleanField(),
            ),
        ),
        migrations.AddConstraint(
            "sighting",
            models.CheckConstraint(
                condition=models.Q(models.Q(("by", ""), _negated=True), ("found", False), _connector="OR"),
                name="nothing_is_found_by_nobody",
            ),
        ),
    ]
