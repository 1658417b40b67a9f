from django.db import migrations, models

from apps.core.schema import DropKeyIndexes


class Migration(migrations.Migration):
    dependencies = [("events", "0005_heartbeats")]

    operations = [
        DropKeyIndexes(
            "delivery.event",
            "event.cause",
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(condition=models.Q(("cause__isnull", False)), fields=["cause"], name="event_by_cause"),
        ),
    ]
