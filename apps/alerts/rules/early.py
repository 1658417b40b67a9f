"""Before a day is over: accounts of which something new is known are looked at at once, by the rules whose figures move within a day.

What is found is of the day so far and may be taken back: the memory stays as of yesterday until the day is over, so a day comes to the same however
often it was looked at. The work is for the accounts that changed, whatever the house holds.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from django.db import connection, transaction

from apps.core.actor import Actor
from apps.core.jobs import turn_after_commit

from ..models import AlertRule, RuleDay, Watched, WatchMark
from . import reading
from .backtest import at_once
from .hysteresis import Turn
from .judging import Judge, Look
from .opening import settle_one, tell
from .reading import Subject
from .telling import read_of
from .watching import held, live_rules, standing_of, write

# A mark that is there keeps its age. The upsert waits for whoever is just looking and then marks anew, so nothing that arrives meanwhile is lost.
_MARK = """
insert into alerts_watchmark (account_id, since) select id, %(now)s from accounts_account where id = any(%(ids)s)
and exists (select 1 from alerts_alertrule where state = 'live' and kind <> 'notice') order by id
on conflict (account_id) do update set since = alerts_watchmark.since
"""
# Hours pass without anything happening: open P1 tickets and answers that are due are looked at again.
_BY_TIME = """
select distinct account_id from accounts_ticket
where solved_at is null and opened_at <= %(now)s and (priority = 'p1' or (due_at < %(now)s and answered_at is null))
"""


def mark(account_ids: Sequence[int], *, now: datetime) -> int:
    """Something new is known of these; returns how many were marked."""
    if not account_ids:
        return 0
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_MARK, {"ids": list(account_ids), "now": now})
            marked = cursor.rowcount
        if marked:
            turn_after_commit("alerts.watch")
    return marked


def mark_by_time(*, now: datetime) -> int:
    """Mark the accounts that hours alone may move."""
    with connection.cursor() as cursor:
        cursor.execute(_BY_TIME, {"now": now})
        found = [account for (account,) in cursor.fetchall()]
    return mark(found, now=now)


def look(*, now: datetime, actor: Actor, limit: int = 500) -> int:
    """Look at up to `limit` marked accounts; returns how many. Marks stay locked from claim to commit, others skip them."""
    with transaction.atomic():
        marks = WatchMark.objects.order_by("since", "account_id").select_for_update(skip_locked=True)
        claimed = sorted(marks.values_list("account_id", flat=True)[:limit])
        if not claimed:
            return 0
        today = now.astimezone(UTC).date()
        for rule in live_rules():
            says = read_of(rule)
            if reading.is_known(says) and reading.moves_within_a_day(says) and _is_up_to_date(rule, today):
                _look(rule, reading.among(says, claimed), today, now, actor)
        WatchMark.objects.filter(pk__in=claimed).delete()
    return len(claimed)


def _is_up_to_date(rule: AlertRule, today: date) -> bool:
    """Whether yesterday was judged; until it was, a look at today would stand on an old memory."""
    return RuleDay.objects.filter(rule=rule, day=today - timedelta(days=1), told_at__isnull=False).exists()


def _look(rule: AlertRule, ids: Sequence[int], today: date, now: datetime, actor: Actor) -> None:
    if not ids:
        return
    judge = reading.judge(read_of(rule), score=rule.score)
    memories = held(rule, ids)
    learners = judge.learns and any(one not in memories for one in ids)
    back = max(reading.before(judge, begin=False), reading.WARM_UP if learners else 0)
    found = reading.points(judge.says, ids, start=today - timedelta(days=back), end=today, until=now)
    began: list[Watched] = []
    written: list[Watched] = []
    for subject, points in found.items():
        row = memories.get(subject) or Watched(rule=rule, account_id=subject, day=today - timedelta(days=1))
        if row.day >= today:
            continue
        turn, look_, firing = _today(judge, row, subject, points, today)
        early = row.early if row.early_on == today else ""
        if turn == Turn.BEGAN and look_ is not None and early != "began":
            row.far, row.facts = look_.far, look_.facts | {"day": today.isoformat()}
            began.append(row)
        elif turn == Turn.ENDED and early != "ended":
            settle_one(rule, row.account_id, now=now, actor=actor)
            row.early, row.early_on = "ended", today
            written.append(row)
        elif early == "began" and not firing:
            settle_one(rule, row.account_id, now=now, actor=actor)
            row.early, row.early_on = "", None
            written.append(row)
    if began and not _storm(rule, len(began), today):
        for row in began:
            row.early, row.early_on = "began", today
        # Memories before incidents, as everybody takes them, so that nobody waits in a circle.
        write([*written, *began])
        tell(rule, began, now=now, actor=actor)
    else:
        write(written)


def _today(judge: Judge, row: Watched, subject: Subject, points: Sequence[reading.Point], today: date) -> tuple[Turn, Look | None, bool]:
    standing = standing_of(row)
    if judge.learns and standing.pattern is None:
        past = reading.past(points, first=today - timedelta(days=reading.WARM_UP), last=today - timedelta(days=1))
        standing = type(standing)(standing.memory, judge.warmed(past))
    after, turn, look_ = judge.advance(standing, today, points[-1].value, reading.window(judge, points, today))
    return turn, look_, after.memory.since is not None


def _storm(rule: AlertRule, more: int, today: date) -> bool:
    """Whether so many begin today that the end of the day must say whether it is one matter."""
    looked = RuleDay.objects.get(rule=rule, day=today - timedelta(days=1)).looked
    already = Watched.objects.filter(rule=rule, early_on=today, early="began").count()
    return at_once(read_of(rule), began=already + more, looked=looked)
