"""Rules of rewards: written by staff, asked whenever something is reached or done."""

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Exists, Max, OuterRef, Q, Sum, Value
from django.db.models.functions import Concat

from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events.models import Event

from ..models import Progress, RewardClaim, RewardRule, Streak, TierStanding
from ..types import ClaimState, ProgressState, RuleOn, RuleState, Step, Via
from . import badges, ledger, tiers
from .amounts import day_amount, usual_acts
from .granting import Cause, settle
from .reviewing import reverse_for_milestone

# Activity that came late is looked for this far back.
LATE = timedelta(days=3)
_HONEST_DAYS = timedelta(days=90)
# Acts per account and day, without accounts that were caught: theirs is not how honest customers work.
_ACTS = """
select r.account_id, r.day, r.count from accounts_dailyrollup r
where r.name = %(name)s and r.day >= %(since)s and r.day <= %(until)s and r.account_id = any(%(accounts)s) and not exists (
    select 1 from milestones_rewardclaim c
    where c.account_id = r.account_id and c.rule_id = %(rule)s and c.cause = 'act:' || r.day || ':' || r.count)
"""
_HONEST = """
select r.count from accounts_dailyrollup r where r.name = %(name)s and r.day >= %(since)s and not exists (
    select 1 from milestones_rewardclaim c where c.account_id = r.account_id and c.state in ('refused', 'reversed'))
"""
_UNSETTLED = """
select p.id from milestones_progress p
where p.state = 'achieved' and p.achieved_at > %(since)s and p.noticed_at < %(before)s and exists (
    select 1 from milestones_rewardrule r where r.state = 'live' and r."on" = 'milestone'
    and (r.milestone_id is null or r.milestone_id = p.milestone_id) and not exists (
        select 1 from milestones_rewardclaim c where c.account_id = p.account_id and c.rule_id = r.id
        and c.cause like 'milestone:' || p.milestone_id || ':%%' and c.state <> 'reversed'))
order by p.id limit %(limit)s
"""
_WHO = """
select contact_id from accounts_activityevent where account_id = %(account)s and at <= %(at)s and at > %(since)s and contact_id is not null
    and (%(name)s = '' or name = %(name)s)
order by at desc, id desc limit 1
"""


def write(*, key: str, fields: Mapping[str, Any], actor: Actor, now: datetime) -> RewardRule:
    """Create a rule, or change one; what was granted by it stays as it was."""
    with transaction.atomic():
        row = RewardRule.objects.select_for_update().filter(key=key).first() or RewardRule(key=key)
        fresh = row.pk is None
        for name, value in fields.items():
            setattr(row, name, value)
        row.version = 1 if fresh else row.version + 1
        try:
            row.full_clean()
        except ValidationError as error:
            raise Refused("invalid_rule", _words(error)) from error
        row.save()
    return row


def _words(error: ValidationError) -> str:
    field, words = next(iter(error.message_dict.items()))
    return str(words[0]) if field == "__all__" else f"{field}: {words[0]}"


def turn(rule: RewardRule, *, state: str, actor: Actor, now: datetime) -> RewardRule:
    """Let a rule pay, or pause it."""
    RewardRule.objects.filter(pk=rule.pk).update(state=state, version=rule.version + 1)
    return RewardRule.objects.get(pk=rule.pk)


def live(on: str) -> list[RewardRule]:
    return list(RewardRule.objects.filter(state=RuleState.LIVE, on=on).order_by("pk"))


def for_milestone(*, progress_id: int, actor: Actor, now: datetime, event: Event | None = None) -> list[RewardClaim]:
    """Everything that the rules pay for a milestone, if it is reached still. Then tier and badges follow."""
    account_id = Progress.objects.filter(pk=progress_id).values_list("account_id", flat=True).first()
    if account_id is None:
        return []
    with transaction.atomic():
        # The lock on the account comes first, for everybody; what is read after it holds until we are done.
        ledger.hold_accounts([account_id])
        claims = _for_milestone(progress_id, actor=actor, now=now, event=event)
        if claims:
            follow([account_id], actor=actor, now=now, event=event)
        else:
            badges.give_due([account_id], actor=actor, now=now, event=event)
    return claims


