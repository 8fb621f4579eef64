import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations, models

import tenancy.tables


class Migration(migrations.Migration):
    """The index of words. Rows that are there already come into it later (`tenancy.search`), so this takes no time.

    No statistics are kept of the words: to gather them would read every text, and there is one way only in which
    they are asked for.
    """

    dependencies = [("tenancy", "0004_teams")]

    operations = [
        migrations.AddField(
            model_name="workspace",
            name="searched_since",
            field=models.DateTimeField(
                blank=True,
                help_text="When all that was there before search had been put into its index.",
                null=True,
            ),
        ),
        migrations.CreateModel(
            name="SearchRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=1)),
                ("of", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("words", django.contrib.postgres.search.SearchVectorField()),
                ("workspace", tenancy.tables.WorkspaceKey()),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["workspace", "kind", "-at", "-id"], name="searchrow_newest"),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["words"], gin_pending_list_limit=512, name="searchrow_words"
                    ),
                ],
                "constraints": [
                    tenancy.tables.TenantKey(name="searchrow_key"),
                    tenancy.tables.TenantPolicy(name="searchrow_policy"),
                    models.UniqueConstraint(fields=("workspace", "kind", "of"), name="searchrow_once"),
                ],
            },
        ),
        migrations.RunSQL(
            "ALTER TABLE tenancy_searchrow ALTER COLUMN words SET STATISTICS 0",
            migrations.RunSQL.noop,
        ),
    ]
