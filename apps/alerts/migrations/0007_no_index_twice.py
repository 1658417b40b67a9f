from django.db import migrations

from apps.core.schema import DropKeyIndexes


class Migration(migrations.Migration):
    dependencies = [("alerts", "0006_rules_are_watched")]

    operations = [
        DropKeyIndexes(
            "alert.account",
            "alert.rule",
            "climbstep.climb",
            "dutymember.rota",
            "dutyoverride.rota",
            "notice.user",
            "noticeroad.user",
            "noticesending.notice",
            "responserun.response",
            "ruleday.rule",
            "ruletrial.rule",
            "ruleversion.rule",
        ),
    ]
