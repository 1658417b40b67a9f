"""The pace of a journey: on track, behind or stuck, by how long others of the cohort took.

Behind begins at P75 and stuck at P90 of the durations of the own plan's accounts; of everybody's where fewer than 20 of the plan are known; typed
values of the definition where fewer than 20 are known at all (FEATURES.md, journey thresholds). The clock begins when the milestone opens for the
account, at the earliest when it goes live, and stands still while it is paused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Max, Q

from apps.accounts.models import Account
from apps.core.actor import Actor
from apps.events import services as events
from apps.events.vocabulary import MilestonePaceChanged

from .definition import Days, Definition
from .durations import durations
from .models import Pacing, Progress
from .types import Pace, ProgressState

ENOUGH = 20
_LEARN_EVERY = timedelta(days=1)
_AT_ONCE = 5_000
_USUAL = Days()

_RETIME = """
with t as (
    select p.id, greatest(p.opened_at, m.live_at) + p.rested as from_then,
        coalesce(own.behind_days, every.behind_days, (v.definition #>> '{days,behind}')::float8, %(behind)s) as behind,
        coalesce(own.stuck_days, every.stuck_days, (v.definition #>> '{days,stuck}')::float8, %(stuck)s) as stuck
    from milestones_progress p join milestones_milestone m on m.id = p.milestone_id join accounts_account a on a.id = p.account_id
    join milestones_milestoneversion v on v.id = p.version_id
    left join milestones_pacing own on own.milestone_id = m.id and own.plan = a.plan and own.plan <> '' and own.completions >= %(enough)s
    left join milestones_pacing every on every.milestone_id = m.id and every.plan = '' and every.completions >= %(enough)s
    where p.state in ('open', 'paused') and p.opened_at is not null
)
update milestones_progress p set behind_at = t.from_then + t.behind * interval '1 day', stuck_at = t.from_then + t.stuck * interval '1 day'
from t where t.id = p.id
    and (p.behind_at, p.stuck_at) is distinct from (t.from_then + t.behind * interval '1 day', t.from_then + t.stuck * interval '1 day')
"""


@dataclass(frozen=True)
class Paces:
    """What was learned of paces; the rest is typed."""

    learned: Mapping[tuple[int, str], tuple[float, float]]

    def days(self, milestone_id: int, says: Definition, plan: str) -> tuple[float, float]:
        """Days until behind and until stuck."""
        own = self.learned.get((milestone_id, plan)) if plan else None
        return own or self.learned.get((milestone_id, "")) or (says.days.behind, says.days.stuck)

    def moments(self, row: Progress, says: Definition, *, plan: str, live_at: datetime | None) -> tuple[datetime | None, datetime | None]:
        assert row.opened_at is not None
        begins = max(row.opened_at, live_at or row.opened_at) + row.rested
        behind, stuck = self.days(row.milestone_id, says, plan)
        return begins + timedelta(days=behind), begins + timedelta(days=stuck)


def known() -> Paces:
    rows = Pacing.objects.filter(completions__gte=ENOUGH).values_list("milestone_id", "plan", "behind_days", "stuck_days")
    return Paces({(milestone, plan): (behind, stuck) for milestone, plan, behind, stuck in rows})


def learn(*, now: datetime) -> int:
    """Read anew how long cohorts take, and set by when open milestones are behind and stuck; returns how many moved."""
    found = [
        Pacing(milestone_id=one.milestone_id, plan=one.cohort, completions=one.completions, behind_days=one.p75, stuck_days=one.p90, as_of=now)
        for one in durations(by="plan", now=now)
        if one.p75 is not None and one.p90 is not None
    ]
    with transaction.atomic():
        Pacing.objects.bulk_create(
            found,
            update_conflicts=True,
            unique_fields=["milestone", "plan"],
            update_fields=["completions", "behind_days", "stuck_days", "as_of"],
        )
        Pacing.objects.filter(as_of__lt=now).delete()
        with connection.cursor() as cursor:
            cursor.execute(_RETIME, {"enough": ENOUGH, "behind": _USUAL.behind, "stuck": _USUAL.stuck})
            return int(cursor.rowcount)


def judge_pace(*, now: datetime, actor: Actor) -> int:
    """Say of every open milestone whether it is on track, behind or stuck by now; returns how many changed. Learns anew once a day."""
    last = Pacing.objects.aggregate(last=Max("as_of"))["last"]
    if last is None or now - last >= _LEARN_EVERY or now < last:
        learn(now=now)
    changed = 0
    for pace, which in _edges(now):
        while moved := _move(pace, which, now=now, actor=actor):
            changed += moved
    return changed


def _edges(now: datetime) -> list[tuple[Pace, Q]]:
    return [
        (Pace.STUCK, Q(pace__in=[Pace.ON_TRACK, Pace.BEHIND], stuck_at__lte=now)),
        (Pace.BEHIND, Q(pace=Pace.ON_TRACK, behind_at__lte=now, stuck_at__gt=now)),
        (Pace.BEHIND, Q(pace=Pace.STUCK, behind_at__lte=now, stuck_at__gt=now)),
        (Pace.ON_TRACK, Q(pace__in=[Pace.BEHIND, Pace.STUCK], behind_at__gt=now)),
    ]


def _move(pace: Pace, which: Q, *, now: datetime, actor: Actor) -> int:
    with transaction.atomic():
        open_ones = Progress.objects.filter(which, state=ProgressState.OPEN, milestone__state="live", account__in=Account.objects.at_risk())
        rows = list(open_ones.select_related("milestone").order_by("id").select_for_update(of=("self",), skip_locked=True)[:_AT_ONCE])
        Progress.objects.filter(pk__in=[row.pk for row in rows]).update(pace=pace)
        events.publish_all([changed(row, pace) for row in rows], actor=actor, now=now)
    return len(rows)


def changed(row: Progress, pace: Pace) -> MilestonePaceChanged:
    """What is announced when a row (with its pace so far) gets another."""
    return MilestonePaceChanged(
        account_id=row.account_id, milestone_id=row.milestone_id, key=row.milestone.key, progress_id=row.pk, pace=pace, was=row.pace
    )
