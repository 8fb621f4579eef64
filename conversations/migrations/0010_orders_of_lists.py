from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

ACTIVE = [("kind", "customer"), ("is_spam", False), ("status__in", ["open", "pending"])]
CONDITIONS = {"active": ACTIVE, "free": [*ACTIVE, ("assignee", None)]}
ORDERS = {
    "waiting": ("waiting_since", "id"),
    "priority": ("-priority", "-last_at", "-id"),
    "due": ("due_at", "id"),
}


class Migration(migrations.Migration):
    """The further orders in which work is listed, and when the snoozed come back. Built concurrently."""

    atomic = False
    dependencies = [("conversations", "0009_due")]

    operations = [
        *(
            AddIndexConcurrently(
                model_name="conversation",
                index=models.Index(
                    fields=["workspace", *by],
                    condition=models.Q(*condition),
                    name=f"conversation_{name}_{order}",
                ),
            )
            for name, condition in CONDITIONS.items()
            for order, by in ORDERS.items()
        ),
        AddIndexConcurrently(
            model_name="conversation",
            index=models.Index(
                fields=["workspace", "snoozed_until", "id"],
                condition=models.Q(("kind", "customer"), ("is_spam", False), ("status", "snoozed")),
                name="conversation_waking",
            ),
        ),
    ]
