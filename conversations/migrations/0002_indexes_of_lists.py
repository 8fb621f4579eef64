from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """For the API's lists without a filter, and the count of unread mentions. Built concurrently: writing goes on
    meanwhile."""

    atomic = False
    dependencies = [("conversations", "0001_first_tables")]

    operations = [
        AddIndexConcurrently(
            model_name="entry",
            index=models.Index(fields=["workspace", "-at", "-id"], name="entry_newest"),
        ),
        AddIndexConcurrently(
            model_name="conversation",
            index=models.Index(
                fields=["workspace", "-last_at", "-id"],
                condition=models.Q(("kind", "customer"), ("is_spam", False)),
                name="conversation_newest",
            ),
        ),
        AddIndexConcurrently(
            model_name="mention",
            index=models.Index(
                fields=["workspace", "member"], condition=models.Q(("read_at", None)), name="mention_unread"
            ),
        ),
    ]
