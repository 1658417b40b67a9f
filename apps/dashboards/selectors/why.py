"""Why an account's risk is what it is: the reasons that a score was told with, apart by whether somebody can act on them, and how they moved."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from apps.accounts.models import Account
from apps.churn import selectors as churn
from apps.churn.models import Prediction
from apps.churn.types import Band, ModelKind
from apps.core.reading import Reading

from ..types import Spark
from .sparks import line

_DAYS = 90
_MOST_SCORES = 200
_STEPS = 8
# A step of the history is a new band, or a move of at least so many points of 100.
_A_STEP = 3
_SHIFTS = 4
_WEEK = timedelta(days=7)
# Where a raw row is looked at.
_DOORS = {
    "event": "admin:accounts_activityevent_change",
    "survey": "admin:accounts_surveyresponse_change",
    "ticket": "admin:accounts_ticket_change",
    "invoice": "admin:accounts_invoice_change",
    "contact": "admin:accounts_contact_change",
    "note": "admin:accounts_note_change",
    "message": "admin:messaging_message_change",
    "health": "admin:health_healthscore_change",
    "milestone": "admin:milestones_progress_change",
    "change": "admin:events_change_change",
    "account": "admin:accounts_account_change",
}
_IN_STORY = {
    "support": "ticket",
    "tickets": "ticket",
    "answers": "ticket",
    "nps": "survey",
    "csat": "survey",
    "payment": "billing",
    "invoices": "billing",
    "messages": "message",
    "words": "note",
    "milestones": "milestone",
}


@dataclass(frozen=True)
class ReasonView:
    """One signed contribution: how long its bar is (0-100 of the strongest), and its size in words."""

    feature: str
    words: str
    raises: bool
    share: int
    size: str


@dataclass(frozen=True)
class ShiftView:
    words: str
    raises: bool
    size: str


@dataclass(frozen=True)
class Week:
    """The score about a week before, and what moved since; where another version told it, its reasons cannot be compared."""

    at: datetime
    points: int
    change: int
    shifts: tuple[ShiftView, ...]
    told_by: str


@dataclass(frozen=True)
class Step:
    """A moment at which the score moved."""

    at: datetime
    points: int
    band: str
    word: str
    change: int | None
    words: str


@dataclass(frozen=True)
class WhyView:
    """A score with its reasons, as it was told. `low` and `high` are points of 100, none where no interval is known."""

    prediction: Prediction
    points: int
    low: int | None
    high: int | None
    is_rule: bool
    source: str
    stale: bool
    horizon: int
    acted_on: tuple[ReasonView, ...]
    given: tuple[ReasonView, ...]
    week: Week | None
    steps: tuple[Step, ...]
    spark: Spark | None

    @property
    def shown(self) -> str:
        return str(self.points) if self.is_rule else f"{self.points} %"

    @property
    def word(self) -> str:
        return str(Band(self.prediction.band).label)


def why(account: Account, *, now: datetime, past: bool = False) -> Reading[WhyView | None]:
    """Of the present risk, or of the one that was known at a moment of the past; None where there is none. Needs `select_related("risk")`."""
    told = _told(account, now, past=past).select_related("model__definition").defer("model__parameters", "model__golden", "model__metrics")
    scores = Prediction.objects.filter(account=account, as_of__lte=now, as_of__gte=now - timedelta(days=_DAYS)).select_related("model__definition")
    history = scores.defer("model__parameters", "model__golden", "model__metrics").order_by("-as_of", "-id")[:_MOST_SCORES]
    yield told, history
    prediction = next(iter(told), None)
    if prediction is None:
        return None
    model = prediction.model
    earlier = [one for one in history if one.model.definition_id == model.definition_id and one.as_of <= prediction.as_of]
    reasons = _reasons(prediction)
    return WhyView(
        prediction=prediction,
        points=_points(prediction.probability),
        low=None if prediction.low is None else _points(prediction.low),
        high=None if prediction.high is None else _points(prediction.high),
        is_rule=model.kind == ModelKind.RULE,
        source=str(model),
        stale=not past and account.risk.stale_since is not None,
        horizon=model.definition.horizon_days,
        acted_on=tuple(told for told, static in reasons if not static),
        given=tuple(told for told, static in reasons if static),
        week=_week(prediction, earlier),
        steps=_steps(earlier),
        spark=_spark(earlier),
    )


def _told(account: Account, now: datetime, *, past: bool) -> QuerySet[Prediction]:
    if past:
        known = Prediction.objects.filter(account=account, model__definition__is_default=True, as_of__lte=now)
        return known.order_by("-as_of", "-id")[:1]
    return Prediction.objects.filter(accountrisk__account=account)


def _points(probability: float) -> int:
    return round(100 * probability)


def _reasons(prediction: Prediction) -> list[tuple[ReasonView, bool]]:
    """The reasons in the order they were told, each with whether it is what the account is rather than what it does."""
    rule = prediction.model.kind == ModelKind.RULE
    parts = [reason for reason in prediction.reasons if float(reason.get("contribution", 0))]
    strongest = max((abs(float(reason["contribution"])) for reason in parts), default=1.0)
    return [
        (
            ReasonView(
                feature=str(reason["feature"]),
                words=str(reason["words"]),
                raises=reason["contribution"] > 0,
                share=round(100 * abs(float(reason["contribution"])) / strongest),
                size=size(float(reason["contribution"]), rule=rule),
            ),
            churn.is_static(churn.describe(str(reason["feature"])).family),
        )
        for reason in parts
    ]


def size(contribution: float, *, rule: bool) -> str:
    """Points of 100 for the rule; for a model, by what the odds of leaving are multiplied."""
    return f"{contribution:+.1f} points".replace("-", "−") if rule else f"odds × {math.exp(max(-9.0, min(9.0, contribution))):.2f}"


def _week(prediction: Prediction, earlier: Sequence[Prediction]) -> Week | None:
    """The newest score of the week before the last, by the same kind of model: what the arrow beside the pill compares with."""
    latest, first = prediction.as_of - _WEEK, prediction.as_of - 2 * _WEEK
    before = next((one for one in earlier if first < one.as_of <= latest and one.model.kind == prediction.model.kind), None)
    if before is None:
        return None
    rule, same = prediction.model.kind == ModelKind.RULE, before.model_id == prediction.model_id
    moved = churn.shifts(prediction.reasons, before.reasons)[:_SHIFTS] if same else []
    return Week(
        at=before.as_of,
        points=_points(before.probability),
        change=_points(prediction.probability) - _points(before.probability),
        shifts=tuple(
            ShiftView(one.words, one.change > 0, size(one.change, rule=rule)) for one in moved if abs(one.change) >= (0.5 if rule else 0.02)
        ),
        told_by="" if same else str(before.model),
    )


def _steps(newest_first: Sequence[Prediction]) -> tuple[Step, ...]:
    """Where the score moved, newest first, with the reason that moved most since the step before."""
    steps: list[Step] = []
    kept: Prediction | None = None
    for one in reversed(newest_first):
        change = None if kept is None else _points(one.probability) - _points(kept.probability)
        if kept is not None and one.band == kept.band and abs(change or 0) < _A_STEP:
            continue
        if kept is None:
            words = "The first score of these weeks"
        elif kept.model_id != one.model_id:
            words = f"{one.model} speaks from here on"
        else:
            moved = churn.shifts(one.reasons, kept.reasons)
            words = next((shift.words for shift in moved if (shift.change > 0) == ((change or 0) > 0)), "")
        steps.append(Step(one.as_of, _points(one.probability), one.band, str(Band(one.band).label), change, words))
        kept = one
    return tuple(reversed(steps[-_STEPS:]))


def _spark(newest_first: Sequence[Prediction]) -> Spark | None:
    if len(newest_first) < 2:
        return None
    points = [float(_points(one.probability)) for one in reversed(newest_first)]
    return line(points, most=100, words=f"Risk over the last {len(points)} scores: from {points[0]:.0f} to {points[-1]:.0f}")


@dataclass(frozen=True)
class FactView:
    fact: Any
    url: str


@dataclass(frozen=True)
class Bar:
    """A week of the twelve before the score, in a 120 x 40 box."""

    x: float
    y: float
    height: float
    counted: bool
    words: str


@dataclass(frozen=True)
class BehindView:
    """The rows behind one reason, with doors. `in_story` is the part of the account's address that shows the same in the story."""

    behind: Any
    words: str
    raises: bool
    size: str
    facts: tuple[FactView, ...]
    beside: tuple[FactView, ...]
    bars: tuple[Bar, ...]
    compared: bool
    in_story: str
    prediction: Prediction


