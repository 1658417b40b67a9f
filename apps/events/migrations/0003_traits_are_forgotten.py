from django.db import migrations

# A trait may be called after a person: when what it held is erased, its name may go too.
_GUARD = """
create or replace function events_change_guard() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        new.salt := gen_random_uuid()::text;
        new.digest := events_change_digest(new);
        return new;
    elsif tg_op = 'UPDATE' then
        if old.erased_at is null and new.erased_at is not null and new.before is null and new.after is null and new.salt is null
           and new.field in (old.field, {names})
           and (new.id, new.subject, new.version, new.actor, new.source, new.batch, new.cause_id, new.at, new.recorded_at, new.digest)
               is not distinct from
               (old.id, old.subject, old.version, old.actor, old.source, old.batch, old.cause_id, old.at, old.recorded_at, old.digest) then
            return new;
        end if;
    elsif tg_op = 'TRUNCATE' and current_setting('cs.truncate', true) = 'on' then
        return null;
    end if;
    raise exception 'The history is only ever added to.' using errcode = 'integrity_constraint_violation';
end $$
"""


class Migration(migrations.Migration):

    dependencies = [
        ('events', '0002_change'),
    ]

    operations = [
        migrations.RunSQL(_GUARD.replace("{names}", "'traits.erased'"), _GUARD.replace("{names}", "old.field")),
    ]
