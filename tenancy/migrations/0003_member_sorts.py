from django.db import migrations, models


class Migration(migrations.Migration):
    """In which order a member reads their lists."""

    dependencies = [("tenancy", "0002_idempotency_key")]

    operations = [
        migrations.AddField(
            model_name="member",
            name="sorts",
            field=models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict),
        ),
    ]
