import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0016_finer_statistics_of_parts'),
        ('churn', '0003_marks_alone'),
        ('events', '0003_traits_are_forgotten'),
    ]

    operations = [
        migrations.CreateModel(
            name='Care',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('treated', 'treated'), ('held_out', 'held out')], max_length=10)),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Check',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('backtest', 'predictions against what happened'), ('drift', 'present data against the training data')], max_length=10)),
                ('as_of', models.DateTimeField()),
                ('figures', models.JSONField(default=dict)),
                ('alarm', models.BooleanField(default=False, help_text='Beyond what chance explains at this size.')),
                ('verdict', models.TextField(help_text='In words.')),
            ],
        ),
        migrations.CreateModel(
            name='ShadowScore',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('as_of', models.DateTimeField()),
                ('probability', models.FloatField()),
            ],
        ),
        migrations.CreateModel(
            name='TrainingRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('queued', 'waiting'), ('running', 'running'), ('done', 'done'), ('refused', 'no model'), ('failed', 'failed'), ('cancelled', 'stopped')], default='queued', max_length=10)),
                ('asked_by', models.CharField(max_length=120)),
                ('why', models.CharField(help_text='On demand, by schedule, or because of drift.', max_length=200)),
                ('as_of', models.DateTimeField(help_text='Nothing later is learned from.')),
                ('step', models.CharField(blank=True, help_text='What it is doing now.', max_length=120)),
                ('done', models.FloatField(default=0, help_text='Share of the work that is over, 0 to 1.')),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('cancel_asked', models.BooleanField(default=False)),
                ('asked_at', models.DateTimeField()),
                ('beat_at', models.DateTimeField(blank=True, help_text='The last sign of life of its worker.', null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('result', models.TextField(blank=True, help_text='What came of it, in words.')),
            ],
        ),
        migrations.AddField(
            model_name='accountrisk',
            name='high',
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='accountrisk',
            name='low',
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='churndefinition',
            name='least_percent',
            field=models.PositiveSmallIntegerField(blank=True, help_text="For 'downgraded': a fall of the yearly revenue by at least this share, in percent.", null=True),
        ),
        migrations.AddField(
            model_name='churndefinition',
            name='revision',
            field=models.PositiveIntegerField(db_default=1, default=1, help_text='Grows when the meaning changes; a model speaks for one meaning only.'),
        ),
        migrations.AddField(
            model_name='modelversion',
            name='checksum',
            field=models.CharField(blank=True, db_default='', help_text='SHA-256 of the parameters as they were learned.', max_length=64),
        ),
        migrations.AddField(
            model_name='modelversion',
            name='golden',
            field=models.JSONField(db_default=[], default=list, help_text='Rows with the log-odds they must get: checked before the version speaks.'),
        ),
        migrations.AddField(
            model_name='modelversion',
            name='is_challenger',
            field=models.BooleanField(db_default=False, default=False, help_text='Scores beside the champion, unseen, until somebody decides.'),
        ),
        migrations.AddField(
            model_name='modelversion',
            name='made',
            field=models.JSONField(db_default={}, default=dict, help_text='Data window, hash of the features, versions of the code and the libraries.'),
        ),
        migrations.AddField(
            model_name='modelversion',
            name='revision',
            field=models.PositiveIntegerField(db_default=1, default=1, help_text='The revision of the definition that it speaks for.'),
        ),
        migrations.AddField(
            model_name='prediction',
            name='high',
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='prediction',
            name='low',
            field=models.FloatField(blank=True, help_text='Lower end of the 80 % interval; none where a rule speaks.', null=True),
        ),
        migrations.AlterField(
            model_name='churndefinition',
            name='kind',
            field=models.CharField(choices=[('cancelled', 'cancelled'), ('not_renewed', 'not renewed'), ('downgraded', 'downgraded'), ('unpaid', 'lost to a failed payment'), ('inactive', 'silent for a number of days'), ('snapshot', 'a column says so')], max_length=12),
        ),
        migrations.AlterField(
            model_name='modelversion',
            name='is_live',
            field=models.BooleanField(default=False, help_text="The champion: its scores are the accounts' risks."),
        ),
        migrations.AlterField(
            model_name='modelversion',
            name='kind',
            field=models.CharField(choices=[('rule', 'weighted rule'), ('logistic', 'logistic regression'), ('trees', 'gradient-boosted trees'), ('network', 'neural network'), ('stack', 'stack of models')], max_length=10),
        ),
        migrations.AddConstraint(
            model_name='churndefinition',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'downgraded'), _negated=True), ('least_percent__range', (1, 100)), _connector='OR'), name='downgraded_needs_share'),
        ),
        migrations.AddConstraint(
            model_name='modelversion',
            constraint=models.UniqueConstraint(condition=models.Q(('is_challenger', True)), fields=('definition',), name='one_challenger'),
        ),
        migrations.AddConstraint(
            model_name='modelversion',
            constraint=models.CheckConstraint(condition=models.Q(('is_challenger', True), ('is_live', True), _negated=True), name='champion_or_challenger'),
        ),
        migrations.AddField(
            model_name='care',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account'),
        ),
        migrations.AddField(
            model_name='care',
            name='event',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='events.event'),
        ),
        migrations.AddField(
            model_name='check',
            name='model',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='checks', to='churn.modelversion'),
        ),
        migrations.AddField(
            model_name='shadowscore',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account'),
        ),
        migrations.AddField(
            model_name='shadowscore',
            name='model',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shadows', to='churn.modelversion'),
        ),
        migrations.AddField(
            model_name='trainingrun',
            name='definition',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='runs', to='churn.churndefinition'),
        ),
        migrations.AddField(
            model_name='trainingrun',
            name='version',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='runs', to='churn.modelversion'),
        ),
        migrations.AddIndex(
            model_name='care',
            index=models.Index(fields=['since', 'account'], name='care_by_time'),
        ),
        migrations.AddConstraint(
            model_name='care',
            constraint=models.UniqueConstraint(fields=('event', 'account'), name='one_care_per_event'),
        ),
        migrations.AddConstraint(
            model_name='check',
            constraint=models.UniqueConstraint(fields=('model', 'kind', 'as_of'), name='one_check_per_moment'),
        ),
        migrations.AddConstraint(
            model_name='shadowscore',
            constraint=models.UniqueConstraint(fields=('model', 'account', 'as_of'), name='one_shadow_per_moment'),
        ),
        migrations.AddConstraint(
            model_name='trainingrun',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['queued', 'running'])), fields=('definition',), name='one_open_training'),
        ),
        migrations.AddConstraint(
            model_name='trainingrun',
            constraint=models.CheckConstraint(condition=models.Q(('done__gte', 0), ('done__lte', 1)), name='training_share'),
        ),
    ]
