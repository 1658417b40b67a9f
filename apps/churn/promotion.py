"""The gate between a model and its work: what it must show against chance, the rule, its own words, and the champion."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from .gate import Finding
from .scoring import measures

# One-sided 95 %: how far above chance a ranking must stand on unseen dates.
_BEYOND_CHANCE = 1.645
# How much a model may fall behind the rule: its probabilities are worth a hair of ranking.
_BEHIND_RULE = 0.01
# Told and actual rates may differ by this on average, beyond what luck explains at this size, and in sum by this factor.
_CALIBRATION = 0.03
_RATIO = (0.8, 1.25)
_LEAST_FOR_RATIO = 25
_DRAWS = 500
# Of equal challengers one in forty gets in, half of what is allowed: the bound itself rests on a few dozen leavers.
_DOUBT = 0.025
# A champion that learned so long ago gives way to one that is as good: the world has moved on.
REFRESH = timedelta(days=90)
_AS_GOOD = -0.01

Figures = Mapping[str, float]


@dataclass(frozen=True)
class Duel:
    """The challenger's AUC less the champion's on the same rows, its one-sided 97.5 % bound, and the Brier scores' difference (below 0 is better)."""

    gain: float
    least: float
    brier: float
    leavers: int

    @property
    def words(self) -> str:
        return f"AUC {self.gain:+.3f} against the champion (at least {self.least:+.3f} with 97.5 % certainty; {self.leavers} leavers)"


def duel(labels: np.ndarray, dates: np.ndarray, accounts: np.ndarray, challenger: np.ndarray, champion: np.ndarray) -> Duel:
    """Paired bootstrap by account: both are judged by the same 500 samples, so what they share cancels out."""
    drawn = measures.draws(accounts, _DRAWS)
    apart = measures.drawn_auc(labels, challenger, dates, drawn) - measures.drawn_auc(labels, champion, dates, drawn)
    gain = measures.auc(labels, challenger, dates) - measures.auc(labels, champion, dates)
    brier = float(np.mean((challenger - labels) ** 2) - np.mean((champion - labels) ** 2))
    return Duel(gain, float(np.quantile(apart, _DOUBT)), brier, len(np.unique(accounts[labels == 1])))


def against_nothing(model: Figures, hand: Figures, nothing: Figures, others: Figures, findings: Sequence[Finding]) -> tuple[str, str]:
    """(why it must not work, or nothing; what was found): the checks that hold whoever scores now."""
    found = (
        f"the model ranks leavers with AUC {model['auc']:.3f} (chance 0.5 ± {model['chance_error']:.3f}, "
        f"rule {hand['auc']:.3f}; {others['auc']:.3f} ± {others['chance_error']:.3f} between accounts), "
        f"Brier score {model['brier']:.4f} (the same chance for everybody: {nothing['brier']:.4f})."
    )
    if any(figures["auc"] <= 0.5 + _BEYOND_CHANCE * figures["chance_error"] for figures in (model, others)):
        return "No usable signal. The ranking is not better than chance", found
    if model["auc"] < hand["auc"] - _BEHIND_RULE:
        return "No usable signal beyond the rule, which ranks better", found
    if model["brier"] > nothing["brier"]:
        return "No usable signal. Its probabilities are worse than the same for everybody", found
    if broken := [finding.words for finding in findings if not finding.passed]:
        return f"Not put to work: {' '.join(broken)}", found
    return _uncalibrated(model), found


def _uncalibrated(model: Figures) -> str:
    allowed = _CALIBRATION + model["calibration_noise"]
    if model["calibration_error"] > allowed:
        return f"Not put to work: told and actual rates differ by {model['calibration_error']:.3f} on average (at most {allowed:.3f})"
    low, high = _RATIO
    # Two standard errors of a count of leavers, beside which a factor says nothing.
    luck = 2 / max(1.0, model["churned_accounts"]) ** 0.5
    ratio = model["predicted_over_actual"]
    if model["churned_accounts"] >= _LEAST_FOR_RATIO and not low - luck <= ratio <= high + luck:
        return f"Not put to work: it tells {ratio:.2f} times as many leavers as there were"
    return ""


def against_champion(found: Duel, *, age: timedelta) -> str:
    """Why the champion keeps its place, or nothing. `age`: how long ago it learned."""
    if found.least > 0:
        return ""
    if age >= REFRESH and found.least > _AS_GOOD and found.brier <= 0:
        return ""
    return f"The champion stays: {found.words}"
