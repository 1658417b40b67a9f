from django.db import migrations

from apps.core.schema import DropKeyIndexes


class Migration(migrations.Migration):
    dependencies = [("community", "0020_referrals")]

    operations = [
        DropKeyIndexes(
            "advocate.program",
            "ask.account",
            "ask.contact",
            "challengeentry.challenge",
            "favour.account",
            "invite.advocate",
            "invite.program",
            "moment.account",
            "namedconsent.contact",
            "published.statement",
            "referral.advocate",
            "referralclick.advocate",
            "referraldecision.referral",
            "referralprogramversion.program",
            "referralreward.referral",
        ),
    ]
