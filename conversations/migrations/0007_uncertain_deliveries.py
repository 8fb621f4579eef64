from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """For the sweep that asks providers what became of them. Built concurrently."""

    atomic = False
    dependencies = [("conversations", "0006_optouts_stay")]

    operations = [
        AddIndexConcurrently(
            model_name="delivery",
            index=models.Index(
                fields=["workspace", "status_at"],
                condition=models.Q(("status", "uncertain")),
                name="delivery_uncertain",
            ),
        ),
    ]
