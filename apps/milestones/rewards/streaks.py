"""Streaks of accounts: counted daily from the rollups, paused for holidays, told without a word of loss."""

from collections import defaultdict
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q

from apps.accounts.models import Account
from apps.core.actor import Actor
from apps.core.errors import Refused

from ..models import Streak, StreakPause
from ..types import Step
from . import badges, rules
from .counting import run

_LOOK_BACK = timedelta(days=53 * 7)
_DAYS = "select distinct account_id, day from accounts_dailyrollup where account_id = any(%(accounts)s) and day > %(since)s and day <= %(today)s"


def pause(*, starts_on: date, ends_on: date, reason: str, actor: Actor, now: datetime, account: Account | None = None) -> StreakPause:
    """Let the rhythm rest, for one account or for everybody: those days neither count nor break anything."""
    if ends_on < starts_on:
        raise Refused("ends_before", "The pause ends before it begins.")
    if (ends_on - starts_on).days > 92:
        raise Refused("too_long", "A pause lasts a quarter at most; enter another when it is over.")
    return StreakPause.objects.create(account=account, starts_on=starts_on, ends_on=ends_on, reason=reason[:160], actor=str(actor))


def count(account_ids: Collection[int], *, now: datetime) -> list[Streak]:
    """Count the streaks of these accounts anew; returns those whose length changed. Replays give the same."""
    today = now.astimezone(UTC).date()
    active: dict[int, set[date]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(_DAYS, {"accounts": list(account_ids), "since": today - _LOOK_BACK, "today": today})
        for account_id, day in cursor.fetchall():
            active[account_id].add(day)
    rests = _rests(account_ids, today)
    known = {(row.account_id, row.step): row for row in Streak.objects.filter(account__in=account_ids)}
    rows, changed = [], []
    for account_id in sorted(set(account_ids)):
        for step in Step:
            found = run(active[account_id], today=today, step=step, rests=rests[None] | rests[account_id])
            row = known.get((account_id, step)) or Streak(account_id=account_id, step=step)
            if found.length != row.length:
                changed.append(row)
            row.length, row.through, row.judged_on = found.length, found.through, today
            row.best = max(row.best, found.length)
            rows.append(row)
    with transaction.atomic():
        fields = ["length", "best", "through", "judged_on"]
        Streak.objects.bulk_create(rows, update_conflicts=True, unique_fields=["account", "step"], update_fields=fields, batch_size=2_000)
    return changed


def _rests(account_ids: Collection[int], today: date) -> dict[int | None, set[date]]:
    found: dict[int | None, set[date]] = defaultdict(set)
    pauses = StreakPause.objects.filter(Q(account__isnull=True) | Q(account__in=account_ids), ends_on__gte=today - _LOOK_BACK)
    for account_id, starts_on, ends_on in pauses.values_list("account_id", "starts_on", "ends_on"):
        found[account_id] |= {starts_on + timedelta(days=number) for number in range((ends_on - starts_on).days + 1)}
    return found


def count_all(*, actor: Actor, now: datetime, batch: int = 500) -> int:
    """The daily job: every present customer's streaks, what they pay, and the badges for them. Returns how many streaks changed."""
    ids = list(Account.objects.at_risk().order_by("pk").values_list("pk", flat=True))
    changed = 0
    for start in range(0, len(ids), batch):
        part = ids[start : start + batch]
        moved = count(part, now=now)
        # A week that is full was counted perhaps yesterday, and its reward was lost with a worker: rules look at all of them.
        rules.for_streaks(list(Streak.objects.filter(account__in=part, step=Step.WEEK, length__gt=0)), actor=actor, now=now)
        badges.give_due([row.account_id for row in moved], actor=actor, now=now)
        changed += len(moved)
    return changed
