from django.db import migrations

from apps.core.schema import DropKeyIndexes


class Migration(migrations.Migration):
    dependencies = [("experiments", "0001_initial")]

    operations = [
        DropKeyIndexes(
            "assignment.account",
            "assignment.experiment",
            "exposure.experiment",
            "holdoutmember.account",
            "holdoutmember.holdout",
            "look.experiment",
            "outcomerow.experiment",
            "override.experiment",
            "policydecision.account",
        ),
    ]
