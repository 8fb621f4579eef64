"""In which language a user is spoken to; empty leaves it to their browser."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0007_preferences")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="language",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=12, verbose_name="language"
            ),
        ),
    ]
