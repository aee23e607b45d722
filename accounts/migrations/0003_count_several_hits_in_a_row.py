from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_name_rate_limit_hits")]

    operations = [
        migrations.AddField(
            model_name="ratelimithit",
            name="times",
            field=models.PositiveIntegerField(db_default=1, default=1),
        ),
    ]
