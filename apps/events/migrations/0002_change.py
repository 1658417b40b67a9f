import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


# The digest covers everything but the row's own number, so a row can be compared after a restore too.
_DIGEST = """
create function events_change_digest(c events_change) returns text language sql immutable as $$
    select encode(sha256(convert_to(jsonb_build_array(
        c.subject, c.field, c.before, c.after, c.version, c.actor, c.source, c.batch, c.cause_id,
        extract(epoch from c.at)::text, extract(epoch from c.recorded_at)::text, c.salt)::text, 'UTF8')), 'hex')
$$;
create function events_change_guard() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        new.salt := gen_random_uuid()::text;
        new.digest := events_change_digest(new);
        return new;
    elsif tg_op = 'UPDATE' then
        if old.erased_at is null and new.erased_at is not null and new.before is null and new.after is null and new.salt is null
           and (new.id, new.subject, new.field, new.version, new.actor, new.source, new.batch, new.cause_id, new.at, new.recorded_at, new.digest)
               is not distinct from
               (old.id, old.subject, old.field, old.version, old.actor, old.source, old.batch, old.cause_id, old.at, old.recorded_at, old.digest) then
            return new;
        end if;
    elsif tg_op = 'TRUNCATE' and current_setting('cs.truncate', true) = 'on' then
        return null;
    end if;
    raise exception 'The history is only ever added to.' using errcode = 'integrity_constraint_violation';
end $$;
create function events_seal_guard() returns trigger language plpgsql as $$
begin
    if tg_op = 'TRUNCATE' and current_setting('cs.truncate', true) = 'on' then
        return null;
    end if;
    raise exception 'Seals are only ever added to.' using errcode = 'integrity_constraint_violation';
end $$;
create trigger change_row before insert or update or delete on events_change for each row execute function events_change_guard();
create trigger change_truncate before truncate on events_change for each statement execute function events_change_guard();
create trigger seal_row before update or delete on events_seal for each row execute function events_seal_guard();
create trigger seal_truncate before truncate on events_seal for each statement execute function events_seal_guard();
"""
_FORGET = """
drop function events_change_guard() cascade;
drop function events_seal_guard() cascade;
drop function events_change_digest(events_change);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('events', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Seal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('until', models.DateTimeField(help_text='Every change recorded before this moment, and after the seal before, is under it.', unique=True)),
                ('changes', models.PositiveBigIntegerField()),
                ('digest', models.CharField(max_length=64)),
                ('sealed_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Change',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.CharField(help_text='What it is about, for example account:12.', max_length=80)),
                ('field', models.CharField(blank=True, help_text='Traits as traits.NAME; empty: the row was created.', max_length=180)),
                ('before', models.JSONField(blank=True, null=True)),
                ('after', models.JSONField(blank=True, null=True)),
                ('version', models.PositiveIntegerField(blank=True, help_text='The version that the change made.', null=True)),
                ('actor', models.CharField(max_length=120)),
                ('source', models.CharField(help_text='Where the word came from: staff, the name of a source, an import.', max_length=60)),
                ('batch', models.CharField(blank=True, help_text='What it came with and can be taken back with, for example import:7.', max_length=80)),
                ('at', models.DateTimeField(help_text='When it was said, by the business clock.')),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), help_text='When the row was written.')),
                ('salt', models.CharField(blank=True, db_default=None, max_length=40, null=True)),
                ('digest', models.CharField(db_default='', max_length=64)),
                ('erased_at', models.DateTimeField(blank=True, null=True)),
                ('cause', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='events.event')),
            ],
            options={
                'indexes': [models.Index(fields=['subject', 'field', 'at', 'id'], name='change_by_field'), models.Index(condition=models.Q(('batch', ''), _negated=True), fields=['batch', 'id'], name='change_by_batch'), models.Index(fields=['recorded_at', 'id'], name='change_by_record')],
            },
        ),
        migrations.RunSQL(_DIGEST, _FORGET),
    ]
