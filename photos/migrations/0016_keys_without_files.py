from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

OWN_AREA = ("originals/", "renditions/", "selfies/", "zips/", "incoming/", "chunks/", "probes/", "awaited/")


def await_files(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Takes the keys from originals that were registered while no file was there: they have no right to them."""
    Original = apps.get_model("photos", "Original")
    without_file = Original.objects.filter(sha256=None, etag="", awaited_key=None)
    for pk, key in without_file.values_list("pk", "key").iterator(chunk_size=500):
        if not key.casefold().startswith(OWN_AREA):
            Original.objects.filter(pk=pk).update(key=f"awaited/{pk}", awaited_key=key)


def give_keys_back(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Where two wait for one key, the first has it, as before; the others keep a key without a file."""
    Original = apps.get_model("photos", "Original")
    for original in Original.objects.exclude(awaited_key=None).order_by("pk").iterator(chunk_size=500):
        if not Original.objects.filter(key=original.awaited_key).exists():
            Original.objects.filter(pk=original.pk).update(key=original.awaited_key, awaited_key=None)


class Migration(migrations.Migration):
    dependencies = [
        ("photos", "0015_awaited_files"),
    ]

    operations = [
        migrations.RunPython(await_files, give_keys_back),
    ]
