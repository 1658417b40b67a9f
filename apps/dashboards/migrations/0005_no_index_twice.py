from django.db import migrations

from apps.core.schema import DropKeyIndexes


class Migration(migrations.Migration):
    dependencies = [("dashboards", "0004_dashboards")]

    operations = [
        DropKeyIndexes(
            "accountvisit.user",
            "dashboarddraft.dashboard",
            "dashboardversion.dashboard",
            "savedview.owner",
        ),
    ]
