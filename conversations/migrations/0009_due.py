from django.db import migrations, models


class Migration(migrations.Migration):
    """By when something has to be done."""

    dependencies = [("conversations", "0008_canned_replies_and_macros")]

    operations = [
        migrations.AddField(
            model_name="conversation", name="due_at", field=models.DateTimeField(blank=True, null=True)
        ),
    ]
