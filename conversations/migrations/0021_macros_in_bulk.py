from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0020_tools_of_teams"),
    ]

    operations = [
        migrations.AlterField(
            model_name="bulk",
            name="noun",
            field=models.CharField(
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
                    ("macro", "Macro"),
                ],
                max_length=10,
            ),
        ),
    ]
