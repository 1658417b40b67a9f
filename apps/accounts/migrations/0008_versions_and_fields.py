import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0007_import_pages'),
    ]

    operations = [
        migrations.CreateModel(
            name='Field',
            fields=[
                ('name', models.CharField(help_text='account.arr, contact.email; traits as account.traits.NAME.', max_length=180, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('number', 'number'), ('boolean', 'yes or no'), ('date', 'date'), ('text', 'text'), ('other', 'a list or an object')], default='text', help_text='What a trait holds; other values are left out and told.', max_length=8)),
                ('truth', models.CharField(blank=True, db_default='', help_text="The source whose word counts once it has spoken (staff, or a source's name). Empty: the latest word counts.", max_length=60, verbose_name='source of truth')),
                ('words', models.CharField(blank=True, db_default='', help_text='What it means, for people.', max_length=250, verbose_name='meaning')),
                ('first_source', models.CharField(blank=True, db_default='', max_length=60)),
                ('first_seen_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.AddField(
            model_name='account',
            name='version',
            field=models.PositiveIntegerField(db_default=1, default=1, editable=False),
        ),
        migrations.AddField(
            model_name='contact',
            name='version',
            field=models.PositiveIntegerField(db_default=1, default=1, editable=False),
        ),
        migrations.AddField(
            model_name='invoice',
            name='version',
            field=models.PositiveIntegerField(db_default=1, default=1, editable=False),
        ),
        migrations.AddField(
            model_name='note',
            name='version',
            field=models.PositiveIntegerField(db_default=1, default=1, editable=False),
        ),
        migrations.AddField(
            model_name='promise',
            name='version',
            field=models.PositiveIntegerField(db_default=1, default=1, editable=False),
        ),
        migrations.AddField(
            model_name='subscription',
            name='version',
            field=models.PositiveIntegerField(db_default=1, default=1, editable=False),
        ),
        migrations.AddField(
            model_name='surveyresponse',
            name='version',
            field=models.PositiveIntegerField(db_default=1, default=1, editable=False),
        ),
        migrations.AddField(
            model_name='ticket',
            name='version',
            field=models.PositiveIntegerField(db_default=1, default=1, editable=False),
        ),
    ]
