import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import tenancy.tables


class Migration(migrations.Migration):
    """What members have begun to write; HTML of our own composer; blind copies."""

    dependencies = [
        ("conversations", "0010_orders_of_lists"),
        ("tenancy", "0002_idempotency_key"),
    ]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="is_hidden",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="entrybody",
            name="is_own",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.CreateModel(
            name="KeptDraft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "mode",
                    models.CharField(
                        choices=[("reply", "Reply"), ("note", "Note")], default="reply", max_length=5
                    ),
                ),
                ("text", models.TextField(blank=True)),
                ("html", models.TextField(blank=True)),
                ("way", models.CharField(blank=True, max_length=60)),
                ("cc", models.TextField(blank=True)),
                ("bcc", models.TextField(blank=True)),
                (
                    "attachments",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, default=list, size=None
                    ),
                ),
                ("revision", models.PositiveIntegerField(default=1)),
                ("writer", models.CharField(blank=True, max_length=36)),
                ("others", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "conversation",
                    tenancy.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="drafts",
                        to="conversations.conversation",
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
                "indexes": [
                    models.Index(
                        fields=["workspace", "member", "-updated_at", "-id"], name="keptdraft_newest"
                    )
                ],
                "constraints": [
                    tenancy.tables.TenantKey(name="keptdraft_key"),
                    tenancy.tables.TenantFK(field="member", name="keptdraft_member_fk"),
                    tenancy.tables.TenantFK(field="conversation", name="keptdraft_conversation_fk"),
                    tenancy.tables.TenantPolicy(name="keptdraft_policy"),
                    models.UniqueConstraint(
                        fields=("workspace", "member", "conversation", "mode"), name="keptdraft_once"
                    ),
                ],
            },
        ),
    ]
