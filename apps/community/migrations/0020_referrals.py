import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0016_finer_statistics_of_parts'),
        ('community', '0012_challenges_and_statements'),
        ('messaging', '0010_guests'),
        ('milestones', '0042_promised_rewards'),
    ]

    operations = [
        migrations.CreateModel(
            name='ReferralProgram',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(db_default=1, default=1, editable=False)),
                ('key', models.SlugField(max_length=60, unique=True)),
                ('name', models.CharField(max_length=120)),
                ('state', models.CharField(choices=[('draft', 'draft'), ('live', 'live'), ('paused', 'paused'), ('ended', 'ended')], default='draft', max_length=6)),
                ('live_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['key'],
            },
        ),
        migrations.CreateModel(
            name='Advocate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(help_text='Without letters and digits that are taken for each other.', max_length=12, unique=True)),
                ('state', models.CharField(choices=[('active', 'active'), ('stopped', 'stopped')], default='active', max_length=8)),
                ('joined_at', models.DateTimeField(help_text='When the offer was first shown to them.')),
                ('actor', models.CharField(max_length=120)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='advocates', to='accounts.account')),
                ('contact', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='advocacies', to='accounts.contact')),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='advocates', to='community.referralprogram')),
            ],
        ),
        migrations.CreateModel(
            name='Invite',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('addressee', models.CharField(help_text='Keyed hash of the address.', max_length=80)),
                ('domain', models.CharField(blank=True, help_text='Keyed hash of its domain; empty for those that everybody has an address of.', max_length=80)),
                ('locale', models.CharField(blank=True, max_length=12)),
                ('at', models.DateTimeField()),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='referral_invites', to='accounts.account')),
                ('advocate', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invites', to='community.advocate')),
                ('message', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='messaging.message')),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='invites', to='community.referralprogram')),
            ],
        ),
        migrations.CreateModel(
            name='ReferralClick',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('network', models.CharField(blank=True, help_text='Keyed hash of the first 24 bits of the address it came from (48 of IPv6), for 30 days; then empty.', max_length=80)),
                ('at', models.DateTimeField()),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account')),
                ('advocate', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='clicks', to='community.advocate')),
                ('invite', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='clicks', to='community.invite')),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='clicks', to='community.referralprogram')),
            ],
        ),
        migrations.CreateModel(
            name='ReferralProgramVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('definition', models.JSONField(help_text='docs/referrals.md')),
                ('note', models.CharField(blank=True, default='', max_length=250)),
                ('created_by', models.CharField(max_length=120)),
                ('created_at', models.DateTimeField()),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='community.referralprogram')),
            ],
            options={
                'ordering': ['program', '-number'],
            },
        ),
        migrations.AddField(
            model_name='referralprogram',
            name='current',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='community.referralprogramversion'),
        ),
        migrations.CreateModel(
            name='Referral',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(help_text='Names the sign-up, so that telling it twice counts once.', max_length=160, unique=True)),
                ('via', models.CharField(choices=[('link', 'by their link'), ('code', 'by their code'), ('invite', 'by an invitation'), ('recovered', 'recovered from an invitation')], max_length=10)),
                ('friend', models.CharField(blank=True, help_text='Keyed hash of the address that signed up.', max_length=80)),
                ('friend_external_id', models.CharField(blank=True, help_text="The account's id in your own systems.", max_length=120)),
                ('payer', models.CharField(blank=True, help_text='Keyed hash of what the billing side knows the payer by.', max_length=80)),
                ('coupon', models.CharField(blank=True, help_text='Keyed hash of a coupon used at the sign-up.', max_length=80)),
                ('network', models.CharField(blank=True, help_text='Keyed hash of the network it came from, for 30 days.', max_length=80)),
                ('state', models.CharField(choices=[('pending', 'waits for the first value'), ('flagged', 'waits for a decision'), ('approved', 'approved'), ('refused', 'refused'), ('voided', 'void')], max_length=8)),
                ('score', models.PositiveSmallIntegerField(default=0)),
                ('signs', models.JSONField(default=list, help_text='What speaks against it: sign, weight and words.')),
                ('cleared', models.BooleanField(default=False, help_text='A person looked and let it through.')),
                ('reason', models.CharField(blank=True, max_length=250)),
                ('signed_up_at', models.DateTimeField()),
                ('noticed_at', models.DateTimeField()),
                ('valued_at', models.DateTimeField(blank=True, help_text="When the friend's account first got value.", null=True)),
                ('hold_until', models.DateTimeField(blank=True, help_text='Recovered ones wait so long for somebody to object.', null=True)),
                ('approved_at', models.DateTimeField(blank=True, null=True)),
                ('voided_at', models.DateTimeField(blank=True, null=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='referrals', to='accounts.account')),
                ('advocate', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='referrals', to='community.advocate')),
                ('friend_account', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='referred_by', to='accounts.account')),
                ('invite', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='referrals', to='community.invite')),
                ('click', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='referrals', to='community.referralclick')),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='referrals', to='community.referralprogram')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='community.referralprogramversion')),
            ],
        ),
        migrations.CreateModel(
            name='ReferralReward',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('side', models.CharField(choices=[('advocate', 'who recommends'), ('friend', 'who was recommended to')], max_length=8)),
                ('unit', models.CharField(max_length=8)),
                ('currency', models.CharField(blank=True, max_length=40)),
                ('amount', models.DecimalField(decimal_places=2, max_digits=12)),
                ('state', models.CharField(choices=[('due', 'due'), ('issued', 'given'), ('capped', 'over the cap'), ('reversed', 'taken back')], default='due', max_length=8)),
                ('reason', models.CharField(blank=True, help_text='Why it waits, was left out or taken back.', max_length=250)),
                ('due_at', models.DateTimeField()),
                ('issued_at', models.DateTimeField(blank=True, null=True)),
                ('reversed_at', models.DateTimeField(blank=True, null=True)),
                ('account', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='referral_rewards', to='accounts.account')),
                ('claim', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='milestones.rewardclaim')),
                ('referral', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rewards', to='community.referral')),
            ],
        ),
        migrations.CreateModel(
            name='ReferralDecision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('pending', 'waits for the first value'), ('flagged', 'waits for a decision'), ('approved', 'approved'), ('refused', 'refused'), ('voided', 'void')], max_length=8)),
                ('score', models.PositiveSmallIntegerField(default=0)),
                ('signs', models.JSONField(default=list)),
                ('reason', models.CharField(blank=True, max_length=250)),
                ('actor', models.CharField(max_length=120)),
                ('at', models.DateTimeField()),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account')),
                ('referral', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='community.referral')),
            ],
            options={
                'indexes': [models.Index(fields=['referral', '-id'], name='referral_decisions')],
            },
        ),
        migrations.AddIndex(
            model_name='referralclick',
            index=models.Index(fields=['advocate', '-at'], name='click_by_advocate'),
        ),
        migrations.AddIndex(
            model_name='referralclick',
            index=models.Index(condition=models.Q(('network', ''), _negated=True), fields=['network', 'at'], name='click_by_network'),
        ),
        migrations.AddIndex(
            model_name='invite',
            index=models.Index(fields=['advocate', '-at'], name='invite_by_advocate'),
        ),
        migrations.AddIndex(
            model_name='invite',
            index=models.Index(condition=models.Q(('domain', ''), _negated=True), fields=['program', 'domain'], name='invite_by_domain'),
        ),
        migrations.AddConstraint(
            model_name='invite',
            constraint=models.UniqueConstraint(fields=('program', 'addressee'), name='one_invite_per_addressee'),
        ),
        migrations.AddIndex(
            model_name='advocate',
            index=models.Index(fields=['program', 'joined_at'], name='advocate_by_cohort'),
        ),
        migrations.AddConstraint(
            model_name='advocate',
            constraint=models.UniqueConstraint(fields=('program', 'contact'), name='one_code_per_person'),
        ),
        migrations.AddConstraint(
            model_name='referralprogramversion',
            constraint=models.UniqueConstraint(fields=('program', 'number'), name='one_program_version'),
        ),
        migrations.AddIndex(
            model_name='referral',
            index=models.Index(fields=['advocate', '-signed_up_at'], name='referral_by_advocate'),
        ),
        migrations.AddIndex(
            model_name='referral',
            index=models.Index(condition=models.Q(('state__in', ['pending', 'flagged'])), fields=['state', 'id'], name='referral_open'),
        ),
        migrations.AddIndex(
            model_name='referral',
            index=models.Index(condition=models.Q(('state', 'refused'), _negated=True), fields=['account', 'friend_account'], name='referral_edge'),
        ),
        migrations.AddIndex(
            model_name='referral',
            index=models.Index(condition=models.Q(('network', ''), _negated=True), fields=['network', 'signed_up_at'], name='referral_by_network'),
        ),
        migrations.AddConstraint(
            model_name='referral',
            constraint=models.UniqueConstraint(condition=models.Q(models.Q(('state', 'refused'), _negated=True), models.Q(('friend', ''), _negated=True)), fields=('program', 'friend'), name='one_referral_per_friend'),
        ),
        migrations.AddConstraint(
            model_name='referral',
            constraint=models.UniqueConstraint(condition=models.Q(models.Q(('state', 'refused'), _negated=True), models.Q(('friend_external_id', ''), _negated=True)), fields=('program', 'friend_external_id'), name='one_referral_per_friends_account'),
        ),
        migrations.AddConstraint(
            model_name='referral',
            constraint=models.CheckConstraint(condition=models.Q(('score__lte', 100)), name='fraud_score_is_of_100'),
        ),
        migrations.AddConstraint(
            model_name='referral',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'approved'), _negated=True), ('valued_at__isnull', False), _connector='OR'), name='approved_after_value'),
        ),
        migrations.AddIndex(
            model_name='referralreward',
            index=models.Index(condition=models.Q(('state', 'due')), fields=['due_at'], name='referral_reward_due'),
        ),
        migrations.AddConstraint(
            model_name='referralreward',
            constraint=models.UniqueConstraint(fields=('referral', 'side'), name='one_reward_per_side'),
        ),
        migrations.AddConstraint(
            model_name='referralreward',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'issued'), _negated=True), ('claim__isnull', False), _connector='OR'), name='issued_stands_in_the_ledger'),
        ),
    ]
