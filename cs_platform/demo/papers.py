"""What the imagined activity leaves on paper: a contract per account, a ticket for every `ticket.opened`, an invoice for every billing event.

Derived from the stored events by one statement each, so that the story of an account and its figures never contradict each other.
"""

from datetime import datetime

from django.db import connection

_CONTRACTS = """
insert into accounts_subscription (account_id, external_id, plan, state, started_on, renews_on, ended_on, seats, currency, arr)
select id, external_id || '-contract', plan, case when churned_on is null then 'active' else 'ended' end, started_on,
       renews_on, churned_on, seats, currency, case when churned_on is null then arr else 0 end
from accounts_account where synthetic and started_on is not null
"""
# Urgent ones are solved within a day, the others within four; which is which follows from the row's own number.
_TICKETS = """
insert into accounts_ticket (account_id, contact_id, source, external_id, subject, priority, state, opened_at, answered_at, solved_at)
select t.account_id, t.contact_id, t.source, t.message_id, coalesce(t.properties ->> 'subject', 'A question'),
       case when t.properties ->> 'severity' = 'high' then 'p2' else 'p3' end,
       case when t.at + t.took <= %(now)s then 'solved' else 'open' end, t.at,
       case when t.at + t.took / 4 <= %(now)s then t.at + t.took / 4 end, case when t.at + t.took <= %(now)s then t.at + t.took end
from (select e.*, case when e.properties ->> 'severity' = 'high' then interval '5 hours' else interval '26 hours' end * (1 + e.id %% 4) as took
      from accounts_activityevent e where e.source = %(source)s and e.name = 'ticket.opened') t
"""
_INVOICES = """
insert into accounts_invoice (account_id, external_id, number, state, amount, currency, issued_on, due_on, paid_on)
select e.account_id, e.message_id, 'INV-' || e.id, case e.name when 'invoice.paid' then 'paid' else 'failed' end,
       case when e.name = 'invoice.paid' then e.value else round(a.arr / 12, 2) end, a.currency, (e.at - interval '5 days')::date,
       e.at::date, case e.name when 'invoice.paid' then e.at::date end
from accounts_activityevent e join accounts_account a on a.id = e.account_id
where e.source = %(source)s and e.name in ('invoice.paid', 'payment.failed') and e.value >= 0
"""

# A failed charge that was tried again and paid, or is older than two months, is settled on paper: the customer is not in debt for ever.
_WRITTEN_OFF = """
update accounts_invoice f set state = 'void' from accounts_account a
where f.state = 'failed' and a.id = f.account_id and a.synthetic and (
    f.due_on < %(now)s::date - 60 or exists (
        select 1 from accounts_invoice p where p.account_id = f.account_id and p.state = 'paid' and p.paid_on between f.due_on and f.due_on + 10
    )
)
"""


def write(*, source: str, now: datetime) -> dict[str, int]:
    """Call it after the activity is stored, in the same transaction; returns how many rows of each kind."""
    counts = {}
    with connection.cursor() as cursor:
        for kind, statement in (("contracts", _CONTRACTS), ("tickets", _TICKETS), ("invoices", _INVOICES)):
            cursor.execute(statement, {"source": source, "now": now})
            counts[kind] = cursor.rowcount
        cursor.execute(_WRITTEN_OFF, {"now": now})
    return counts