def _for_milestone(progress_id: int, *, actor: Actor, now: datetime, event: Event | None) -> list[RewardClaim]:
    progress = Progress.objects.filter(pk=progress_id, state=ProgressState.ACHIEVED).first()
    if progress is None or progress.achieved_at is None:
        return []
    rules = RewardRule.objects.filter(Q(milestone=None) | Q(milestone=progress.milestone_id), state=RuleState.LIVE, on=RuleOn.MILESTONE).order_by(
        "pk"
    )
    began, claims = progress.offered_at or progress.opened_at, list[RewardClaim]()
    # What a rule found is found at once where the facts were there before; said by a person or a system within a minute, it is not work.
    said = progress.via in (Via.MANUAL, Via.API) and began is not None and progress.achieved_at > began
    mine = RewardClaim.objects.filter(account=progress.account_id, cause__startswith=f"milestone:{progress.milestone_id}:")
    had = list(mine.values_list("rule_id", "cause", "state"))
    who = who_did(progress.account_id, progress.achieved_at)
    for rule in rules:
        # Reached again after it was taken back is another cause; told twice is the same.
        again = sum(rule_id == rule.pk and state == ClaimState.REVERSED for rule_id, _, state in had)
        key = f"milestone:{progress.milestone_id}:{again}"
        if any((rule_id, cause) == (rule.pk, key) for rule_id, cause, _ in had):
            continue
        cause = Cause(
            account_id=progress.account_id,
            key=key,
            at=progress.achieved_at,
            asked=rule.amount,
            contact_id=who,
            proven=progress.via == Via.RULE or bool(progress.proof),
            took=progress.achieved_at - began if said and began else None,
        )
        claim = settle(rule, cause, actor=actor, now=now, event=event, looked=True)
        claims += [claim] if claim else []
    return claims


def take_back(*, account_id: int, milestone_id: int, reason: str, actor: Actor, now: datetime, event: Event | None = None) -> int:
    """A milestone does not hold any more, if that is so still. Badges stay; the tier follows the points."""
    if Progress.objects.filter(account=account_id, milestone=milestone_id, state=ProgressState.ACHIEVED).exists():
        return 0
    count = reverse_for_milestone(account_id=account_id, milestone_id=milestone_id, reason=reason, actor=actor, now=now, event=event)
    if count:
        tiers.judge([account_id], actor=actor, now=now, event=event)
    return count


def who_did(account_id: int, at: datetime, *, within: timedelta = timedelta(hours=1), activity: str = "") -> int | None:
    """The person whose act (of this name, if one is given) came last before a moment; None where nobody is named."""
    with connection.cursor() as cursor:
        cursor.execute(_WHO, {"account": account_id, "at": at, "since": at - within, "name": activity})
        found = cursor.fetchone()
    return int(found[0]) if found else None


def follow(account_ids: Collection[int], *, actor: Actor, now: datetime, event: Event | None = None) -> None:
    """Tiers, what tiers pay, and badges, in this order."""
    tiers.judge(account_ids, actor=actor, now=now, event=event)
    for rule in live(RuleOn.TIER):
        standings = TierStanding.objects.filter(account__in=account_ids).exclude(tier="").exclude(since=None)
        # A tier pays once for good, however often it is reached; for most it has paid, and settling looks again.
        paid = RewardClaim.objects.filter(account=OuterRef("account"), rule=rule, cause=Concat(Value("tier:"), OuterRef("tier")))
        standings = standings.filter(~Exists(paid))
        for standing in standings.filter(tier=rule.tier) if rule.tier else standings:
            assert standing.since is not None
            settle(rule, Cause(standing.account_id, f"tier:{standing.tier}", standing.since, rule.amount), actor=actor, now=now, event=event)
    badges.give_due(account_ids, actor=actor, now=now, event=event)


