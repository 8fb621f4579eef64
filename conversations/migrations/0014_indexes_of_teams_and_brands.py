from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

from tenancy.migrating import ValidateKey


class Migration(migrations.Migration):
    """For the views of teams and brands, and the key of teams. Writing goes on meanwhile."""

    atomic = False
    dependencies = [("conversations", "0013_teams")]

    operations = [
        ValidateKey("conversation", "conversation_team_fk"),
        AddIndexConcurrently(
            model_name="conversation",
            index=models.Index(
                condition=models.Q(
                    ("kind", "customer"),
                    ("is_spam", False),
                    ("status__in", ["open", "pending"]),
                    ("team__isnull", False),
                ),
                fields=["workspace", "team", "-last_at", "-id"],
                name="conversation_team",
            ),
        ),
        AddIndexConcurrently(
            model_name="conversation",
            index=models.Index(
                condition=models.Q(
                    ("kind", "customer"), ("is_spam", False), ("status__in", ["open", "pending"])
                ),
                fields=["workspace", "brand", "-last_at", "-id"],
                name="conversation_brand",
            ),
        ),
    ]
