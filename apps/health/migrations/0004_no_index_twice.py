from django.db import migrations

from apps.core.schema import DropKeyIndexes


class Migration(migrations.Migration):
    dependencies = [("health", "0003_marks_alone")]

    operations = [
        DropKeyIndexes(
            "healthmodel.name",
            "healthscore.account",
        ),
    ]
