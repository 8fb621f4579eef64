import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import tenancy.tables


class Migration(migrations.Migration):
    """Who follows a conversation, and of what members are told."""

    dependencies = [
        ("conversations", "0017_bulk"),
        ("tenancy", "0007_preferences"),
    ]

    operations = [
        migrations.AlterField(
            model_name="reaction",
            name="step",
            field=models.CharField(
                choices=[
                    ("written", "Written"),
                    ("wake", "Snooze is over"),
                    ("away", "Not seen in time"),
                    ("failed", "Could not be delivered"),
                ],
                default="written",
                max_length=8,
            ),
        ),
        migrations.CreateModel(
            name="Follower",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("follows", models.BooleanField(default=True)),
                ("since", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "conversation",
                    tenancy.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="followers",
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
                "constraints": [
                    tenancy.tables.TenantKey(name="follower_key"),
                    tenancy.tables.TenantFK(field="conversation", name="follower_conversation_fk"),
                    tenancy.tables.TenantFK(field="member", name="follower_member_fk"),
                    tenancy.tables.TenantPolicy(name="follower_policy"),
                    models.UniqueConstraint(
                        fields=("workspace", "conversation", "member"), name="follower_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("assigned", "A conversation is assigned to me, or taken from me"),
                            ("mentioned", "Somebody mentions me"),
                            ("customer", "The customer writes"),
                            ("colleague", "A colleague answers or writes a note"),
                            ("status", "The status or the assignee changes"),
                            ("failed", "A message of mine could not be delivered"),
                            ("woke", "A snooze is over"),
                        ],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("read_at", models.DateTimeField(null=True)),
                (
                    "entry",
                    tenancy.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="conversations.entry",
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
                    models.Index(fields=["workspace", "member", "-at", "-id"], name="notice_newest"),
                    models.Index(
                        condition=models.Q(("read_at", None)),
                        fields=["workspace", "member", "-at", "-id"],
                        name="notice_unread",
                    ),
                    models.Index(fields=["workspace", "at"], name="notice_oldest"),
                ],
                "constraints": [
                    tenancy.tables.TenantKey(name="notice_key"),
                    tenancy.tables.TenantFK(field="member", name="notice_member_fk"),
                    tenancy.tables.TenantFK(field="entry", name="notice_entry_fk"),
                    tenancy.tables.TenantPolicy(name="notice_policy"),
                    models.UniqueConstraint(fields=("workspace", "member", "entry"), name="notice_once"),
                ],
            },
        ),
    ]
