import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import tenancy.tables


class Migration(migrations.Migration):
    dependencies = [
        ("tenancy", "0001_first_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=255)),
                ("fingerprint", models.CharField(max_length=64)),
                ("status", models.PositiveSmallIntegerField()),
                ("sealed", models.BinaryField()),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "token",
                    tenancy.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tenancy.apitoken"
                    ),
                ),
                ("workspace", tenancy.tables.WorkspaceKey()),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(fields=["workspace", "created_at"], name="idempotencykey_oldest")],
                "constraints": [
                    tenancy.tables.TenantKey(name="idempotencykey_key"),
                    tenancy.tables.TenantFK(field="token", name="idempotencykey_token_fk"),
                    tenancy.tables.TenantPolicy(name="idempotencykey_policy"),
                    models.UniqueConstraint(fields=("workspace", "token", "key"), name="idempotencykey_once"),
                ],
            },
        ),
    ]
