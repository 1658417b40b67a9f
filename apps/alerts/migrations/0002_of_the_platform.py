import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0016_finer_statistics_of_parts'),
        ('alerts', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='alert',
            name='account',
            field=models.ForeignKey(blank=True, help_text='Empty: about the platform itself.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='alerts', to='accounts.account'),
        ),
    ]
