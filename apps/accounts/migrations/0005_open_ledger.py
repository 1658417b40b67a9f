"""Accounts that were here before the ledger get their first movements: one from the day they started, and for leavers one from the day they left."""

from django.db import migrations

OPEN = """
insert into accounts_arrmovement (account_id, kind, amount, currency, effective_on, recorded_at, reason, source, actor, idem_key)
select id, 'new', arr, currency, coalesce(started_on, now()::date), now(), 'known before the ledger began', 'opening', 'job:migration', 'opening:' || id
from accounts_account where arr > 0 and (stage <> 'churned' or started_on <= churned_on)
union all
select id, 'churn', -arr, currency, churned_on, now(), 'known before the ledger began', 'opening', 'job:migration', 'closing:' || id
from accounts_account where arr > 0 and stage = 'churned' and started_on <= churned_on
order by 1, 3 desc
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_arr_ledger")]

    # Nothing to undo: going back drops the table.
    operations = [migrations.RunSQL(OPEN, migrations.RunSQL.noop)]
