import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.db import migrations

PARTS = {'account_name_parts': 'name', 'account_domain_parts': 'domain', 'account_id_parts': 'external_id'}


def at_once(name, field):
    """The index takes new words at once instead of keeping them in a list that every search reads to its end."""
    parts = django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper(field), name='gin_trgm_ops')
    return migrations.SeparateDatabaseAndState(
        database_operations=[
            migrations.RunSQL(f'alter index {name} set (fastupdate = off)', f'alter index {name} reset (fastupdate)'),
            migrations.RunSQL(f"select gin_clean_pending_list('{name}')", migrations.RunSQL.noop),
        ],
        state_operations=[
            migrations.RemoveIndex('account', name),
            migrations.AddIndex('account', django.contrib.postgres.indexes.GinIndex(parts, name=name, fastupdate=False)),
        ],
    )


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0014_names_by_their_beginning'),
    ]

    operations = [at_once(name, field) for name, field in PARTS.items()]
