from django.db import migrations

ACTIONS = ("add", "change", "delete", "view")


def rename_permissions(apps, old, new):
    """Operators keep the permissions that they were given under the other name."""
    permissions = apps.get_model("auth", "Permission").objects.filter(content_type__app_label="accounts")
    for action in ACTIONS:
        codename, name = f"{action}_{new.replace(' ', '')}", f"Can {action} {new}"
        permissions.filter(codename=f"{action}_{old.replace(' ', '')}").update(codename=codename, name=name)


def forward(apps, schema_editor):
    rename_permissions(apps, "use", "rate limit hit")


def backward(apps, schema_editor):
    rename_permissions(apps, "rate limit hit", "use")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("auth", "0012_alter_user_first_name_max_length")]

    operations = [
        migrations.RenameModel(old_name="Use", new_name="RateLimitHit"),
        migrations.RenameIndex(
            model_name="ratelimithit",
            new_name="accounts_ra_what_1441fa_idx",
            old_name="accounts_us_what_ffaffc_idx",
        ),
        migrations.RenameIndex(
            model_name="ratelimithit",
            new_name="accounts_ra_at_b136bd_idx",
            old_name="accounts_us_at_b68e1c_idx",
        ),
        migrations.RunPython(forward, backward),
    ]
