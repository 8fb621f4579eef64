from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """For the side conversations that a conversation lists. Built concurrently."""

    atomic = False
    dependencies = [("conversations", "0015_counts_of_brands")]

    operations = [
        AddIndexConcurrently(
            model_name="conversation",
            index=models.Index(
                fields=["workspace", "parent"],
                condition=models.Q(("parent__isnull", False)),
                name="conversation_sides",
            ),
        ),
    ]
