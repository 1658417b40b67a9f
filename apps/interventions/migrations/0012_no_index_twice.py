from django.db import migrations

from apps.core.schema import DropKeyIndexes


class Migration(migrations.Migration):
    dependencies = [("interventions", "0011_public_holidays")]

    operations = [
        DropKeyIndexes(
            "enrolment.account",
            "escalationstep.escalation",
            "fit.play",
            "holiday.team",
            "passedover.account",
            "passedover.play",
            "playversion.play",
            "rehearsal.play",
            "steprecord.enrolment",
            "taskassignee.task",
            "taskassignee.user",
            "tasksource.task",
        ),
    ]
