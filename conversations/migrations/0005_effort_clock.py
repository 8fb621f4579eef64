import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import tenancy.tables


class Migration(migrations.Migration):
    """How much of a member's time has been counted."""

    dependencies = [
        ("conversations", "0004_entries_of_an_identity"),
        ("tenancy", "0002_idempotency_key"),
    ]

    operations = [
        migrations.CreateModel(
            name="EffortClock",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("spent", models.DateTimeField()),
                (
                    "reports",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), default=list, size=None
                    ),
                ),
                (
                    "member",
                    tenancy.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tenancy.member"
                    ),
                ),
                ("workspace", tenancy.tables.WorkspaceKey()),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    tenancy.tables.TenantKey(name="effortclock_key"),
                    tenancy.tables.TenantFK(field="member", name="effortclock_member_fk"),
                    tenancy.tables.TenantPolicy(name="effortclock_policy"),
                    models.UniqueConstraint(fields=("workspace", "member"), name="effortclock_once"),
                ],
            },
        ),
    ]
