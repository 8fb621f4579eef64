from django.db import migrations, models


class Migration(migrations.Migration):
    """An opt-out that is taken back stays, with the time of the last word."""

    dependencies = [("conversations", "0005_effort_clock")]

    operations = [
        migrations.RenameField(model_name="optout", old_name="created_at", new_name="said_at"),
        migrations.AddField(
            model_name="optout",
            name="is_lifted",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
