"""The first day of a rule: what it would remember had it always looked."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction

from apps.metrics.types import Point

from ..models import AlertRule, RuleDay, Watched
from . import reading
from .hysteresis import Memory
from .judging import Judge
from .reading import CHUNK
from .telling import read_of


def last_day(rule: AlertRule) -> date | None:
    """The last day that was judged and told."""
    return RuleDay.objects.filter(rule=rule, told_at__isnull=False).order_by("-day").values_list("day", flat=True).first()


def begin(rule: AlertRule, day: date, *, now: datetime) -> date:
    """Lay the memories of a rule as of the end of a day, silently; returns the day."""
    says = read_of(rule)
    judge = reading.judge(says, score=rule.score)
    everybody = reading.subjects(says, since=day + timedelta(days=1))
    for at in range(0, len(everybody), CHUNK):
        ids = everybody[at : at + CHUNK]
        points = reading.points(says, ids, start=day - timedelta(days=reading.before(judge, begin=True)), end=day)
        rows = [_row(rule, judge, subject, found, day) for subject, found in points.items()]
        with transaction.atomic():
            Watched.objects.bulk_create([row for row in rows if row is not None], ignore_conflicts=True, batch_size=1_000)
    RuleDay.objects.get_or_create(rule=rule, day=day, defaults={"claimed_at": now, "judged_at": now, "told_at": now, "looked": len(everybody)})
    return day


def _row(rule: AlertRule, judge: Judge, subject: int | None, found: Sequence[Point], day: date) -> Watched | None:
    standing = judge.begin(reading.beginning(judge, found, day))
    memory: Memory = standing.memory
    if memory.since is None and standing.pattern is None:
        return None
    return Watched(
        rule=rule,
        account_id=subject,
        day=day,
        since=memory.since,
        pattern=standing.pattern.kept() if standing.pattern else None,
    )
