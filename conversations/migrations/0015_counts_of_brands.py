from django.db import migrations

from tenancy.migrating import in_each_scope

COUNT = """
    DELETE FROM conversations_countdelta WHERE workspace_id = %(workspace)s AND bucket LIKE 'brand:%%';
    INSERT INTO conversations_countdelta (workspace_id, bucket, delta)
    SELECT workspace_id, 'brand:' || brand_id, count(*) FROM conversations_conversation
    WHERE workspace_id = %(workspace)s AND kind = 'customer' AND NOT is_spam AND status IN ('open', 'pending')
    GROUP BY workspace_id, brand_id"""


class Migration(migrations.Migration):
    """What is open of each brand is counted from now on. What processes of the version before change after this is
    not in it: `fsck --mend-counts` puts it right once they are gone."""

    dependencies = [("conversations", "0014_indexes_of_teams_and_brands")]

    operations = [in_each_scope(COUNT)]
