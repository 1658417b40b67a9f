"""Save plays that are running keep promotions back from now on, as those that begin later do by themselves."""

from django.db import migrations

_WRITE = """
insert into messaging_hold (source, account_id, series, reason, since)
select 'enrolment:' || e.id, e.account_id, '', 'the save play “' || p.name || '” runs.', e.entered_at
from interventions_enrolment e join interventions_play p on p.id = e.play_id join interventions_playversion v on v.id = e.version_id
where e.state = 'waiting' and e.arm <> 'held_out' and coalesce(v.definition ->> 'lane', 'save') = 'save'
on conflict (source) do nothing
"""


class Migration(migrations.Migration):
    dependencies = [("interventions", "0009_decisions_of_steps"), ("messaging", "0009_holds_and_series")]

    operations = [migrations.RunSQL(_WRITE, "delete from messaging_hold where source like 'enrolment:%'")]
