from django.db import migrations

from apps.core.schema import DropKeyIndexes


class Migration(migrations.Migration):
    dependencies = [("integrations", "0004_webhooks_of_segments")]

    operations = [
        DropKeyIndexes(
            "webhookdelivery.webhook",
        ),
    ]
