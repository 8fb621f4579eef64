import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contacts", "0001_first_tables")]

    operations = [
        migrations.RemoveIndex(model_name="account", name="account_by_name"),
        migrations.RemoveIndex(model_name="contact", name="contact_by_name"),
        migrations.AddField(
            model_name="account",
            name="sorted_name",
            field=models.GeneratedField(
                expression=django.db.models.functions.text.Lower("name"),
                output_field=models.TextField(),
                db_persist=True,
            ),
        ),
        migrations.AddField(
            model_name="contact",
            name="sorted_name",
            field=models.GeneratedField(
                expression=django.db.models.functions.text.Lower("name"),
                output_field=models.TextField(),
                db_persist=True,
            ),
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(fields=["workspace", "sorted_name", "id"], name="account_by_name"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["workspace", "sorted_name", "id"], name="contact_by_name"),
        ),
    ]
