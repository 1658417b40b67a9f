"""The back-test: what a version told, months ago, against what happened since.

A model speaks of a world in which nobody steps in, so it is held against accounts that were left alone; those held out by lot stand for the treated,
as in learning. An alarm needs more than chance explains at this size.
"""

from datetime import datetime
from typing import Any

import numpy as np

from . import care
from .matured import Matured, matured
from .models import ModelVersion
from .scoring import judged
from .scoring.judged import Estimate, Told
from .types import Look, ModelKind

# Below so many accounts that left, a figure is mostly chance.
LEAST_LEAVERS = 30
# Told over left may lie between these before plans of work break.
LEAST_RATIO, MOST_RATIO = 0.67, 1.5
# Standard errors of being 99 % sure, on both sides and on one: a look every week gets many tries.
_SURE, _SURE_BELOW = 2.576, 2.326
# What happened lately is judged by itself too, or a good year hides a bad season.
_RECENT = 3
# So many treated rows that nobody stands for cannot move the figures.
_FEW_TREATED = 0.05


def look(version: ModelVersion, *, as_of: datetime) -> Look | None:
    """What came of the version's predictions whose window is over at `as_of`; none where there are none."""
    found = matured(version, as_of=as_of)
    return None if found is None else judge(found, probabilities=version.kind != ModelKind.RULE)


def judge(found: Matured, *, probabilities: bool) -> Look:
    """Figures, whether they are alarming, and both in words. A rule's rank is no probability, so only its order is judged."""
    weights = care.Cared(found.treated, found.held_out, found.told.accounts, found.told.dates).weights
    blurred = bool(weights[found.treated].any()) and float(found.treated.mean()) > _FEW_TREATED
    alone = found.told.weighing(np.where(found.treated, 0.0, weights))
    if not alone.weights.any():
        return Look(_care(found), False, "Somebody tried to keep every one of these customers, so nothing can be told about being left alone.")
    recent = alone.dates >= len(found.days) - _RECENT
    parts = [(alone, found.ranks, "")]
    if recent.any() and not recent.all():
        parts.append((alone.part(recent), found.ranks[recent], f" in the last {_RECENT} months"))
    alarms = [words for told, ranks, when in parts for words in _alarms(told, ranks, when, probabilities=probabilities, blurred=blurred)]
    figures = _figures(found, alone, probabilities=probabilities) | {"blurred": blurred, "few": alone.leavers < LEAST_LEAVERS}
    return Look(figures, bool(alarms), " ".join(alarms) or _calm(alone, probabilities=probabilities, blurred=blurred))


def _alarms(told: Told, ranks: np.ndarray, when: str, *, probabilities: bool, blurred: bool) -> list[str]:
    if told.leavers < LEAST_LEAVERS or not probabilities:
        return []
    made = []
    ratio = judged.ratio(told)
    if ratio is not None and not blurred:
        value = float(np.exp(ratio.value))
        if not LEAST_RATIO <= value <= MOST_RATIO and abs(ratio.value) > _SURE * ratio.error:
            way = "too high" if value > 1 else "too low"
            made.append(f"It tells risks {way}{when}: {_told(told)}.")
    ahead, own, rule = judged.auc_ahead(told, ranks), judged.auc(told), judged.auc(told.saying(ranks))
    if ahead is not None and own is not None and rule is not None and ahead.value < -_SURE_BELOW * ahead.error:
        made.append(f"The weighted rule ranks better{when}: AUC {rule.value:.2f} against {own.value:.2f} of the model, on the same accounts.")
    return made


def _told(told: Told) -> str:
    shown = judged.ratio_shown(judged.ratio(told))
    against = f" (told ÷ left {shown[0]:.2f}, {shown[1]:.2f} to {shown[2]:.2f} within chance)" if shown else ""
    return f"{told.predicted:.1%} told, {told.actual:.1%} left{against}"


def _calm(told: Told, *, probabilities: bool, blurred: bool) -> str:
    if told.leavers < LEAST_LEAVERS:
        return f"{told.leavers} of these customers left, {LEAST_LEAVERS} are needed to tell a wrong model from chance."
    ranking = judged.auc(told)
    ranks = f"Whoever left had been ranked above whoever stayed in {ranking.value:.0%} of pairs" if ranking else "Nobody can be compared"
    if not probabilities:
        return f"{ranks}. A rule tells no probability, so only its order can be judged."
    if blurred:
        return f"{ranks}. Many were treated and too few held out by lot, so whether the probabilities hold cannot be told."
    return f"It holds: {_told(told)}. {ranks}."


def _figures(found: Matured, told: Told, *, probabilities: bool) -> dict[str, Any]:
    auc, rule_auc = judged.auc(told), judged.auc(told.saying(found.ranks))
    counts = told.weights > 0
    figures: dict[str, Any] = {
        "rows": int(counts.sum()),
        "accounts": len(np.unique(told.accounts[counts])),
        "churned_accounts": told.leavers,
        "base_rate": round(told.actual, 5),
        "since": found.days[0].isoformat(),
        "until": found.days[-1].isoformat(),
    }
    if auc:
        figures |= {"auc": round(auc.value, 4), "auc_low": _end(auc, -1), "auc_high": _end(auc, 1)}
    if rule_auc:
        figures["rule_auc"] = round(rule_auc.value, 4)
    if probabilities:
        brier, same = judged.brier(told)
        figures |= {"predicted": round(told.predicted, 5), "brier": round(brier, 5), "brier_same_for_all": round(same, 5)}
        figures |= _ratio(told)
        figures["groups"] = [{key: round(value, 5) for key, value in group.items()} for group in judged.groups(told)]
        figures["months"] = [_month(told.part(told.dates == place), day.isoformat()) for place, day in enumerate(found.days)]
    return figures | _care(found)


def _end(found: Estimate, side: int) -> float:
    return round(min(1.0, max(0.0, found.value + side * judged.WIDE * found.error)), 4)


def _ratio(told: Told) -> dict[str, float]:
    shown = judged.ratio_shown(judged.ratio(told))
    return dict(zip(("predicted_over_actual", "ratio_low", "ratio_high"), (round(value, 3) for value in shown), strict=True)) if shown else {}


def _month(told: Told, day: str) -> dict[str, Any]:
    if not told.weights.any():
        return {"day": day, "rows": 0}
    low, high = judged.share_between(told)
    return {
        "day": day,
        "rows": int((told.weights > 0).sum()),
        "churned_accounts": told.leavers,
        "predicted": round(told.predicted, 5),
        "actual": round(told.actual, 5),
        "low": round(low, 5),
        "high": round(high, 5),
    }


def _care(found: Matured) -> dict[str, Any]:
    """The treated and the held out by themselves: what plays save is the gap between what was told and what came, in the one and not in the other."""
    told = {"treated": found.treated, "held_out": found.held_out}
    return {name: _aside(found.told.part(chosen)) for name, chosen in told.items()}


def _aside(told: Told) -> dict[str, Any]:
    if not len(told):
        return {"rows": 0}
    return {"rows": len(told), "churned_accounts": told.leavers, "predicted": round(told.predicted, 5), "base_rate": round(told.actual, 5)}
