from django.db import migrations

from tenancy.migrating import in_each_scope

COUNT = """
    DELETE FROM conversations_countdelta WHERE workspace_id = %(workspace)s AND bucket = 'resolved';
    INSERT INTO conversations_countdelta (workspace_id, bucket, delta)
    SELECT workspace_id, 'resolved', count(*) FROM conversations_conversation
    WHERE workspace_id = %(workspace)s AND kind = 'customer' AND NOT is_spam AND status = 'resolved'
    GROUP BY workspace_id"""


class Migration(migrations.Migration):
    """What is resolved is counted from now on. What processes of the version before change after this is not in it:
    `fsck --mend-counts` puts it right once they are gone."""

    dependencies = [("conversations", "0021_macros_in_bulk")]

    operations = [in_each_scope(COUNT)]
