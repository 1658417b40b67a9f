from django.db import migrations

from apps.core.schema import DropKeyIndexes


class Migration(migrations.Migration):
    dependencies = [("messaging", "0010_guests")]

    operations = [
        DropKeyIndexes(
            "consent.contact",
            "decision.account",
            "message.account",
            "message.contact",
            "messageattempt.message",
            "template.key",
        ),
    ]
