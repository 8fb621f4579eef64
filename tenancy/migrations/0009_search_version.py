from django.db import migrations, models


class Migration(migrations.Migration):
    """Of which version a workspace's index is; those that are older are looked through again by a task."""

    dependencies = [("tenancy", "0008_user_language")]

    operations = [
        migrations.AddField(
            model_name="workspace",
            name="searched_as",
            field=models.PositiveSmallIntegerField(
                db_default=0,
                default=0,
                help_text="Of which version all of its index is (tenancy.search.VERSION).",
            ),
        ),
    ]
