from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0008_canned_replies_and_macros"),
    ]

    operations = [
        migrations.AddField(
            model_name="conversation",
            name="attributes",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
    ]
