"""Counts what is announced, by the hour and by who looks after the account; fed from the events, so that no table of facts is read."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection, transaction

from apps.accounts.models import Account
from apps.core.actor import Actor
from apps.core.jobs import after_commit
from apps.events import vocabulary as said

from .keeping import tell
from .models import Moved, ToldDay

HANDLER = "metrics.count"
ACTIVITY = "activity"


def _always(event: Any) -> bool:
    return True


# What is counted under which name, and when.
HAPPENED: Mapping[type[said.DomainEvent], tuple[str, Callable[[Any], bool]]] = {
    said.MessageSent: ("messages_sent", _always),
    said.MessageNotSent: ("messages_failed", _always),
    said.MessageReplied: ("replies", _always),
    said.TaskOpened: ("tasks_opened", _always),
    said.TaskClosed: ("tasks_closed", _always),
    said.PlayEntered: ("plays_entered", lambda event: event.arm != "held_out"),
    said.MilestoneAchieved: ("milestones_reached", _always),
    said.CoachingHeld: ("coached", _always),
    said.RiskRaised: ("risk_raised", _always),
    said.AccountChurned: ("customers_left", _always),
    said.AlertOpened: ("alerts_opened", lambda event: event.account_id is not None),
}
MEASURES = (ACTIVITY, *(measure for measure, _ in HAPPENED.values()))

_ADD = """
insert into metrics_hourtally as t (measure, owner_id, day, hour, amount)
select %(measure)s, i.owner, (date '1970-01-01' + greatest(i.hour, 0) / 24), greatest(i.hour, 0) %% 24, sum(i.times)
from jsonb_to_recordset(%(items)s::jsonb) as i(owner bigint, hour int, times bigint)
group by 1, 2, 3, 4 order by 1, 3, 4, 2
on conflict (measure, day, hour, owner_id) do update set amount = t.amount + excluded.amount
"""
# The row is locked also where it stands already, so that who tells of it waits for what has not been committed yet.
_MOVED = """
insert into metrics_moved as m (measure, since) values (%(measure)s, %(now)s)
on conflict (measure) do update set since = least(m.since, excluded.since)
"""
# Events that nobody will count any more: those from before this was wired.
_FILL = """
insert into metrics_hourtally as t (measure, owner_id, day, hour, amount)
select %(measure)s, coalesce(a.owner_id, 0), (e.at at time zone 'UTC')::date, extract(hour from e.at at time zone 'UTC'), count(*)
from events_event e left join accounts_account a on e.subject = 'account:' || a.id
where e.type = %(type)s and e.subject like 'account:%%' and (%(type)s <> 'play.entered' or e.payload ->> 'arm' <> 'held_out')
    and not exists (select 1 from events_delivery d where d.event_id = e.id and d.handler = %(handler)s)
group by 1, 2, 3, 4 order by 1, 3, 4, 2
on conflict (measure, day, hour, owner_id) do update set amount = t.amount + excluded.amount
"""
# Days on which what was counted is not what the rollups say; days of events that wait to be counted are left alone.
_ACTIVITY = """
with waiting as (
    select distinct date '1970-01-01' + (h.value ->> 1)::int / 24 as day
    from events_delivery d join events_event e on e.id = d.event_id cross join jsonb_array_elements(e.payload -> 'owner_hours') h
    where d.handler = %(handler)s and d.state = 'pending' and e.type = 'activity.received'
), wrong as materialized (
    select coalesce(r.day, t.day) as day from (select day, sum(count) as amount from accounts_dailyrollup group by 1) r
    full join (select day, sum(amount) as amount from metrics_hourtally where measure = 'activity' group by 1) t using (day)
    where coalesce(r.amount, 0) <> coalesce(t.amount, 0) and coalesce(r.day, t.day) not in (select day from waiting)
), gone as (
    delete from metrics_hourtally t using wrong w where t.measure = 'activity' and t.day = w.day
)
select array_agg(day order by day) from wrong
"""
_FROM_ROLLUPS = """
insert into metrics_hourtally (measure, owner_id, day, hour, amount)
select 'activity', coalesce(a.owner_id, 0), r.day, -1, sum(r.count)
from accounts_dailyrollup r join accounts_account a on a.id = r.account_id where r.day = any(%(days)s) group by 1, 2, 3
"""


def count(event: said.AccountEvent | said.ActivityReceived | said.AlertOpened, *, at: datetime, now: datetime) -> None:
    """Add what happened to the sums of its hour; called once per event, in the transaction that notes so."""
    if isinstance(event, said.ActivityReceived):
        _add(ACTIVITY, event.owner_hours, now)
        return
    measure, counts = HAPPENED[type(event)]
    if counts(event):
        owner = Account.objects.filter(pk=event.account_id or 0).values_list("owner", flat=True).first()
        _add(measure, [[owner or 0, int(at.timestamp() // 3600), 1]], now)


def tell_moved(*, now: datetime, actor: Actor) -> int:
    """Announce which figures moved since this was done last; returns how many measures had."""
    with transaction.atomic():
        moved = list(Moved.objects.select_for_update().order_by("measure"))
        if moved:
            names = [row.measure for row in moved]
            Moved.objects.filter(measure__in=names).delete()
            tell(names, actor=actor, now=now)
    return len(moved)


def fill(*, now: datetime) -> int:
    """Count what happened before this was wired, once per measure; returns how many measures were filled."""
    filled = 0
    known = set(ToldDay.objects.filter(measure__in=MEASURES).values_list("measure", flat=True))
    for kind, (measure, _) in HAPPENED.items():
        if measure in known:
            continue
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_FILL, {"measure": measure, "type": kind.type, "handler": HANDLER})
            cursor.execute("select min(at at time zone 'UTC')::date from events_event where type = any(%s)", [[one.type for one in HAPPENED]])
            _known_since(measure, cursor.fetchone()[0] or now.date())
        filled += 1
    return filled


def recount_activity(*, now: datetime) -> int:
    """Make the activity of each day what its rollups say; returns how many days were not. What the hours of such a day were is not known."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("lock table metrics_hourtally in share row exclusive mode")
        cursor.execute(_ACTIVITY, {"handler": HANDLER})
        days = cursor.fetchone()[0] or []
        if days:
            cursor.execute(_FROM_ROLLUPS, {"days": days})
        cursor.execute("select min(day) from accounts_dailyrollup")
        _known_since(ACTIVITY, cursor.fetchone()[0])
    return len(days)


def _known_since(measure: str, first: date | None) -> None:
    if first is not None:
        ToldDay.objects.filter(measure=measure).exclude(day=first).delete()
        ToldDay.objects.get_or_create(measure=measure, day=first)


def _add(measure: str, items: Sequence[Sequence[int]], now: datetime) -> None:
    if not items:
        return
    rows = [{"owner": owner, "hour": hour, "times": times} for owner, hour, times in items]
    with connection.cursor() as cursor:
        cursor.execute(_ADD, {"measure": measure, "items": json.dumps(rows)})
        cursor.execute(_MOVED, {"measure": measure, "now": now})
    after_commit("metrics.tell")


def hour_of(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, max(hour, 0), tzinfo=UTC)
