import apps.campaigns.models.surveys
import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0016_finer_statistics_of_parts'),
        ('campaigns', '0020_triggers_and_brakes'),
        ('interventions', '0009_decisions_of_steps'),
    ]

    operations = [
        # So that one constraint can hold a person and a span of time apart.
        BtreeGistExtension(),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('nps', 'NPS (0 to 10)'), ('csat', 'CSAT (1 to 5)'), ('ces', 'CES (1 to 7)')], max_length=4)),
                ('state', models.CharField(choices=[('asked', 'asked'), ('answered', 'answered'), ('expired', 'not answered in time'), ('withdrawn', 'never sent')], default='asked', max_length=9)),
                ('asked_at', models.DateTimeField(help_text='When the message was written.')),
                ('quiet_until', models.DateTimeField(help_text='Until then no survey asks this person again.')),
                ('expires_at', models.DateTimeField(help_text='Until then it can be answered.')),
                ('sent_at', models.DateTimeField(blank=True, help_text='When the message left.', null=True)),
                ('reminded_at', models.DateTimeField(blank=True, help_text='When the one reminder was written.', null=True)),
                ('answered_at', models.DateTimeField(blank=True, help_text='When they first answered.', null=True)),
                ('loop_due_at', models.DateTimeField(blank=True, null=True)),
                ('loop_overdue_at', models.DateTimeField(blank=True, help_text='When it was announced that nobody had answered in time.', null=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account')),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='campaigns.campaign')),
                ('contact', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.contact')),
                ('loop_task', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='interventions.task')),
                ('recipient', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='invitation', to='campaigns.recipient')),
                ('response', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='invitation', to='accounts.surveyresponse')),
                ('version', models.ForeignKey(help_text='What they are asked.', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='campaigns.campaignversion')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'asked')), fields=['asked_at'], name='invitation_open'), models.Index(condition=models.Q(('loop_due_at__isnull', False), ('loop_overdue_at', None)), fields=['loop_due_at'], name='invitation_loop'), models.Index(fields=['campaign', 'asked_at'], name='invitation_by_campaign')],
                'constraints': [django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('state', 'withdrawn'), _negated=True), expressions=[('contact', '='), (apps.campaigns.models.surveys.Quiet('asked_at', 'quiet_until', django.contrib.postgres.fields.ranges.RangeBoundary()), '&&')], name='one_survey_per_quiet_time'), models.CheckConstraint(condition=models.Q(('quiet_until__gt', models.F('asked_at'))), name='quiet_after_asked'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'answered'), _negated=True), ('answered_at__isnull', False), _connector='OR'), name='answered_at_a_moment')],
            },
        ),
    ]
