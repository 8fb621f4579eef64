import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.db import migrations, models

import tenancy.tables


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0007_uncertain_deliveries"),
        ("tenancy", "0002_idempotency_key"),
    ]

    operations = [
        migrations.CreateModel(
            name="CannedReply",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("uses", models.PositiveIntegerField(default=0)),
                ("last_used_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                ("shortcut", models.CharField(blank=True, max_length=40, verbose_name="shortcut")),
                ("text", models.TextField(verbose_name="text")),
                ("html", models.TextField(blank=True)),
                ("language", models.CharField(blank=True, max_length=12, verbose_name="language")),
                (
                    "brand",
                    tenancy.tables.TenantForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="tenancy.brand",
                    ),
                ),
                (
                    "owner",
                    tenancy.tables.TenantForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenancy.member",
                    ),
                ),
                ("workspace", tenancy.tables.WorkspaceKey()),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(fields=["workspace", "name", "id"], name="cannedreply_by_name")],
                "constraints": [
                    tenancy.tables.TenantKey(name="cannedreply_key"),
                    tenancy.tables.TenantFK(field="owner", name="cannedreply_owner_fk"),
                    tenancy.tables.TenantFK(field="brand", name="cannedreply_brand_fk"),
                    tenancy.tables.TenantPolicy(name="cannedreply_policy"),
                    models.UniqueConstraint(
                        models.F("workspace"),
                        models.F("owner"),
                        django.db.models.functions.text.Lower("shortcut"),
                        condition=models.Q(("archived_at", None), models.Q(("shortcut", ""), _negated=True)),
                        name="cannedreply_shortcut_once",
                        nulls_distinct=False,
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Macro",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("uses", models.PositiveIntegerField(default=0)),
                ("last_used_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                ("actions", models.JSONField(default=list)),
                (
                    "owner",
                    tenancy.tables.TenantForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenancy.member",
                    ),
                ),
                ("workspace", tenancy.tables.WorkspaceKey()),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(fields=["workspace", "name", "id"], name="macro_by_name")],
                "constraints": [
                    tenancy.tables.TenantKey(name="macro_key"),
                    tenancy.tables.TenantFK(field="owner", name="macro_owner_fk"),
                    tenancy.tables.TenantPolicy(name="macro_policy"),
                ],
            },
        ),
    ]
