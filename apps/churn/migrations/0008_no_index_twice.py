from django.db import migrations

from apps.core.schema import DropKeyIndexes


class Migration(migrations.Migration):
    dependencies = [("churn", "0007_way_back")]

    operations = [
        DropKeyIndexes(
            "care.event",
            "check.model",
            "modelversion.definition",
            "prediction.account",
            "shadowscore.model",
        ),
    ]
