import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F


def note_uploaders(apps, schema_editor):
    """Until now, whoever had uploaded a photo could bring it back from the trash, whoever had deleted it."""
    apps.get_model("photos", "Photo").objects.exclude(deleted_at=None).update(deleted_by=F("uploader"))


class Migration(migrations.Migration):
    dependencies = [
        ("albums", "0003_pending_albums_answered"),
        ("photos", "0009_imported_files_by_size"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="photo",
            name="deleted_by",
            field=models.ForeignKey(
                blank=True,
                help_text="Empty when an operator did it.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.CreateModel(
            name="RemovedPicture",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "album",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="removed_pictures",
                        to="albums.album",
                    ),
                ),
                (
                    "original",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="photos.original",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("sha256", ""), _negated=True),
                        fields=("album", "sha256"),
                        name="a_content_is_removed_once",
                    ),
                    models.UniqueConstraint(fields=("album", "original"), name="an_original_is_removed_once"),
                ],
            },
        ),
        migrations.RunPython(note_uploaders, migrations.RunPython.noop, elidable=True),
    ]
