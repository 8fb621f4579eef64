import django.contrib.postgres.fields
from django.db import migrations, models

import tenancy.tables


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0001_first_tables"),
        ("tenancy", "0002_idempotency_key"),
    ]

    operations = [
        migrations.AddField(
            model_name="account",
            name="attributes",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name="contact",
            name="attributes",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.CreateModel(
            name="Attribute",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "of",
                    models.CharField(
                        choices=[
                            ("conversation", "Conversation"),
                            ("contact", "Contact"),
                            ("account", "Account"),
                        ],
                        max_length=12,
                    ),
                ),
                ("key", models.CharField(max_length=40)),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("text", "Text"),
                            ("number", "Number"),
                            ("date", "Date"),
                            ("choice", "Choice"),
                            ("yes_no", "Yes or no"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "choices",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80), blank=True, default=list, size=None
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                ("workspace", tenancy.tables.WorkspaceKey()),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["workspace", "of", "position", "id"], name="attribute_in_order")
                ],
                "constraints": [
                    tenancy.tables.TenantKey(name="attribute_key"),
                    tenancy.tables.TenantPolicy(name="attribute_policy"),
                    models.UniqueConstraint(fields=("workspace", "of", "key"), name="attribute_key_once"),
                ],
            },
        ),
    ]
