"""Builders of milestones that are reached, rules that pay and budgets to pay from."""

import itertools
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from apps.accounts.models import Account
from apps.milestones import services
from apps.milestones.models import Milestone, MilestoneVersion, Progress, RewardBudget, RewardRule
from apps.milestones.rewards import ledger
from apps.milestones.rewards.granting import Cause
from tests import make

_numbers = itertools.count(1)


def milestone(**fields: Any) -> Milestone:
    number = next(_numbers)
    made = Milestone.objects.create(**{"key": f"result-{number}", "name": f"Result {number}", "state": "live", "position": number, **fields})
    words = {"en": {"name": f"Result {number}", "text": "x"}, "de": {"name": f"Ergebnis {number}", "text": "x"}}
    definition = {"words": words, "value": "It is worth it.", "criteria": {"manual": {"proof": "That it happened"}}}
    made.current = MilestoneVersion.objects.create(
        milestone=made, number=1, definition=definition, created_at=datetime.now().astimezone(), created_by="user:1"
    )
    made.save(update_fields=["current"])
    return made


def reached(account: Account, one: Milestone, *, at: datetime, **fields: Any) -> Progress:
    said = {"state": "achieved", "opened_at": at, "achieved_at": at, "noticed_at": at, "via": "rule", "version": one.current, **fields}
    row, _ = Progress.objects.update_or_create(account=account, milestone=one, defaults=said)
    return row


def rule(now: datetime, **fields: Any) -> RewardRule:
    key = fields.pop("key", f"rule-{next(_numbers)}")
    values = {"name": f"Pays {key}", "on": "milestone", "amount": Decimal(100), "state": "live", **fields}
    return services.write_rule(key=key, fields=values, actor=make.ACTOR, now=now)


def budget(now: datetime, amount: int = 10_000, **fields: Any) -> RewardBudget:
    month = fields.pop("month", date(now.year, now.month, 1))
    return services.plan_budget(month=month, amount=Decimal(amount), actor=make.ACTOR, now=now, **fields)


def cause(account: Account, key: str, at: datetime, asked: int = 100, **fields: Any) -> Cause:
    return Cause(account.pk, key, at, Decimal(asked), **fields)


def has(account: Account, book: str = "account", unit: str = "points", currency: str = "") -> Decimal:
    return ledger.balance(book, unit=unit, currency=currency, account_id=account.pk)
