"""What another part of the house promised to a customer: given to the full amount, once, out of the month's budget like every reward.

Neither pacing nor the holdout of rewards touches it: a promise is kept as it was read. What protects it from abuse is judged where it was promised.
"""

from datetime import UTC, datetime
from decimal import Decimal

from django.db import connection, transaction

from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events.models import Event

from ..models import RewardClaim, RewardRule
from ..types import ClaimState, Move, RuleOn, RuleState, Unit
from . import budgets, ledger, rules
from .granting import entry_of, granted


def promise(*, key: str, name: str, unit: str, currency: str, amount: Decimal, actor: Actor, now: datetime) -> RewardRule:
    """The rule under which a promise is kept; the same promise is the same rule. Inside a transaction."""
    found = RewardRule.objects.filter(key=key).first()
    if found is None:
        # Two that promise the same at once: the second finds what the first wrote.
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"milestones.promise:{key}"])
        found = RewardRule.objects.filter(key=key).first()
    if found is not None and (found.unit, found.currency, found.amount) == (unit, currency, amount):
        return found
    if found is not None:
        raise Refused("promised_otherwise", f"The rule {key} promises something else already; what was promised is not changed.")
    fields = {"name": name[:120], "on": RuleOn.PROMISE, "unit": unit, "currency": currency, "amount": amount, "state": RuleState.LIVE}
    return rules.write(key=key, fields=fields, actor=actor, now=now)


def pay_promised(
    rule: RewardRule,
    *,
    account_id: int,
    cause: str,
    at: datetime,
    contact_id: int | None = None,
    actor: Actor,
    now: datetime,
    event: Event | None = None,
) -> RewardClaim:
    """Give what the rule promises for this cause; told again it is the same claim. Refused where this month's budget has not enough: then it waits,
    and nothing was written.
    """
    with transaction.atomic():
        ledger.hold_accounts([account_id])
        if found := RewardClaim.objects.filter(account=account_id, rule=rule, cause=cause).first():
            return found
        budget = budgets.at(now, unit=rule.unit, currency=rule.currency)
        if budget is None:
            raise Refused("no_budget", f"This month has no budget of {rule.currency or Unit(rule.unit).label}.")
        left = budgets.left(budget, lock=True)
        if left < rule.amount:
            raise Refused("no_budget", f"This month's budget has {left.normalize():f} left, less than the {rule.amount.normalize():f} promised.")
        claim = RewardClaim.objects.create(
            account_id=account_id,
            contact_id=contact_id,
            rule=rule,
            cause=cause,
            day=at.astimezone(UTC).date(),
            at=at,
            asked=rule.amount,
            amount=rule.amount,
            state=ClaimState.GRANTED,
            budget=budget,
            created_at=now,
        )
        moved = ledger.post(entry_of(claim, Move.GRANT, reason=rule.name), actor=actor, now=now)
        if moved is not None:
            granted(claim, moved.pk, actor=actor, now=now, event=event)
    return claim
