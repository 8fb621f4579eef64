import django.db.models.deletion
from django.db import migrations

import tenancy.tables
from tenancy.migrating import AddKeyUnchecked


class Migration(migrations.Migration):
    """Conversations are given to teams."""

    dependencies = [
        ("contacts", "0002_attributes"),
        ("conversations", "0012_attributes"),
        ("tenancy", "0004_teams"),
    ]

    operations = [
        migrations.AddField(
            model_name="conversation",
            name="team",
            field=tenancy.tables.TenantForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.team"
            ),
        ),
        AddKeyUnchecked(
            model_name="conversation",
            constraint=tenancy.tables.TenantFK(field="team", name="conversation_team_fk"),
        ),
    ]
