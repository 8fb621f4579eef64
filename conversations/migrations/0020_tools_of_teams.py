import django.db.models.deletion
from django.db import migrations

import tenancy.tables


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0019_saved_views"),
        ("tenancy", "0006_search_function"),
    ]

    operations = [
        migrations.AddField(
            model_name="cannedreply",
            name="team",
            field=tenancy.tables.TenantForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tenancy.team",
            ),
        ),
        migrations.AddField(
            model_name="macro",
            name="team",
            field=tenancy.tables.TenantForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tenancy.team",
            ),
        ),
        migrations.AddConstraint(
            model_name="cannedreply",
            constraint=tenancy.tables.TenantFK(field="team", name="cannedreply_team_fk"),
        ),
        migrations.AddConstraint(
            model_name="macro",
            constraint=tenancy.tables.TenantFK(field="team", name="macro_team_fk"),
        ),
    ]
