import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import tenancy.tables


class Migration(migrations.Migration):
    """What members keep about contacts and accounts for themselves; addresses that are theirs no longer."""

    dependencies = [
        ("contacts", "0002_attributes"),
        ("tenancy", "0006_search_function"),
    ]

    operations = [
        migrations.AddField(
            model_name="identity",
            name="removed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.CreateModel(
            name="PrivateNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField()),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("edited_at", models.DateTimeField(null=True)),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                (
                    "account",
                    tenancy.tables.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="private_notes",
                        to="contacts.account",
                    ),
                ),
                (
                    "contact",
                    tenancy.tables.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="private_notes",
                        to="contacts.contact",
                    ),
                ),
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
                        condition=models.Q(("archived_at", None), ("contact__isnull", False)),
                        fields=["workspace", "contact", "-created_at", "-id"],
                        name="privatenote_contact",
                    ),
                    models.Index(
                        condition=models.Q(("account__isnull", False), ("archived_at", None)),
                        fields=["workspace", "account", "-created_at", "-id"],
                        name="privatenote_account",
                    ),
                ],
                "constraints": [
                    tenancy.tables.TenantKey(name="privatenote_key"),
                    tenancy.tables.TenantFK(field="contact", name="privatenote_contact_fk"),
                    tenancy.tables.TenantFK(field="account", name="privatenote_account_fk"),
                    tenancy.tables.TenantFK(field="member", name="privatenote_member_fk"),
                    tenancy.tables.TenantPolicy(name="privatenote_policy"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("account__isnull", False), ("contact", None)),
                            models.Q(("account", None), ("contact__isnull", False)),
                            _connector="OR",
                        ),
                        name="privatenote_one_owner",
                    ),
                ],
            },
        ),
    ]
