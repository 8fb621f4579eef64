import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import tenancy.tables


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0018_followers_and_notices"),
        ("tenancy", "0003_member_sorts"),
    ]

    operations = [
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("is_shared", models.BooleanField(default=False)),
                ("filter", models.JSONField(default=dict)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                (
                    "member",
                    tenancy.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.member"
                    ),
                ),
                ("workspace", tenancy.tables.WorkspaceKey()),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        condition=models.Q(("archived_at", None)),
                        fields=["workspace", "member", "position", "id"],
                        name="savedview_own",
                    ),
                    models.Index(
                        condition=models.Q(("archived_at", None), ("is_shared", True)),
                        fields=["workspace", "position", "id"],
                        name="savedview_shared",
                    ),
                ],
                "constraints": [
                    tenancy.tables.TenantKey(name="savedview_key"),
                    tenancy.tables.TenantFK(field="member", name="savedview_member_fk"),
                    tenancy.tables.TenantPolicy(name="savedview_policy"),
                ],
            },
        ),
    ]
