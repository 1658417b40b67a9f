"""The impact lab: what plays changed, drawn as intervals around nothing, with what it cost and what would have happened anyway."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from apps.accounts.models import User
from apps.experiments import selectors as experiments
from apps.experiments.selectors import Effect
from apps.interventions.models import Play
from apps.interventions.selectors import impact

# The order of channels that a company takes without learning, which the learning is held against.
LADDER = ("email", "in_app", "sms", "whatsapp", "push", "voice")


@dataclass(frozen=True)
class Bar:
    """An interval between -1 and 1 as per cents of a drawing from left to right; 50 is no effect."""

    low: float
    high: float
    middle: float
    tone: str


@dataclass(frozen=True)
class Told:
    """An effect for people: verdict first, then the two rates with their counts."""

    effect: Effect
    bar: Bar | None
    verdict: str
    points: str


@dataclass(frozen=True)
class Row:
    found: impact.Impact
    goal: Told
    stayed: Told
    saved: str
    arr: str
    per_save: str

    @property
    def judged(self) -> bool:
        """Whether any run is old enough to be counted."""
        return any(arm.n for told in (self.goal.effect, self.stayed.effect) for arm in (told.treated, told.held_out))


def page(user: User, *, days: int, within: int, now: datetime) -> dict[str, Any]:
    rows = [_row(one) for one in impact.of_plays(user, days=days, within=within, now=now)]
    whole = impact.of_everything(user, now=now)
    worth = experiments.policy_worth("channel", other=experiments.fixed_order(LADDER), since=now - timedelta(days=days), until=now)
    sure = [row for row in rows if row.goal.effect.enough]
    return {
        "rows": [row for row in rows if row.judged],
        "young": [row for row in rows if not row.judged],
        "whole": whole,
        "whole_told": told(whole.stayed) if whole else None,
        "worth": worth,
        "ladder": LADDER,
        "sure": len(sure),
        "hour_cost": settings.CSM_HOUR_COST,
        "currency": settings.WORKSPACE_CURRENCY,
    }


def one(user: User, play: Play, *, days: int, within: int, now: datetime) -> Row | None:
    return next((_row(found) for found in impact.of_plays(user, days=days, within=within, now=now) if found.play.pk == play.pk), None)


def _row(found: impact.Impact) -> Row:
    return Row(found, told(found.goal), told(found.stayed), _saved(found), _arr(found), _per_save(found))


def told(effect: Effect) -> Told:
    if effect.difference is None:
        return Told(effect, None, effect.words, "")
    tone = "calm" if not effect.enough else "good" if effect.low > 0 else "bad"
    bar = Bar(50 + 50 * effect.low, 50 + 50 * effect.high, 50 + 50 * effect.difference, tone)
    verdict = "Cannot tell yet" if not effect.enough else "It helps" if effect.low > 0 else "It harms"
    return Told(effect, bar, verdict, f"{_points(effect.difference)} ({_points(effect.low)} to {_points(effect.high)})")


def _points(share: float) -> str:
    return f"{100 * share:+.1f}".replace("-", "−")


def _saved(found: impact.Impact) -> str:
    """Customers who stayed because of it."""
    if found.saved is None:
        return "cannot tell yet"
    middle, low, high = (f"{value:+.0f}".replace("-", "−") for value in found.saved)
    return f"{middle} ({low} to {high})" + ("" if found.stayed.enough else ", cannot tell yet")


def _arr(found: impact.Impact) -> str:
    if found.arr_saved is None:
        return "cannot tell yet"
    middle, low, high = (_money(value) for value in found.arr_saved)
    return f"{middle} ({low} to {high})" + ("" if found.stayed.enough else ", cannot tell yet")


def _per_save(found: impact.Impact) -> str:
    if found.cost.whole is None:
        return "messages cost another currency"
    return "cannot tell yet" if found.per_save is None else _money(found.per_save)


def _money(value: float) -> str:
    return f"{'−' if value < 0 else ''}{settings.WORKSPACE_CURRENCY} {abs(value):,.0f}"
