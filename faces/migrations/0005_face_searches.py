import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

BATCH = 2000


def note_searches(apps, schema_editor):
    """Notes which engine has searched the ready originals: the one that there is, or else the one of their faces.

    An original without faces, where there are several engines, is searched again.
    """
    Original, Face = apps.get_model("photos", "Original"), apps.get_model("faces", "Face")
    FaceSearch = apps.get_model("faces", "FaceSearch")
    engines = list(apps.get_model("faces", "EmbeddingSpace").objects.values_list("engine", flat=True))
    for engine in engines:
        originals = Original.objects.filter(status="ready", face_search=None).order_by("pk")
        if len(engines) > 1:
            originals = originals.filter(pk__in=Face.objects.filter(engine=engine).values("original"))
        while ids := list(originals.values_list("pk", flat=True)[:BATCH]):
            FaceSearch.objects.bulk_create([FaceSearch(original_id=pk, engine=engine) for pk in ids])


class Migration(migrations.Migration):
    dependencies = [
        ("faces", "0004_face_quality"),
        ("photos", "0006_originals_waiting_since"),
    ]

    operations = [
        migrations.CreateModel(
            name="FaceSearch",
            fields=[
                (
                    "original",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="face_search",
                        serialize=False,
                        to="photos.original",
                    ),
                ),
                (
                    "engine",
                    models.CharField(
                        blank=True, help_text="Empty when it is to be searched again.", max_length=100
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name_plural": "face searches",
            },
        ),
        migrations.RunPython(note_searches, migrations.RunPython.noop),
    ]
