import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0013_identities_and_name_figures'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='account',
            index=models.Index(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('name'), name='text_pattern_ops'), models.F('id'), name='account_by_beginning'),
        ),
    ]
