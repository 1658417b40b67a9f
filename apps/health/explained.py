"""A health in words: its tree with bars, what each rule says, what would change it. Reads the stored contributions; nothing is scored anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from apps.accounts.models import Account
from apps.core.reading import Reading, gather, nothing, read

from . import evidence, registry
from .groups import GroupView, group
from .kept import at, history, view_of
from .models import AccountHealth, HealthModel
from .tree import Dimension, Measured, Tiers, Tree
from .types import By, HealthView, Known, WhenMissing

_HISTORY_DAYS = 90
_LEVERS = 3


@dataclass(frozen=True)
class PartView:
    """One measure: its figure in words, points of 100, weight and contribution in points of the score."""

    key: str
    name: str
    words: str
    known: str
    points: Decimal | None
    weight: Decimal
    contribution: Decimal

    @property
    def counts(self) -> bool:
        return self.points is not None

    @property
    def lost(self) -> Decimal:
        return self.weight - self.contribution


@dataclass(frozen=True)
class DimensionView:
    key: str
    name: str
    weight: int
    points: int | None
    contribution: Decimal
    known: int
    parts: tuple[PartView, ...]

    @property
    def tone(self) -> str:
        return "calm" if self.points is None else "bad" if self.points <= 50 else "warn" if self.points <= 75 else "good"


@dataclass(frozen=True)
class TierView:
    words: str
    points: Decimal
    hit: bool


@dataclass(frozen=True)
class Lever:
    """What would move the score, and by how much."""

    key: str
    words: str
    gain: Decimal

    @property
    def size(self) -> Decimal:
        return abs(self.gain)


@dataclass(frozen=True)
class Step:
    """The measure as it was told at a moment of the past."""

    at: datetime
    words: str
    contribution: Decimal
    score: Decimal | None


@dataclass(frozen=True)
class Card:
    """The health of one account as its page tells it."""

    view: HealthView
    dimensions: tuple[DimensionView, ...]
    levers: tuple[Lever, ...]
    history: tuple[tuple[datetime, float], ...]
    missing: tuple[str, ...]
    group: GroupView | None


@dataclass(frozen=True)
class Why:
    """One measure down to the ground: figure, rule, rows, history, and what would change it."""

    part: PartView
    dimension: DimensionView
    unit: str
    own_weight: int
    rule: str
    missing: str
    audience: str
    tiers: tuple[TierView, ...]
    evidence: evidence.Evidence
    history: tuple[Step, ...]
    levers: tuple[Lever, ...]
    view: HealthView

    @property
    def full(self) -> Decimal:
        """What it weighs where everything is known."""
        return Decimal(self.own_weight * self.dimension.weight) / 100


def card(account: Account, *, now: datetime, moment: datetime | None = None) -> Reading[Card | None]:
    """None before the first score. With a `moment` the health as it was told then."""
    until = moment or now
    found, points, below = yield from gather(
        _view(account, moment),
        history(account.pk, since=until - timedelta(days=_HISTORY_DAYS), until=until),
        group(account.pk) if moment is None else nothing(None),
    )
    if found is None:
        return None
    view, tree = found
    dimensions = _dimensions(tree, view)
    lifts = [lever for dimension in dimensions for part in dimension.parts for lever in _levers(tree, view, part) if lever.gain > 0]
    return Card(
        view=view,
        dimensions=dimensions,
        levers=tuple(sorted(_best(lifts), key=lambda lever: -lever.gain)[:_LEVERS]),
        history=tuple((score.as_of, float(score.score)) for score in points if score.score is not None),
        missing=tuple(part.words for dimension in dimensions for part in dimension.parts if part.known in (Known.MISSING, Known.FILLED)),
        group=below,
    )


def why(account: Account, key: str, *, now: datetime, moment: datetime | None = None) -> Why | None:
    """None where the account has no health, or its model no such measure."""
    found = read(_view(account, moment))
    if found is None:
        return None
    view, tree = found
    for dimension, shown in zip(tree.dimensions, _dimensions(tree, view), strict=True):
        for measure, part in zip(dimension.measures, shown.parts, strict=True):
            if measure.source == key:
                raw = _raw(view, key)
                until = moment or now
                return Why(
                    part=part,
                    dimension=shown,
                    unit=registry.BY_KEY[key].unit,
                    own_weight=measure.weight,
                    rule=_rule_in_words(dimension, measure, int(raw["row"])),
                    missing=str(WhenMissing(measure.missing).label),
                    audience=f"{measure.audience.field} {measure.audience.value}" if measure.audience else "",
                    tiers=_tiers(measure, raw),
                    evidence=evidence.behind(account, key, until=until),
                    history=_steps(account, key, until),
                    levers=tuple(_levers(tree, view, part)),
                    view=view,
                )
    return None


def _view(account: Account, moment: datetime | None) -> Reading[tuple[HealthView, Tree] | None]:
    if moment is not None:
        view = (yield from at([account.pk], moment)).get(account.pk)
        models = HealthModel.objects.filter(pk__in=[view.model_id] if view and view.model_id else [])
        yield models
        model = next(iter(models), None)
    else:
        healths = AccountHealth.objects.filter(account=account, model__isnull=False).select_related("model")
        yield healths
        view, model = next(((view_of(health), health.model) for health in healths), (None, None))
    return (view, model.read()) if view is not None and model is not None else None


def _raw(view: HealthView, key: str) -> dict[str, Any]:
    return next(part for part in view.parts if part["measure"] == key)


def _hundredths(value: int | None) -> Decimal:
    return Decimal(value or 0) / 100


def _dimensions(tree: Tree, view: HealthView) -> tuple[DimensionView, ...]:
    raw = {part["measure"]: part for part in view.parts}
    found = []
    for dimension in tree.dimensions:
        parts = tuple(_part(raw[measure.source]) for measure in dimension.measures)
        weight = sum((part.weight for part in parts), Decimal(0))
        contribution = sum((part.contribution for part in parts), Decimal(0))
        applies = [measure for measure in dimension.measures if raw[measure.source]["known"] != Known.APART]
        known = sum(measure.weight for measure in applies if raw[measure.source]["known"] == Known.KNOWN)
        found.append(
            DimensionView(
                key=dimension.key,
                name=dimension.name,
                weight=dimension.weight,
                points=round(100 * contribution / weight) if weight else None,
                contribution=contribution,
                known=100 * known // sum(measure.weight for measure in applies) if applies else 0,
                parts=parts,
            )
        )
    return tuple(found)


def _part(raw: dict[str, Any]) -> PartView:
    key, known = raw["measure"], raw["known"]
    words = "Does not apply to this account" if known == Known.APART else registry.told(key, raw["value"])
    return PartView(
        key=key,
        name=registry.BY_KEY[key].name,
        words=words,
        known=known,
        points=None if raw["points"] is None else _hundredths(raw["points"]),
        weight=_hundredths(raw["weight"]),
        contribution=_hundredths(raw["contribution"]),
    )


def _tiers(measure: Measured, raw: dict[str, Any]) -> tuple[TierView, ...]:
    tiers = measure.rule.rows[int(raw["row"])]
    if tiers is None:
        return ()
    return tuple(
        TierView(span(tiers, place), _hundredths(points), raw["tier"] == place and raw["known"] == Known.KNOWN)
        for place, points in enumerate(tiers.points)
    )


def span(tiers: Tiers, place: int) -> str:
    """Below 4, 4 to under 8, 8 and more."""
    starts = [registry.plain(start) for start in tiers.starts]
    if not starts:
        return "any value"
    if place == 0:
        return f"below {starts[0]}"
    return f"{starts[place - 1]} to under {starts[place]}" if place < len(starts) else f"{starts[-1]} and more"


def _rule_in_words(dimension: Dimension, measure: Measured, row: int) -> str:
    words = f"{measure.weight} % of {dimension.name}, which is {dimension.weight} % of the score"
    if not measure.rule.by or not measure.rule.starts:
        return words
    starts = measure.rule.starts
    what = "days as a customer" if measure.rule.by == By.TENURE else "days before the renewal"
    span_words = f"under {starts[0]}" if row == 0 else f"{starts[row - 1]} to {starts[row] - 1}" if row < len(starts) else f"{starts[-1]} and more"
    return f"{words}; these tiers hold at {span_words} {what}"


def _levers(tree: Tree, view: HealthView, part: PartView) -> list[Lever]:
    """The nearest tiers above and below in points. Weights stay as they are while the measure is known, so the gain is weight times points."""
    measure, raw = tree.measure(part.key), _raw(view, part.key)
    if measure is None or part.known != Known.KNOWN or raw["tier"] is None:
        return []
    tiers = measure.rule.rows[int(raw["row"])]
    assert tiers is not None
    value, tier = Decimal(str(raw["value"])), int(raw["tier"])
    found = []
    for place in (tier + 1, tier - 1):
        if 0 <= place < len(tiers.points) and tiers.points[place] != tiers.points[tier]:
            to = tiers.starts[place - 1] if place > tier else _just_below(tiers.starts[place], value)
            gain = part.weight * (tiers.points[place] - tiers.points[tier]) / 10_000
            if words := registry.would(part.key, to - value, to):
                found.append(Lever(part.key, words, round(gain, 1)))
    return sorted(found, key=lambda lever: -lever.gain)


def _just_below(start: Decimal, value: Decimal) -> Decimal:
    """The largest value under a tier's start, in the steps that the measure comes in."""
    return start - 1 if value == int(value) and start == int(start) else start - Decimal("0.1")


def _best(levers: Sequence[Lever]) -> list[Lever]:
    best: dict[str, Lever] = {}
    for lever in levers:
        if lever.key not in best or lever.gain > best[lever.key].gain:
            best[lever.key] = lever
    return list(best.values())


def _steps(account: Account, key: str, until: datetime) -> tuple[Step, ...]:
    """How the measure went, newest first; only where its words or its share changed."""
    found: list[Step] = []
    for score in read(history(account.pk, since=until - timedelta(days=_HISTORY_DAYS), until=until)):
        raw = next((part for part in score.parts if part["measure"] == key), None)
        if raw is None:
            continue
        shown = _part(raw)
        step = Step(score.as_of, shown.words, shown.contribution, score.score)
        if not found or (found[-1].words, found[-1].contribution) != (step.words, step.contribution):
            found.append(step)
    return tuple(reversed(found))
