from django.db import migrations

from apps.core.schema import DropKeyIndexes


class Migration(migrations.Migration):
    dependencies = [("milestones", "0042_promised_rewards")]

    operations = [
        DropKeyIndexes(
            "badgeaward.account",
            "boardplace.board",
            "claim.account",
            "difficultychoice.account",
            "difficultychoice.milestone",
            "difficultychoice.progress",
            "milestonedifficulty.milestone",
            "milestonevalue.reading",
            "milestoneversion.milestone",
            "need.milestone",
            "pacing.milestone",
            "pathchoice.account",
            "pathchoice.progress",
            "progress.account",
            "progress.milestone",
            "redemption.account",
            "rewardbalance.account",
            "rewardclaim.account",
            "rewardmovement.account",
            "rewardmovement.reverses",
            "streak.account",
        ),
    ]
