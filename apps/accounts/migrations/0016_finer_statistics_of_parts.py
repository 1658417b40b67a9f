from django.db import migrations

# By a hundred samples a word in one of two thousand names may look like one in a hundred, and a search then walks half the book for it.
SAMPLES = 400
INDEXES = ('account_name_parts', 'account_domain_parts')


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0015_parts_of_words_at_once'),
    ]

    operations = [
        migrations.RunSQL(
            f'alter index {name} alter column 1 set statistics {SAMPLES}',
            f'alter index {name} alter column 1 set statistics -1',
        )
        for name in INDEXES
    ]
