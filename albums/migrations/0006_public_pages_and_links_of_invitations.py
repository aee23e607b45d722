from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("albums", "0005_one_form_of_each_phone"),
    ]

    operations = [
        migrations.AddField(
            model_name="album",
            name="public_page",
            field=models.BooleanField(
                db_default=True,
                default=True,
                help_text="Whoever has the album's id sees its invite page, and whoever has its code the public view.",
                verbose_name="has public pages",
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="link_digest",
            field=models.CharField(blank=True, editable=False, max_length=64, null=True, unique=True),
        ),
        migrations.AddField(
            model_name="invitation",
            name="link_expires_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="its link is valid until"),
        ),
        migrations.AddField(
            model_name="invitation",
            name="link_nonce",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=22),
        ),
    ]