def for_streaks(streaks: Collection[Streak], *, actor: Actor, now: datetime) -> int:
    """What full weeks in a row pay. A rule pays once per streak: the week it began names it."""
    count = 0
    rules = live(RuleOn.STREAK)
    had = RewardClaim.objects.filter(account__in={streak.account_id for streak in streaks}, rule__in=rules).order_by()
    last = {(account, rule): day for account, rule, day in had.values_list("account_id", "rule_id").annotate(last=Max("day"))}
    for streak in streaks:
        for rule in rules:
            if streak.step == Step.WEEK and streak.through and rule.weeks and streak.length >= rule.weeks:
                began = streak.through - timedelta(weeks=streak.length - 1)
                if (paid := last.get((streak.account_id, rule.pk))) is None or paid < began:
                    cause = Cause(streak.account_id, f"streak:{rule.weeks}:{streak.through}", now, rule.amount)
                    count += settle(rule, cause, actor=actor, now=now) is not None
    return count


def for_activity(account_ids: Collection[int], *, actor: Actor, now: datetime, event: Event | None = None) -> int:
    """What these accounts' acts of the last days pay: each day's worth less what it has had, so that late, repeated and replayed tellings agree."""
    count = 0
    today = now.astimezone(UTC).date()
    for rule in live(RuleOn.ACTIVITY):
        with connection.cursor() as cursor:
            asked: dict[str, Any] = {"rule": rule.pk, "name": rule.activity, "since": today - LATE, "until": today, "accounts": list(account_ids)}
            cursor.execute(_ACTS, asked)
            days = cursor.fetchall()
        for account_id, day, acts in sorted(days):
            count += _day(rule, account_id, day, acts, actor=actor, now=now, event=event)
    if count:
        follow(account_ids, actor=actor, now=now, event=event)
    return count


def _day(rule: RewardRule, account_id: int, day: date, acts: int, *, actor: Actor, now: datetime, event: Event | None) -> int:
    key = f"act:{day}:{acts}"
    earned = day_amount(acts, each=rule.amount, usual=rule.usual_acts, decay=rule.decay, cap=rule.daily_cap)
    with transaction.atomic():
        ledger.hold_accounts([account_id])
        had = RewardClaim.objects.filter(account=account_id, rule=rule, day=day).aggregate(sum=Sum("asked"))["sum"] or Decimal()
        more = earned - had
        if more < 1:
            # Less than a whole point waits for the next act.
            return 0
        at = min(datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=UTC), now)
        who = who_did(account_id, at, within=timedelta(days=1), activity=rule.activity)
        cause = Cause(account_id, key, at, more, contact_id=who, activity=rule.activity)
        return int(settle(rule, cause, actor=actor, now=now, event=event) is not None)


def learn_usual(*, now: datetime) -> int:
    """The daily job: what nine of ten days of honest customers stay within, per rule. Returns how many rules changed."""
    changed = 0
    for rule in RewardRule.objects.filter(on=RuleOn.ACTIVITY):
        with connection.cursor() as cursor:
            cursor.execute(_HONEST, {"name": rule.activity, "since": (now - _HONEST_DAYS).date()})
            found = usual_acts([row[0] for row in cursor.fetchall()])
        changed += RewardRule.objects.filter(pk=rule.pk).exclude(usual_acts=found).update(usual_acts=found)
    return changed


def sweep(*, actor: Actor, now: datetime, limit: int = 500) -> int:
    """Milestones reached within a week of which a live rule knows nothing: a handler that failed for good, or a rule that was let pay meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(_UNSETTLED, {"since": now - timedelta(days=7), "before": now - timedelta(minutes=10), "limit": limit})
        found = [row[0] for row in cursor.fetchall()]
    return sum(len(for_milestone(progress_id=pk, actor=actor, now=now)) for pk in found)
