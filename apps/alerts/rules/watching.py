"""The watch, day by day: every live rule judges each day that is over once, for everybody, and tells what began.

A day is judged in chunks, each with its memories in one transaction, then told; both can be broken off anywhere and done again. Several workers may
do it at once: whoever comes second finds the memories further on.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from apps.core.actor import Actor

from ..models import AlertRule, RuleDay, Watched
from ..types import RuleKind, RuleState
from . import reading, starting
from .detectors import Pattern
from .hysteresis import Memory, Turn
from .judging import Judge, Look, Standing
from .opening import open_beginnings, settle_one, tell_missing
from .reading import CHUNK, Subject
from .telling import read_of

# A worker that says nothing for so long is taken for dead.
_LEASE = timedelta(minutes=10)
# So many days are caught up with after a stop; older ones are no news to anybody.
MOST_DAYS = 90
_WRITTEN = ["day", "since", "wait", "calm", "began_on", "pattern", "far", "facts", "untold", "early", "early_on"]


def live_rules() -> list[AlertRule]:
    """The rules that are watched, in a fixed order."""
    return list(AlertRule.objects.filter(state=RuleState.LIVE).exclude(kind=RuleKind.NOTICE).select_related("current").order_by("pk"))


def look(*, now: datetime, actor: Actor) -> int:
    """Judge and tell every day that is over, of every live rule; returns how many rule-days were done."""
    yesterday = now.astimezone(UTC).date() - timedelta(days=1)
    return sum(_catch_up(rule, yesterday, now, actor) for rule in live_rules())


def _catch_up(rule: AlertRule, yesterday: date, now: datetime, actor: Actor) -> int:
    assert rule.live_at is not None
    last = starting.last_day(rule)
    if last is None:
        # What held before it went live is no news; its memories are laid as of the day before.
        last = starting.begin(rule, max(rule.live_at.astimezone(UTC).date() - timedelta(days=1), yesterday - timedelta(days=MOST_DAYS)), now=now)
    done = 0
    day = max(last + timedelta(days=1), yesterday - timedelta(days=MOST_DAYS - 1))
    while day <= yesterday:
        if not _one_day(rule, day, now, actor):
            break
        done, day = done + 1, day + timedelta(days=1)
    return done


def _one_day(rule: AlertRule, day: date, now: datetime, actor: Actor) -> bool:
    """Judge and tell one day; False: somebody else is at it."""
    row, _ = RuleDay.objects.get_or_create(rule=rule, day=day)
    free = Q(claimed_at__isnull=True) | Q(claimed_at__lt=now - _LEASE) | Q(claimed_at=now)
    if not RuleDay.objects.filter(free, pk=row.pk, told_at__isnull=True).update(claimed_at=now):
        return RuleDay.objects.filter(pk=row.pk, told_at__isnull=False).exists()
    row.refresh_from_db()
    if row.judged_at is None:
        _judge(rule, row, now, actor)
    open_beginnings(rule, row, now=now, actor=actor)
    return True


def _judge(rule: AlertRule, row: RuleDay, now: datetime, actor: Actor) -> None:
    says = read_of(rule)
    judge = reading.judge(says, score=rule.score)
    looked = missing = 0
    everybody = reading.subjects(says, since=row.day)
    for at in range(0, len(everybody), CHUNK):
        seen, gone = _chunk(rule, judge, everybody[at : at + CHUNK], row.day, now, actor)
        looked, missing = looked + seen, missing + gone
    _forget_gone(rule, row.day, now, actor)
    RuleDay.objects.filter(pk=row.pk, judged_at__isnull=True).update(judged_at=now, looked=looked, missing=missing)
    row.refresh_from_db()
    tell_missing(rule, row, now=now, actor=actor)


def _chunk(rule: AlertRule, judge: Judge, ids: Sequence[Subject], day: date, now: datetime, actor: Actor) -> tuple[int, int]:
    """Of how many subjects the figure was known, and of how many it was known no more."""
    says, looked, missing, written = judge.says, 0, 0, []
    with transaction.atomic():
        memories = held(rule, ids)
        back = max(reading.before(judge, begin=False), 1)
        points = reading.points(says, ids, start=day - timedelta(days=back), end=day)
        new = [one for one in points if judge.learns and one not in memories]
        warm = reading.points(says, new, start=day - timedelta(days=reading.WARM_UP), end=day) if new else {}
        for subject, found in points.items():
            row = memories.get(subject) or Watched(rule=rule, account_id=subject, day=day - timedelta(days=1))
            value = found[-1].value
            looked += value is not None
            missing += value is None and found[-2].value is not None
            if row.day >= day:
                continue
            standing = standing_of(row)
            if judge.learns and standing.pattern is None:
                learned = reading.past(warm.get(subject, ()), first=day - timedelta(days=reading.WARM_UP), last=day - timedelta(days=1))
                standing = Standing(standing.memory, judge.warmed(learned))
            after, turn, look = judge.advance(standing, day, value, reading.window(judge, found, day))
            if _noted(rule, row, after, turn, look, day, now, actor):
                written.append(row)
        write(written)
    return looked, missing


def _noted(rule: AlertRule, row: Watched, after: Standing, turn: Turn, look: Look | None, day: date, now: datetime, actor: Actor) -> bool:
    """Put a day into a memory; whether there is anything to write."""
    before = standing_of(row)
    early = row.early if row.early_on == day else ""
    if turn == Turn.ENDED or (early == "began" and turn != Turn.BEGAN):
        settle_one(rule, row.account_id, now=now, actor=actor)
    elif turn == Turn.BEGAN and look is not None:
        row.far, row.facts, row.untold = look.far, look.facts | {"day": day.isoformat()}, early != "began"
    elif early == "ended" and after.memory.since is not None:
        # It had ended for some hours only.
        row.untold = True
    if after == before and not early and not row.untold and row.since is None:
        return False
    _remember(row, after, day)
    row.early, row.early_on = "", None
    return True


def _forget_gone(rule: AlertRule, day: date, now: datetime, actor: Actor) -> None:
    """Whoever the rule no longer looks at has nothing to end: left the segment, or is no customer any more."""
    with transaction.atomic():
        for row in Watched.objects.filter(rule=rule, since__isnull=False, day__lt=day).select_for_update():
            settle_one(rule, row.account_id, now=now, actor=actor)
            row.since, row.calm, row.wait, row.untold, row.day = None, 0, 0, False, day
            row.save(update_fields=["since", "calm", "wait", "untold", "day"])


def held(rule: AlertRule, ids: Sequence[Subject], *, wait: bool = True) -> dict[Subject, Watched]:
    """The memories of these subjects, locked."""
    of = Q(account__isnull=True) if None in ids else Q(account__in=[one for one in ids if one is not None])
    rows = Watched.objects.filter(of, rule=rule).order_by("account_id").select_for_update(skip_locked=not wait)
    return {row.account_id: row for row in rows}


def standing_of(row: Watched) -> Standing:
    memory = Memory(row.day, row.since, row.wait, row.calm, row.began_on)
    return Standing(memory, Pattern.of(row.pattern) if row.pattern else None)


def _remember(row: Watched, standing: Standing, day: date) -> None:
    memory = standing.memory
    row.day, row.since, row.wait, row.calm, row.began_on = day, memory.since, memory.wait, memory.calm, memory.began_on
    row.pattern = standing.pattern.kept() if standing.pattern else None


def write(rows: Sequence[Watched]) -> None:
    """Keep memories, new ones and changed ones; what somebody else has kept further on stays."""
    if rows:
        Watched.objects.bulk_create(rows, update_conflicts=True, unique_fields=["rule", "account"], update_fields=_WRITTEN, batch_size=1_000)
