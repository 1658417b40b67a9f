"""The catalogue of activity names in figures: how often each came lately, and when it came last."""

from datetime import datetime

from django.db import connection

_COUNT = """
update accounts_eventname n set events_28 = coalesce(f.events, 0), accounts_28 = coalesce(f.accounts, 0), last_seen_on = f.last_on
from accounts_eventname k left join (
    select name, sum(count) filter (where day > %(today)s::date - 28) as events,
        count(distinct account_id) filter (where day > %(today)s::date - 28) as accounts, max(day) as last_on
    from accounts_dailyrollup group by name
) f on f.name = k.name
where n.name = k.name
  and (n.events_28, n.accounts_28, n.last_seen_on) is distinct from (coalesce(f.events, 0), coalesce(f.accounts, 0), f.last_on)
"""


def count_names(*, now: datetime) -> int:
    """Bring the figures of the catalogue up to date; returns how many names changed."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"today": now.date()})
        return int(cursor.rowcount)
