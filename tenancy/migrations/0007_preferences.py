from django.db import migrations, models


class Migration(migrations.Migration):
    """How members want to work."""

    dependencies = [
        ("tenancy", "0006_search_function"),
    ]

    operations = [
        migrations.AddField(
            model_name="member",
            name="preferences",
            field=models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict),
        ),
    ]
