from django.db import migrations

from tenancy.migrating import WithAllRows

COUNT = """
    INSERT INTO conversations_countdelta (workspace_id, bucket, delta)
    SELECT workspace_id, 'brand:' || brand_id, count(*) FROM conversations_conversation
    WHERE kind = 'customer' AND NOT is_spam AND status IN ('open', 'pending')
    GROUP BY workspace_id, brand_id"""
FORGET = "DELETE FROM conversations_countdelta WHERE bucket LIKE 'brand:%'"


class Migration(migrations.Migration):
    """What is open of each brand is counted from now on."""

    dependencies = [("conversations", "0014_indexes_of_teams_and_brands")]

    operations = [
        WithAllRows(
            models=["conversation", "countdelta"],
            operations=[migrations.RunSQL(COUNT, reverse_sql=FORGET)],
        )
    ]
