from django.db import migrations

from apps.core.schema import DropKeyIndexes


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0040_results")]

    operations = [
        DropKeyIndexes(
            "campaignversion.campaign",
            "frozenreadout.campaign",
            "invitation.campaign",
            "membership.segment",
            "occurrence.campaign",
            "outsidetouch.account",
            "segmentrebuild.segment",
            "segmentversion.segment",
            "weightsversion.campaign",
        ),
    ]
