from django.db import migrations

from apps.core.schema import DropKeyIndexes


class Migration(migrations.Migration):
    dependencies = [("accounts", "0016_finer_statistics_of_parts")]

    operations = [
        DropKeyIndexes(
            "account.owner",
            "accountrole.account",
            "arrmovement.account",
            "arrmovement.reverses",
            "invoice.account",
            "note.account",
            "pulse.account",
            "renewal.account",
            "renewalcall.renewal",
            "surveyresponse.account",
            "ticket.account",
        ),
    ]
