"""The demo company's rewards: rules and budgets since the replay began, what customers asked for, what staff decided, who lets their name be seen."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from apps.accounts.models import Account, Contact
from apps.core.actor import Actor
from apps.core.shares import position
from apps.experiments import services as experiments
from apps.milestones import services as milestones
from apps.milestones.models import CatalogueItem, Milestone, Redemption, RewardBalance, RewardClaim
from apps.milestones.types import REWARDS_HOLDOUT, Book, ClaimState, RedemptionState

ACTOR = Actor.job("demo_world")
# Points of a month per customer, so that a company of any size has a budget that fits.
_POINTS_EACH, _CREDITS_EACH = 110, Decimal("3.5")
_HELD_OUT_PERCENT = 10.0
# Of the people: who lets their name be seen, and how far. Most say nothing.
_UP_TO = ((0.12, "team"), (0.18, "company"), (0.40, "public"))
_BY_NAME = 0.6
# Of accounts that can afford something, so many ask for it within a week; what is asked for is handed over within days.
_ASKS, _HANDED_OVER_AFTER, _DECIDED_AFTER = 0.04, timedelta(days=6), timedelta(days=9)

_RULES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("any-milestone", {"name": "A milestone reached", "on": "milestone", "amount": 100, "varies": True, "streak_counts": True, "expires_days": 365}),
    ("value-confirmed", {"name": "Value confirmed with a number", "on": "milestone", "amount": 400, "approve_above": 300, "needs_proof": True}),
    ("value-credit", {"name": "Credit for a confirmed value", "on": "milestone", "amount": 25, "unit": "credits", "currency": "USD"}),
    ("tier-reached", {"name": "A tier reached", "on": "tier", "amount": 50}),
    ("four-weeks", {"name": "Four weeks in a row", "on": "streak", "weeks": 4, "amount": 30}),
)
_TIERS = (("bronze", "Bronze", 100), ("silver", "Silver", 300), ("gold", "Gold", 700))
_BADGES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("first-result", {"name": "First result", "given_for": "count", "at_least": 1}),
    ("five-results", {"name": "Five results", "given_for": "count", "at_least": 5}),
    ("steady", {"name": "Twelve steady weeks", "given_for": "streak", "at_least": 12}),
    ("golden", {"name": "Gold", "given_for": "tier", "tier": "gold"}),
)
_ITEMS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("coffee", {"name": "Coffee for the whole team", "cost": 80, "stock": None}),
    ("workshop", {"name": "An hour's workshop on your own data", "cost": 150, "stock": 40}),
    ("early-access", {"name": "Early access to the next release", "cost": 200, "stock": None, "tier": "silver"}),
    ("conference", {"name": "A seat at the customer day", "cost": 600, "stock": 6, "tier": "gold"}),
)
_BOARDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("team", {"name": "My team", "circle": "team", "least": 3}),
    ("everybody", {"name": "Practices on the same plan", "circle": "public", "cohort": "plan", "days": 90}),
)


def open_prizes(first: datetime, now: datetime) -> None:
    """Rules, budgets of every month the replay lives through, tiers, badges, the catalogue and boards; a tenth of the customers is held out."""
    for key, fields in _RULES:
        of = {"milestone": Milestone.objects.filter(key="value-confirmed").first()} if key.startswith("value") else {}
        milestones.write_rule(key=key, fields={**fields, **of, "amount": Decimal(fields["amount"]), "state": "live"}, actor=ACTOR, now=first)
    for key, name, threshold in _TIERS:
        milestones.write_tier(key=key, fields={"name": name, "threshold": Decimal(threshold)}, actor=ACTOR, now=first)
    writers: tuple[tuple[Callable[..., object], tuple[tuple[str, dict[str, Any]], ...]], ...] = (
        (milestones.write_badge, _BADGES),
        (milestones.write_item, _ITEMS),
        (milestones.write_board, _BOARDS),
    )
    for write, rows in writers:
        for key, fields in rows:
            write(key=key, fields={name: Decimal(value) if name == "cost" else value for name, value in fields.items()}, actor=ACTOR, now=first)
    count, month = Account.objects.at_risk().count(), first.date().replace(day=1)
    while month <= now.date():
        for unit, currency, amount in (("points", "", Decimal(count * _POINTS_EACH)), ("credits", "USD", count * _CREDITS_EACH)):
            worth = Decimal("0.05") if unit == "points" else Decimal(1)
            milestones.plan_budget(
                month=month, amount=amount.quantize(Decimal(1)), unit=unit, currency=currency, unit_worth=worth, actor=ACTOR, now=first
            )
        month = (month + timedelta(days=32)).replace(day=1)
    experiments.draw_holdout(key=REWARDS_HOLDOUT, share_percent=_HELD_OUT_PERCENT, reason="What do rewards bring?", actor=ACTOR, now=first)
    holidays = date(now.year, 12, 24)
    milestones.pause_streak(starts_on=holidays, ends_on=holidays + timedelta(days=9), reason="Around the new year", actor=ACTOR, now=now)
    for person in Contact.objects.filter(departed_on=None).order_by("pk"):
        share = position("recognition", person.external_id)
        level = next((level for most, level in _UP_TO if share < most), None)
        if level is not None:
            by_name = position("by-name", person.external_id) < _BY_NAME
            milestones.choose_recognition(contact=person, level=level, by_name=by_name, actor=Actor.contact(person.pk), now=first)


def live(now: datetime, *, weekly: bool) -> None:
    """Streaks (once a week), boards and the month's turn; customers ask, staff hand over and decide."""
    milestones.close_months(actor=ACTOR, now=now)
    if weekly:
        milestones.count_all_streaks(actor=ACTOR, now=now)
    items = list(CatalogueItem.objects.order_by("cost"))
    rich = RewardBalance.objects.filter(book=Book.ACCOUNT, unit="points", amount__gte=items[0].cost).select_related("account").order_by("account_id")
    for row in rich:
        share = position(f"asks:{now.date()}", row.account_id)
        wanted = [item for item in items if item.cost <= row.amount and not item.tier and item.stock != 0]
        if wanted and share < _ASKS and row.account is not None:
            item = CatalogueItem.objects.get(pk=wanted[int(share / _ASKS * len(wanted))].pk)
            if item.stock != 0:
                key = f"demo:{row.account_id}:{now.date()}"
                milestones.redeem(account=row.account, item=item, idem_key=key, actor=ACTOR, now=now)
    for asked in Redemption.objects.filter(state=RedemptionState.ASKED).select_related("account__owner"):
        if now - asked.asked_at > _HANDED_OVER_AFTER * (0.5 + position("hands", asked.pk)):
            milestones.hand_over(asked, actor=_owner(asked.account), now=now)
    for claim in RewardClaim.objects.filter(state=ClaimState.HELD).select_related("account__owner", "rule"):
        if now - claim.created_at > _DECIDED_AFTER * (0.5 + position("decides", claim.pk)):
            milestones.approve(claim, note="The review call says so", actor=_owner(claim.account), now=now)
    milestones.reckon_all(now=now)


def _owner(account: Account) -> Actor:
    return Actor.user(account.owner) if account.owner else ACTOR