def behind(prediction: Prediction, feature: str, *, before: str = "") -> Reading[BehindView | None]:
    """None where the score was not told with this reason."""
    reason = next((one for one in prediction.reasons if one.get("feature") == feature), None)
    if reason is None:
        return None
    found = yield from churn.why.behind(prediction.account, feature, as_of=prediction.as_of, known=prediction.created_at, before=before)
    kind = _IN_STORY.get(found.family, "activity" if found.weeks else "change")
    day = f"&day={found.last.isoformat()}" if found.last else ""
    return BehindView(
        behind=found,
        words=str(reason["words"]),
        raises=reason["contribution"] > 0,
        size=size(float(reason["contribution"]), rule=prediction.model.kind == ModelKind.RULE),
        facts=tuple(_with_door(fact) for fact in found.facts),
        beside=tuple(_with_door(fact) for fact in found.beside),
        bars=_bars(found),
        compared=any(name.usual is not None for name in found.names),
        in_story=f"?kind={kind}{day}",
        prediction=prediction,
    )


def _with_door(fact: Any) -> FactView:
    return FactView(fact, reverse(_DOORS[fact.kind], args=[fact.key]))


def _bars(found: Any) -> tuple[Bar, ...]:
    """Weeks as bars; those in which the figure was counted are marked."""
    if not any(found.weeks):
        return ()
    most, weeks = max(found.weeks), len(found.weeks)
    window = (found.last - found.first).days + 1
    bars = []
    for place, count in enumerate(found.weeks):
        ago = weeks - place
        high = max(1.0, round(36 * count / most, 1)) if count else 0.0
        words = f"{'the last week' if ago == 1 else f'{ago} weeks before'}: {count}"
        bars.append(Bar(place * 10 + 1, 40 - high, high, 7 * (ago - 1) < window, words))
    return tuple(bars)
