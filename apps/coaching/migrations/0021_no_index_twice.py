from django.db import migrations

from apps.core.schema import DropKeyIndexes


class Migration(migrations.Migration):
    dependencies = [("coaching", "0020_sessions")]

    operations = [
        DropKeyIndexes(
            "goalreading.goal",
            "recommendation.account",
            "recommendation.slate",
            "recommendation.tip",
            "session.account",
            "slate.account",
            "tipversion.tip",
        ),
    ]
