from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """For what was said to and by one address: what a chat shows its visitor. Built concurrently."""

    atomic = False
    dependencies = [("conversations", "0003_effort_optouts_files")]

    operations = [
        AddIndexConcurrently(
            model_name="entry",
            index=models.Index(
                fields=["workspace", "identity", "id"],
                condition=models.Q(("identity__isnull", False), ("kind", "message")),
                name="entry_identity",
            ),
        ),
    ]
