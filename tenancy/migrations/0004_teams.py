import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models

import tenancy.tables


class Migration(migrations.Migration):
    dependencies = [
        ("tenancy", "0003_member_sorts"),
    ]

    operations = [
        migrations.CreateModel(
            name="Team",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                ("workspace", tenancy.tables.WorkspaceKey()),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="TeamMember",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "member",
                    tenancy.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="teams", to="tenancy.member"
                    ),
                ),
                (
                    "team",
                    tenancy.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="members", to="tenancy.team"
                    ),
                ),
                ("workspace", tenancy.tables.WorkspaceKey()),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddConstraint(
            model_name="team",
            constraint=tenancy.tables.TenantKey(name="team_key"),
        ),
        migrations.AddConstraint(
            model_name="team",
            constraint=tenancy.tables.TenantPolicy(name="team_policy"),
        ),
        migrations.AddConstraint(
            model_name="team",
            constraint=models.UniqueConstraint(
                models.F("workspace"), django.db.models.functions.text.Lower("name"), name="team_name_once"
            ),
        ),
        migrations.AddIndex(
            model_name="teammember",
            index=models.Index(fields=["workspace", "member"], name="teammember_member"),
        ),
        migrations.AddConstraint(
            model_name="teammember",
            constraint=tenancy.tables.TenantKey(name="teammember_key"),
        ),
        migrations.AddConstraint(
            model_name="teammember",
            constraint=tenancy.tables.TenantFK(field="team", name="teammember_team_fk"),
        ),
        migrations.AddConstraint(
            model_name="teammember",
            constraint=tenancy.tables.TenantFK(field="member", name="teammember_member_fk"),
        ),
        migrations.AddConstraint(
            model_name="teammember",
            constraint=tenancy.tables.TenantPolicy(name="teammember_policy"),
        ),
        migrations.AddConstraint(
            model_name="teammember",
            constraint=models.UniqueConstraint(
                fields=("workspace", "team", "member"), name="teammember_once"
            ),
        ),
    ]
