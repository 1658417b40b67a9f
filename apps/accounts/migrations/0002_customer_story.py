import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='AccountRole',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('backup', 'stands in for the owner'), ('sales', 'sales'), ('onboarding', 'onboarding'), ('support', 'support'), ('sponsor', 'executive sponsor')], max_length=12)),
            ],
        ),
        migrations.CreateModel(
            name='Invoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('external_id', models.CharField(max_length=120, unique=True)),
                ('number', models.CharField(blank=True, max_length=60)),
                ('state', models.CharField(choices=[('open', 'open'), ('paid', 'paid'), ('failed', 'payment failed'), ('void', 'void')], default='open', max_length=8)),
                ('amount', models.DecimalField(decimal_places=2, max_digits=14)),
                ('currency', models.CharField(max_length=3)),
                ('issued_on', models.DateField()),
                ('due_on', models.DateField()),
                ('paid_on', models.DateField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Note',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('note', 'note'), ('call', 'call'), ('meeting', 'meeting'), ('email', 'email')], default='note', max_length=8)),
                ('body', models.TextField()),
                ('minutes', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('at', models.DateTimeField(help_text='When it was said.')),
                ('created_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Promise',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.CharField(max_length=250)),
                ('by_customer', models.BooleanField(default=False, help_text='Theirs, not ours.')),
                ('due_on', models.DateField()),
                ('state', models.CharField(choices=[('open', 'open'), ('kept', 'kept'), ('dropped', 'dropped')], default='open', max_length=8)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Pulse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('value', models.PositiveSmallIntegerField()),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Subscription',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('external_id', models.CharField(max_length=120, unique=True)),
                ('plan', models.CharField(blank=True, max_length=80)),
                ('state', models.CharField(choices=[('trial', 'trial'), ('active', 'active'), ('paused', 'paused'), ('ended', 'ended')], default='active', max_length=10)),
                ('started_on', models.DateField()),
                ('renews_on', models.DateField(blank=True, null=True)),
                ('ended_on', models.DateField(blank=True, null=True)),
                ('seats', models.PositiveIntegerField(blank=True, null=True)),
                ('currency', models.CharField(max_length=3)),
                ('arr', models.DecimalField(decimal_places=2, default=0, help_text='Yearly revenue of this contract, in its currency.', max_digits=14, verbose_name='ARR')),
            ],
        ),
        migrations.CreateModel(
            name='SurveyResponse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(max_length=60)),
                ('external_id', models.CharField(max_length=120)),
                ('kind', models.CharField(choices=[('nps', 'NPS (0 to 10)'), ('csat', 'CSAT (1 to 5)'), ('ces', 'CES (1 to 7)')], max_length=4)),
                ('score', models.PositiveSmallIntegerField()),
                ('comment', models.TextField(blank=True)),
                ('topic', models.CharField(blank=True, max_length=80)),
                ('language', models.CharField(blank=True, max_length=12)),
                ('at', models.DateTimeField()),
                ('loop_closed_at', models.DateTimeField(blank=True, help_text='When somebody had answered them.', null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Ticket',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(max_length=60)),
                ('external_id', models.CharField(max_length=120)),
                ('subject', models.CharField(blank=True, max_length=250)),
                ('priority', models.CharField(choices=[('p1', 'P1 urgent'), ('p2', 'P2 high'), ('p3', 'P3 normal'), ('p4', 'P4 low')], default='p3', max_length=2)),
                ('state', models.CharField(choices=[('open', 'open'), ('pending', 'waits for the customer'), ('solved', 'solved')], default='open', max_length=8)),
                ('opened_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(blank=True, help_text='First answer.', null=True)),
                ('solved_at', models.DateTimeField(blank=True, null=True)),
                ('due_at', models.DateTimeField(blank=True, help_text='When the service level asks for an answer.', null=True)),
            ],
        ),
        migrations.AddField(
            model_name='account',
            name='domains',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=120), blank=True, db_default=models.Value('{}'), default=list, help_text='Other domains of the same company.', size=None),
        ),
        migrations.AddField(
            model_name='account',
            name='locale',
            field=models.CharField(blank=True, db_default='', max_length=12),
        ),
        migrations.AddField(
            model_name='account',
            name='parent',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='children', to='accounts.account'),
        ),
        migrations.AddField(
            model_name='account',
            name='seats_used',
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='account',
            name='segment',
            field=models.CharField(blank=True, db_default='', help_text='Market segment, in your own words.', max_length=60),
        ),
        migrations.AddField(
            model_name='account',
            name='tags',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, db_default=models.Value('{}'), default=list, size=None),
        ),
        migrations.AddField(
            model_name='account',
            name='tier',
            field=models.CharField(blank=True, db_default='', help_text='The service it is promised, in your own words: enterprise.', max_length=40),
        ),
        migrations.AddField(
            model_name='contact',
            name='influence',
            field=models.PositiveSmallIntegerField(blank=True, help_text='1 little to 5 decides.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(5)]),
        ),
        migrations.AddField(
            model_name='contact',
            name='last_two_way_at',
            field=models.DateTimeField(blank=True, help_text='The last time they and we exchanged words.', null=True),
        ),
        migrations.AddField(
            model_name='contact',
            name='phone',
            field=models.CharField(blank=True, db_default='', max_length=40),
        ),
        migrations.AddField(
            model_name='contact',
            name='reports_to',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='reports', to='accounts.contact'),
        ),
        migrations.AddField(
            model_name='contact',
            name='title',
            field=models.CharField(blank=True, db_default='', max_length=120),
        ),
        migrations.AlterField(
            model_name='account',
            name='arr',
            field=models.DecimalField(decimal_places=2, default=0, help_text='Yearly recurring revenue today.', max_digits=14, verbose_name='ARR'),
        ),
        migrations.AlterField(
            model_name='account',
            name='currency',
            field=models.CharField(default='USD', help_text='The currency of ARR; ISO 4217.', max_length=3),
        ),
        migrations.AlterField(
            model_name='account',
            name='domain',
            field=models.CharField(blank=True, help_text='The main web domain.', max_length=120),
        ),
        migrations.AlterField(
            model_name='account',
            name='seats',
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name='seats bought'),
        ),
        migrations.AlterField(
            model_name='contact',
            name='role',
            field=models.CharField(choices=[('champion', 'champion'), ('sponsor', 'sponsor'), ('admin', 'admin'), ('user', 'user'), ('detractor', 'detractor')], default='user', max_length=12),
        ),
        migrations.AddConstraint(
            model_name='account',
            constraint=models.CheckConstraint(condition=models.Q(('parent__isnull', True), models.Q(('parent', models.F('id')), _negated=True), _connector='OR'), name='not_its_own_parent'),
        ),
        migrations.AddConstraint(
            model_name='contact',
            constraint=models.CheckConstraint(condition=models.Q(('influence__isnull', True), ('influence__range', (1, 5)), _connector='OR'), name='influence_one_to_five'),
        ),
        migrations.AddConstraint(
            model_name='contact',
            constraint=models.CheckConstraint(condition=models.Q(('reports_to__isnull', True), models.Q(('reports_to', models.F('id')), _negated=True), _connector='OR'), name='reports_to_somebody_else'),
        ),
        migrations.AddField(
            model_name='accountrole',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='team_roles', to='accounts.account'),
        ),
        migrations.AddField(
            model_name='accountrole',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='account_roles', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='invoice',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invoices', to='accounts.account'),
        ),
        migrations.AddField(
            model_name='note',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notes', to='accounts.account'),
        ),
        migrations.AddField(
            model_name='note',
            name='author',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='notes', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='note',
            name='contacts',
            field=models.ManyToManyField(blank=True, help_text='Who took part.', related_name='notes', to='accounts.contact'),
        ),
        migrations.AddField(
            model_name='promise',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='promises', to='accounts.account'),
        ),
        migrations.AddField(
            model_name='promise',
            name='note',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='promises', to='accounts.note'),
        ),
        migrations.AddField(
            model_name='promise',
            name='owner',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='promises', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='pulse',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pulses', to='accounts.account'),
        ),
        migrations.AddField(
            model_name='pulse',
            name='author',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='subscription',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='subscriptions', to='accounts.account'),
        ),
        migrations.AddField(
            model_name='surveyresponse',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='survey_responses', to='accounts.account'),
        ),
        migrations.AddField(
            model_name='surveyresponse',
            name='contact',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='survey_responses', to='accounts.contact'),
        ),
        migrations.AddField(
            model_name='surveyresponse',
            name='loop_closed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='ticket',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tickets', to='accounts.account'),
        ),
        migrations.AddField(
            model_name='ticket',
            name='contact',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='tickets', to='accounts.contact'),
        ),
        migrations.AddConstraint(
            model_name='accountrole',
            constraint=models.UniqueConstraint(fields=('account', 'user', 'role'), name='one_row_per_role'),
        ),
        migrations.AddIndex(
            model_name='invoice',
            index=models.Index(fields=['account', '-due_on'], name='invoice_by_account'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='invoice_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'paid'), _negated=True), ('paid_on__isnull', False), _connector='OR'), name='paid_has_a_day'),
        ),
        migrations.AddIndex(
            model_name='note',
            index=models.Index(fields=['account', '-at'], name='note_by_account'),
        ),
        migrations.AddIndex(
            model_name='promise',
            index=models.Index(condition=models.Q(('state', 'open')), fields=['due_on'], name='promise_open_by_day'),
        ),
        migrations.AddConstraint(
            model_name='promise',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'open'), ('settled_at__isnull', False), _connector='OR'), name='settled_promise_has_a_time'),
        ),
        migrations.AddIndex(
            model_name='pulse',
            index=models.Index(fields=['account', '-at'], name='pulse_by_account'),
        ),
        migrations.AddConstraint(
            model_name='pulse',
            constraint=models.CheckConstraint(condition=models.Q(('value__range', (0, 100))), name='pulse_zero_to_hundred'),
        ),
        migrations.AddConstraint(
            model_name='subscription',
            constraint=models.CheckConstraint(condition=models.Q(('ended_on__isnull', True), ('ended_on__gte', models.F('started_on')), _connector='OR'), name='subscription_ends_after_start'),
        ),
        migrations.AddConstraint(
            model_name='subscription',
            constraint=models.CheckConstraint(condition=models.Q(('arr__gte', 0)), name='subscription_arr_not_negative'),
        ),
        migrations.AddIndex(
            model_name='surveyresponse',
            index=models.Index(fields=['account', '-at'], name='response_by_account'),
        ),
        migrations.AddConstraint(
            model_name='surveyresponse',
            constraint=models.UniqueConstraint(fields=('source', 'external_id'), name='one_response_per_id'),
        ),
        migrations.AddConstraint(
            model_name='surveyresponse',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'nps'), ('score__range', (0, 10))), models.Q(('kind', 'csat'), ('score__range', (1, 5))), models.Q(('kind', 'ces'), ('score__range', (1, 7))), _connector='OR'), name='score_on_its_scale'),
        ),
        migrations.AddIndex(
            model_name='ticket',
            index=models.Index(fields=['account', '-opened_at'], name='ticket_by_account'),
        ),
        migrations.AddConstraint(
            model_name='ticket',
            constraint=models.UniqueConstraint(fields=('source', 'external_id'), name='one_ticket_per_id'),
        ),
        migrations.AddConstraint(
            model_name='ticket',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'solved'), _negated=True), ('solved_at__isnull', False), _connector='OR'), name='solved_ticket_has_a_time'),
        ),
        migrations.AddConstraint(
            model_name='ticket',
            constraint=models.CheckConstraint(condition=models.Q(('solved_at__isnull', True), ('solved_at__gte', models.F('opened_at')), _connector='OR'), name='solved_after_opened'),
        ),
    ]
