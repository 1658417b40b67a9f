import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0016_finer_statistics_of_parts'),
        ('campaigns', '0030_surveys'),
    ]

    operations = [
        migrations.CreateModel(
            name='OutsideTouch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(help_text='Who told it: the name of the API key.', max_length=60)),
                ('external_id', models.CharField(help_text='Its id in the tool.', max_length=120)),
                ('kind', models.CharField(choices=[('sent', 'sent'), ('delivered', 'delivered'), ('opened', 'opened'), ('clicked', 'clicked'), ('converted', 'converted'), ('unsubscribed', 'unsubscribed')], max_length=12)),
                ('at', models.DateTimeField(help_text='When it happened.')),
                ('channel', models.CharField(blank=True, max_length=20)),
                ('campaign_name', models.CharField(blank=True, max_length=120)),
                ('utm_source', models.CharField(blank=True, max_length=80)),
                ('utm_medium', models.CharField(blank=True, max_length=80)),
                ('utm_campaign', models.CharField(blank=True, max_length=120)),
                ('utm_content', models.CharField(blank=True, max_length=120)),
                ('value', models.DecimalField(blank=True, decimal_places=2, help_text='What a conversion was worth to the tool.', max_digits=14, null=True)),
                ('currency', models.CharField(blank=True, max_length=3)),
                ('told_at', models.DateTimeField(help_text='When we were told last.')),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account')),
                ('campaign', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='campaigns.campaign')),
                ('contact', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.contact')),
            ],
            options={
                'verbose_name_plural': 'outside touches',
                'indexes': [models.Index(fields=['account', 'at'], name='touch_by_account'), models.Index(condition=models.Q(('campaign__isnull', False)), fields=['campaign', 'at'], name='touch_by_campaign')],
                'constraints': [models.UniqueConstraint(fields=('source', 'external_id'), name='one_touch_per_id'), models.CheckConstraint(condition=models.Q(models.Q(('currency', ''), ('value', None)), models.Q(('value__isnull', False), models.Q(('currency', ''), _negated=True)), _connector='OR'), name='touch_value_in_a_currency')],
            },
        ),
    ]
