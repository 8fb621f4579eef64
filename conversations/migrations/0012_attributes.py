from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0011_kept_drafts"),
    ]

    operations = [
        migrations.AddField(
            model_name="conversation",
            name="attributes",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
    ]
