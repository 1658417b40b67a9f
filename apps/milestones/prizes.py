"""The words of rewards and recognition."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.db.models import TextChoices

CENT = Decimal("0.01")
# Accounts that get no rewards for a while, so that it can be said what rewards are worth (apps/experiments).
REWARDS_HOLDOUT = "rewards"


class Unit(TextChoices):
    """What a reward is counted in. Only credits are money; a perk is a right, counted in pieces."""

    POINTS = "points", "points"
    CREDITS = "credits", "credits"
    PERKS = "perks", "perks"


class Book(TextChoices):
    """Where value can stand. It comes from `company` alone; every movement takes from one book and puts into another."""

    COMPANY = "company", "the company"
    BUDGET = "budget", "a month's budget"
    HELD = "held", "waits for a decision"
    ACCOUNT = "account", "the customer has it"
    RESERVED = "reserved", "asked for, not yet handed over"
    REDEEMED = "redeemed", "handed over"
    EXPIRED = "expired", "expired"


class Move(TextChoices):
    """Why value moves; each kind has its way through the books (`WAYS`)."""

    FUND = "fund", "planned for a month"
    RETURN = "return", "left over at the month's end"
    GRANT = "grant", "granted"
    HOLD = "hold", "held back for a decision"
    APPROVE = "approve", "approved"
    REFUSE = "refuse", "refused"
    REVERSE = "reverse", "taken back"
    RESERVE = "reserve", "asked for"
    HAND_OVER = "hand_over", "handed over"
    GIVE_BACK = "give_back", "given back"
    EXPIRE = "expire", "expired"


WAYS: dict[str, tuple[str, str]] = {
    Move.FUND: (Book.COMPANY, Book.BUDGET),
    Move.RETURN: (Book.BUDGET, Book.COMPANY),
    Move.GRANT: (Book.BUDGET, Book.ACCOUNT),
    Move.HOLD: (Book.BUDGET, Book.HELD),
    Move.APPROVE: (Book.HELD, Book.ACCOUNT),
    Move.REFUSE: (Book.HELD, Book.BUDGET),
    Move.REVERSE: (Book.ACCOUNT, Book.BUDGET),
    Move.RESERVE: (Book.ACCOUNT, Book.RESERVED),
    Move.HAND_OVER: (Book.RESERVED, Book.REDEEMED),
    Move.GIVE_BACK: (Book.RESERVED, Book.ACCOUNT),
    Move.EXPIRE: (Book.ACCOUNT, Book.EXPIRED),
}


class RuleOn(TextChoices):
    """What a rule pays for."""

    MILESTONE = "milestone", "a milestone reached"
    TIER = "tier", "a tier reached"
    STREAK = "streak", "a streak kept up"
    ACTIVITY = "activity", "something done, again and again"
    PROMISE = "promise", "what another part of the house promised"


class RuleState(TextChoices):
    LIVE = "live", "live"
    PAUSED = "paused", "paused"


class ClaimState(TextChoices):
    """What became of one cause under one rule."""

    GRANTED = "granted", "granted"
    HELD = "held", "waits for a decision"
    REFUSED = "refused", "refused"
    CAPPED = "capped", "over the cap"
    DENIED = "denied", "no budget left"
    HELD_OUT = "held_out", "held out for comparison"
    REVERSED = "reversed", "taken back"


class Signal(TextChoices):
    """Why a claim looks like gaming."""

    VELOCITY = "velocity", "many claims within an hour"
    CLOCKWORK = "clockwork", "acts like clockwork"
    ONE_PERSON = "one_person", "one person makes nearly all claims"
    REVERSALS = "reversals", "many were taken back"
    TOO_FAST = "too_fast", "reached within moments"
    PROOF = "proof", "proof is missing"
    LIMIT = "limit", "above the limit"


class Step(TextChoices):
    DAY = "day", "working days"
    WEEK = "week", "weeks"


class BadgeFor(TextChoices):
    COUNT = "count", "so many milestones"
    MILESTONE = "milestone", "one milestone"
    TIER = "tier", "a tier"
    STREAK = "streak", "so many weeks in a row"


class ItemState(TextChoices):
    OFFERED = "offered", "offered"
    WITHDRAWN = "withdrawn", "withdrawn"


class RedemptionState(TextChoices):
    ASKED = "asked", "asked for"
    APPROVED = "approved", "approved"
    HANDED_OVER = "handed_over", "handed over"
    REFUSED = "refused", "refused"
    CALLED_OFF = "called_off", "called off"


REDEMPTION_WAYS: dict[str, tuple[str, ...]] = {
    RedemptionState.ASKED: (RedemptionState.APPROVED, RedemptionState.HANDED_OVER, RedemptionState.REFUSED, RedemptionState.CALLED_OFF),
    RedemptionState.APPROVED: (RedemptionState.HANDED_OVER, RedemptionState.REFUSED, RedemptionState.CALLED_OFF),
}


class Level(TextChoices):
    """How far a person's name may be seen: nowhere, by their own team, by their whole company, by other customers too."""

    NONE = "none", "nobody"
    TEAM = "team", "my team"
    COMPANY = "company", "my company"
    PUBLIC = "public", "everybody"


LEVELS = list(Level)


def reaches(level: str, circle: str) -> bool:
    """Whether somebody who chose `level` may be shown in this circle."""
    return Level(level) != Level.NONE and LEVELS.index(Level(level)) >= LEVELS.index(Level(circle))


def month_bounds(month: date) -> tuple[datetime, datetime]:
    """A month's first moment and the first moment after it, UTC."""
    start = datetime(month.year, month.month, 1, tzinfo=UTC)
    return start, start + timedelta(days=monthrange(month.year, month.month)[1])
