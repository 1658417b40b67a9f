"""Whether the goal of runs is reached: for treated and held-out by the same clock, and after a run ended too, until its window closes."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from apps.core.actor import Actor
from apps.core.jobs import after_commit
from apps.events.models import Event

from . import facts, machine, trials, waking
from .conditions import facts_in, holds
from .definition import Becomes, Definition, Does, Recovers
from .ending import end_all
from .models import Enrolment, Play
from .types import EnrolmentState, ExitReason

_A_WEEK = timedelta(days=7)

# Activity since entry; of one name, or of any.
_SEEN = """
select r.id, count(v.id) from jsonb_to_recordset(%(runs)s::jsonb) as r(id bigint, account_id bigint, since timestamptz, until timestamptz, name text)
join accounts_activityevent v on v.account_id = r.account_id and v.at > r.since and v.at <= r.until and (r.name = '' or v.name = r.name)
group by r.id
"""


def enough(reached: Recovers | Does, *, baseline: float, seen: int) -> bool:
    """Whether so much activity is the goal. A recovered week has at least one event."""
    return seen >= (reached.times if isinstance(reached, Does) else max(1.0, baseline * reached.percent / 100))


def counted_since(reached: Recovers | Does, *, entered_at: datetime, now: datetime) -> datetime:
    """From where activity counts: since entry, and for a recovery within the last seven days."""
    return entered_at if isinstance(reached, Does) else max(entered_at, now - _A_WEEK)


def check(
    account_ids: Collection[int],
    *,
    actor: Actor,
    now: datetime,
    plays: Collection[Play] | None = None,
    moved: Collection[str] | None = None,
    cause: Event | None = None,
) -> int:
    """Record the goals that these accounts have reached by now, and end the runs that end by it. Returns how many did.

    `plays`: only in their runs; `moved`: the facts that may have changed (None: any).
    """
    if not account_ids:
        return 0
    open_ones = Enrolment.objects.filter(account__in=account_ids, goal_met_at=None, judged_at=None, window_ends_at__gt=now, entered_at__lte=now)
    if plays is not None:
        open_ones = open_ones.filter(play__in=plays)
    runs = list(open_ones.exclude(state=EnrolmentState.CANDIDATE).select_related("version"))
    if moved is not None:
        runs = [run for run in runs if not isinstance(reached := run.version.says.goal.reached, Becomes) or facts_in(reached.when) & set(moved)]
    if not runs:
        return 0
    return record(reached_by(runs, now=now), now=now, actor=actor, cause=cause)


def reached_by(runs: Collection[Enrolment], *, now: datetime) -> list[int]:
    """Which of these runs (their versions loaded) have reached their goal at `now`; two statements, and those of the facts."""
    said = {run.version_id: run.version.says for run in runs}
    counted: list[Enrolment] = []
    asked: list[Enrolment] = []
    for run in runs:
        (asked if isinstance(said[run.version_id].goal.reached, Becomes) else counted).append(run)
    return sorted([*_by_activity(counted, said, now), *_by_facts(asked, said, now)])


def _by_activity(runs: Collection[Enrolment], said: Mapping[int, Definition], now: datetime) -> Iterable[int]:
    if not runs:
        return []
    told = []
    for run in runs:
        reached = said[run.version_id].goal.reached
        assert not isinstance(reached, Becomes)
        since = counted_since(reached, entered_at=run.entered_at, now=now)
        name = reached.name if isinstance(reached, Does) else ""
        told.append({"id": run.pk, "account_id": run.account_id, "since": since, "until": now, "name": name})
    with connection.cursor() as cursor:
        cursor.execute(_SEEN, {"runs": json.dumps(told, default=datetime.isoformat)})
        seen = dict(cursor.fetchall())
    return [run.pk for run in runs if enough(said[run.version_id].goal.reached, baseline=run.baseline, seen=seen.get(run.pk, 0))]  # type: ignore[arg-type]


def _by_facts(runs: Collection[Enrolment], said: Mapping[int, Definition], now: datetime) -> Iterable[int]:
    if not runs:
        return []
    wanted: dict[int, Any] = {run.pk: said[run.version_id].goal.reached.when for run in runs}  # type: ignore[union-attr]
    names = {fact for when in wanted.values() for fact in facts_in(when)}
    known = facts.of(sorted({run.account_id for run in runs}), names=names, now=now)
    return [run.pk for run in runs if run.account_id in known and holds(wanted[run.pk], known[run.account_id])]


def record(run_ids: Collection[int], *, now: datetime, actor: Actor, cause: Event | None = None, at: datetime | None = None) -> int:
    """Write down that these runs reached their goal (`at`: a moment before now); some end by it, some had waited for it. Returns how many did."""
    if not run_ids:
        return 0
    with transaction.atomic():
        mine = Enrolment.objects.filter(pk__in=run_ids, goal_met_at=None).order_by("pk").select_for_update(of=("self",))
        runs = list(mine.select_related("version", "play"))
        Enrolment.objects.filter(pk__in=[run.pk for run in runs]).update(goal_met_at=at or now)
        trials.note_goals(runs, at=at or now)
        live = [run for run in runs if run.state == EnrolmentState.WAITING]
        ending = {run.pk: ExitReason.GOAL for run in live if run.version.says.exit_mode in machine.ENDS_ON_GOAL}
        end_all(ending, actor=actor, now=now, cause=cause)
        waking.wake([run for run in live if run.pk not in ending and run.waits_for == "goal"], because="the goal was met", now=now)
    return len(runs)


def judge_windows(*, actor: Actor, now: datetime, limit: int = 500, only: Collection[int] | None = None) -> int:
    """Judge the goal for the last time where a window has closed, as things stood at that moment. Returns how many windows were judged."""
    closed = Enrolment.objects.filter(judged_at=None, window_ends_at__lte=now).exclude(state=EnrolmentState.CANDIDATE)
    if only is not None:
        closed = closed.filter(pk__in=only)
    with transaction.atomic():
        runs = list(closed.order_by("window_ends_at", "pk").select_for_update(of=("self",), skip_locked=True).select_related("version")[:limit])
        by_moment: dict[datetime, list[Enrolment]] = defaultdict(list)
        for run in runs:
            if run.goal_met_at is None:
                by_moment[run.window_ends_at].append(run)
        for moment, those in by_moment.items():
            record(reached_by(those, now=moment), now=now, at=moment, actor=actor)
        Enrolment.objects.filter(pk__in=[run.pk for run in runs]).update(judged_at=now)
        if len(runs) == limit:
            after_commit("interventions.judge_windows")
    return len(runs)
