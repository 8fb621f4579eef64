import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import tenancy.tables


class Migration(migrations.Migration):
    """Acts on many conversations at once."""

    dependencies = [
        ("conversations", "0016_side_conversations"),
        ("tenancy", "0003_member_sorts"),
    ]

    operations = [
        migrations.CreateModel(
            name="Bulk",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "noun",
                    models.CharField(
                        choices=[
                            ("assignment", "Assignment"),
                            ("resolution", "Resolution"),
                            ("reopening", "Reopening"),
                            ("pending", "Waiting on the customer"),
                            ("snooze", "Snooze"),
                            ("priority", "Priority"),
                            ("label", "Label added"),
                            ("unlabel", "Label removed"),
                            ("spam", "Spam"),
                            ("not_spam", "Not spam"),
                            ("seen", "Read"),
                            ("unseen", "Unread"),
                        ],
                        max_length=10,
                    ),
                ),
                ("facts", models.JSONField(default=dict)),
                ("total", models.PositiveIntegerField(default=0)),
                (
                    "absent",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "member",
                    tenancy.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tenancy.member"
                    ),
                ),
                (
                    "undoes",
                    tenancy.tables.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="conversations.bulk",
                    ),
                ),
                ("workspace", tenancy.tables.WorkspaceKey()),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="BulkItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Waiting"),
                            ("taken", "In hand"),
                            ("done", "Done"),
                            ("ignored", "Ignored"),
                            ("failed", "Failed"),
                        ],
                        default="pending",
                        max_length=8,
                    ),
                ),
                ("reason", models.TextField(blank=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("due_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("held_since", models.DateTimeField(null=True)),
                ("order_key", models.CharField(blank=True, max_length=200)),
                ("was", models.JSONField(null=True)),
                ("now", models.JSONField(null=True)),
                (
                    "bulk",
                    tenancy.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="conversations.bulk",
                    ),
                ),
                (
                    "conversation",
                    tenancy.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="conversations.conversation",
                    ),
                ),
                ("workspace", tenancy.tables.WorkspaceKey()),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddIndex(
            model_name="bulk",
            index=models.Index(
                condition=models.Q(("closed_at", None)),
                fields=["workspace", "member", "-id"],
                name="bulk_shown",
            ),
        ),
        migrations.AddIndex(
            model_name="bulk",
            index=models.Index(fields=["workspace", "created_at"], name="bulk_oldest"),
        ),
        migrations.AddConstraint(
            model_name="bulk",
            constraint=tenancy.tables.TenantKey(name="bulk_key"),
        ),
        migrations.AddConstraint(
            model_name="bulk",
            constraint=tenancy.tables.TenantFK(field="member", name="bulk_member_fk"),
        ),
        migrations.AddConstraint(
            model_name="bulk",
            constraint=tenancy.tables.TenantFK(field="undoes", name="bulk_undoes_fk"),
        ),
        migrations.AddConstraint(
            model_name="bulk",
            constraint=tenancy.tables.TenantPolicy(name="bulk_policy"),
        ),
        migrations.AddConstraint(
            model_name="bulk",
            constraint=models.UniqueConstraint(
                condition=models.Q(("undoes__isnull", False)),
                fields=("workspace", "undoes"),
                name="bulk_undone_once",
            ),
        ),
        migrations.AddIndex(
            model_name="bulkitem",
            index=models.Index(
                condition=models.Q(("state__in", ["pending", "taken"])),
                fields=["workspace", "due_at"],
                name="bulkitem_due",
            ),
        ),
        migrations.AddIndex(
            model_name="bulkitem",
            index=models.Index(
                condition=models.Q(
                    ("state__in", ["pending", "taken"]), models.Q(("order_key", ""), _negated=True)
                ),
                fields=["workspace", "order_key", "id"],
                name="bulkitem_order",
            ),
        ),
        migrations.AddIndex(
            model_name="bulkitem",
            index=models.Index(fields=["workspace", "bulk", "state"], name="bulkitem_state"),
        ),
        migrations.AddConstraint(
            model_name="bulkitem",
            constraint=tenancy.tables.TenantKey(name="bulkitem_key"),
        ),
        migrations.AddConstraint(
            model_name="bulkitem",
            constraint=tenancy.tables.TenantFK(field="bulk", name="bulkitem_bulk_fk"),
        ),
        migrations.AddConstraint(
            model_name="bulkitem",
            constraint=tenancy.tables.TenantFK(field="conversation", name="bulkitem_conversation_fk"),
        ),
        migrations.AddConstraint(
            model_name="bulkitem",
            constraint=tenancy.tables.TenantPolicy(name="bulkitem_policy"),
        ),
        migrations.AddConstraint(
            model_name="bulkitem",
            constraint=models.UniqueConstraint(
                fields=("workspace", "bulk", "conversation"), name="bulkitem_once"
            ),
        ),
    ]
