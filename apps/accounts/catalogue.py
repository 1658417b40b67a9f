"""The catalogue of activity names: how often each came lately and when it came last; and how a name is forgotten that holds somebody's."""

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
# A name that becomes one that is there already brings its figures along.
_FORGET = """
with named as (
    select name, meaning, first_seen_at, regexp_replace(name, %(pattern)s, %(instead)s, 'gi') as other
    from accounts_eventname where name ~* %(pattern)s
), known as (
    insert into accounts_eventname (name, meaning, first_seen_at)
    select distinct on (other) other, meaning, first_seen_at from named order by other, first_seen_at
    on conflict do nothing
), gone as (
    delete from accounts_eventname n using named where n.name = named.name
), told as (
    update accounts_activityevent e set name = named.other from named where e.name = named.name
), less as (
    delete from accounts_dailyrollup r using named where r.name = named.name returning r.account_id, r.day, named.other, r.count, r.value
)
insert into accounts_dailyrollup (account_id, day, name, count, value)
select account_id, day, other, sum(count), sum(value) from less group by 1, 2, 3 order by 1, 2, 3
on conflict (account_id, day, name) do update
set count = accounts_dailyrollup.count + excluded.count, value = accounts_dailyrollup.value + excluded.value
"""


def forget_names(pattern: str, *, instead: str) -> None:
    """Activity whose name holds what fits `pattern` (a regular expression) is called otherwise from now on, in events, figures and the catalogue."""
    with connection.cursor() as cursor:
        cursor.execute("select exists (select from accounts_eventname where name ~* %s)", [pattern])
        if cursor.fetchone()[0]:
            cursor.execute(_FORGET, {"pattern": pattern, "instead": instead})


def count_names(*, now: datetime) -> int:
    """Bring the figures of the catalogue up to date; returns how many names changed."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"today": now.date()})
        return int(cursor.rowcount)
