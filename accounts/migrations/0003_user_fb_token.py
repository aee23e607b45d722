from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_throttling")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="fb_token",
            field=models.TextField(
                blank=True, default="", editable=False, verbose_name="Facebook access token, encrypted"
            ),
            preserve_default=False,
        ),
    ]
