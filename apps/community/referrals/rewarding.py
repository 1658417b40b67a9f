"""What each side gets, once: the row per side says what is promised, the ledger of rewards holds the value."""

from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.models import Event
from apps.events.vocabulary import ReferralRewarded
from apps.milestones import services as milestones

from ..models import Advocate, Referral, ReferralReward
from ..types import ReferralRewardState, Side
from . import programs
from .definition import Definition

# What counts against an advocate's caps.
_COUNTS = (ReferralRewardState.DUE, ReferralRewardState.ISSUED)


def promise_both(referral: Referral, *, actor: Actor, now: datetime, event: Event | None = None) -> None:
    """An approved referral: one row for each side that is promised something, and what the budget has is given at once."""
    rules = programs.says(referral.version)
    # Caps are counted by one at a time.
    Advocate.objects.select_for_update(no_key=True).get(pk=referral.advocate_id)
    for side in Side:
        promised = rules.promised(side)
        if promised is None:
            continue
        account_id = referral.account_id if side == Side.ADVOCATE else referral.friend_account_id
        capped = _over_cap(referral, rules, now=now) if side == Side.ADVOCATE else ""
        row, created = ReferralReward.objects.get_or_create(
            referral=referral,
            side=side,
            defaults={
                "account_id": account_id,
                "unit": promised.unit,
                "currency": promised.currency,
                "amount": promised.amount,
                "state": ReferralRewardState.CAPPED if capped else ReferralRewardState.DUE,
                "reason": capped,
                "due_at": now,
            },
        )
        if created and row.state == ReferralRewardState.DUE:
            issue(row, actor=actor, now=now, event=event)


def _over_cap(referral: Referral, rules: Definition, *, now: datetime) -> str:
    mine = ReferralReward.objects.filter(referral__advocate=referral.advocate_id, side=Side.ADVOCATE, state__in=_COUNTS)
    mine = mine.exclude(referral=referral)
    if rules.per_advocate is not None and mine.count() >= rules.per_advocate:
        return f"At most {rules.per_advocate} rewards for one advocate."
    month = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    if rules.per_month is not None and mine.filter(due_at__gte=month).count() >= rules.per_month:
        return f"At most {rules.per_month} rewards for one advocate in a month."
    return ""


def issue(reward: ReferralReward, *, actor: Actor, now: datetime, event: Event | None = None) -> bool:
    """Give what is due, through the ledger; False where it waits for an account or for a budget. Whoever comes second finds it given."""
    with transaction.atomic():
        row = (
            ReferralReward.objects.select_for_update(of=("self",))
            .select_related("referral__version__program", "referral__advocate")
            .get(pk=reward.pk)
        )
        if row.state != ReferralRewardState.DUE:
            return False
        referral = row.referral
        account_id = row.account_id or (referral.friend_account_id if row.side == Side.FRIEND else None)
        if account_id is None:
            return _waits(row, "The friend has no account here yet.")
        rule = programs.rule_of(referral.version, row.side, actor=actor, now=now)
        assert rule is not None
        contact_id = referral.advocate.contact_id if row.side == Side.ADVOCATE else None
        paid: dict[str, Any] = {"account_id": account_id, "contact_id": contact_id, "at": referral.valued_at or now}
        try:
            claim = milestones.pay_promised(rule, cause=f"referral:{referral.pk}:{row.side}", actor=actor, now=now, event=event, **paid)
        except Refused as refusal:
            return _waits(row, refusal.message)
        row.claim, row.account_id, row.state, row.issued_at, row.reason = claim, account_id, ReferralRewardState.ISSUED, now, ""
        row.save(update_fields=["claim", "account", "state", "issued_at", "reason"])
        _say(row, account_id, f"{row.amount.normalize():f}", actor=actor, now=now, event=event)
    return True


def _waits(row: ReferralReward, reason: str) -> bool:
    ReferralReward.objects.filter(pk=row.pk).update(reason=reason[:250])
    return False


def issue_due(*, actor: Actor, now: datetime, limit: int = 500) -> int:
    """The job: what waited for an account or a budget, oldest first. Returns how many were given."""
    due = ReferralReward.objects.filter(state=ReferralRewardState.DUE).order_by("due_at", "pk")[:limit]
    return sum(issue(row, actor=actor, now=now) for row in due)


def take_back(referral: Referral, *, reason: str, actor: Actor, now: datetime, event: Event | None = None) -> None:
    """The referral is void: what was given is reversed in the ledger, what was due is not given. Inside the caller's transaction."""
    for row in ReferralReward.objects.select_for_update(of=("self",)).filter(referral=referral).select_related("claim").order_by("pk"):
        if row.state not in _COUNTS:
            continue
        was_given = row.state == ReferralRewardState.ISSUED
        if was_given and row.claim is not None:
            milestones.reverse(row.claim, reason=reason, actor=actor, now=now, event=event)
        ReferralReward.objects.filter(pk=row.pk).update(state=ReferralRewardState.REVERSED, reason=reason[:250], reversed_at=now)
        if was_given and row.account_id is not None:
            _say(row, row.account_id, f"-{row.amount.normalize():f}", actor=actor, now=now, event=event)


def _say(row: ReferralReward, account_id: int, amount: str, *, actor: Actor, now: datetime, event: Event | None) -> None:
    said = ReferralRewarded(
        account_id=account_id,
        referral_id=row.referral_id,
        program=row.referral.program.key,
        side=Side(row.side).value,
        amount=amount,
        unit=row.currency or row.unit,
    )
    events.publish(said, actor=actor, now=now, cause=event)
