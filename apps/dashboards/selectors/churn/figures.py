"""How good a model is, in words: every figure beside what doing nothing would give, and the sentence that sums them up."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.churn.models import ModelVersion
from apps.churn.types import ModelKind

# Beyond this the stated and the actual rates differ so much that a probability misleads.
WELL_CALIBRATED = 0.03


@dataclass(frozen=True)
class Figure:
    """One measure: what was found, how to read it, and what doing nothing gives. `better` is None where it cannot be told."""

    key: str
    name: str
    shown: str
    words: str
    nothing: str
    better: bool | None = None


def own(version: ModelVersion) -> Mapping[str, Any]:
    """The figures of the way of scoring that the version is; older versions do not say which of the candidates was chosen."""
    candidates = version.metrics.get("candidates") or {}
    found: Mapping[str, Any] = candidates.get(version.metrics.get("chosen") or version.kind) or {}
    return found


def figures(version: ModelVersion) -> list[Figure]:
    found = own(version)
    candidates = version.metrics.get("candidates") or {}
    hand = candidates.get("rule") or {}
    made = (_lift(found, hand), _precision(found), _auc(found, hand), _skill(found, candidates.get("nothing") or {}), _calibration(found))
    return [figure for figure in (*made, _accuracy(found)) if figure]


def _lift(found: Mapping[str, Any], hand: Mapping[str, Any]) -> Figure | None:
    if (lift := found.get("lift_10")) is None:
        return None
    held = min(1.0, lift / 10)
    rule = f"; the rule {hand['lift_10']:.1f}" if hand.get("lift_10") is not None and hand is not found else ""
    return Figure(
        "lift",
        "Lift at the top tenth",
        f"{lift:.1f} ×",
        f"The riskiest tenth of the list holds {100 * held:.0f} % of the leavers.",
        f"by chance 1.0{rule}",
        lift > 1.2,
    )


def _precision(found: Mapping[str, Any]) -> Figure | None:
    if (precision := found.get("average_precision")) is None:
        return None
    base = found.get("base_rate")
    return Figure(
        "precision",
        "PR-AUC",
        f"{precision:.2f}",
        "The share of true leavers among those called, averaged over how many of them are to be reached.",
        f"by chance {base:.2f}, the share that leaves" if base is not None else "",
        None if base is None else precision > base,
    )


def _auc(found: Mapping[str, Any], hand: Mapping[str, Any]) -> Figure | None:
    if (auc := found.get("auc")) is None:
        return None
    low, high = interval(found)
    between = f" ({100 * low:.0f} to {100 * high:.0f})" if low is not None and high is not None else ""
    rule = f"; the rule {hand['auc']:.2f}" if hand.get("auc") is not None and hand is not found else ""
    return Figure(
        "auc",
        "AUC",
        f"{auc:.2f}" + (f" ({low:.2f}–{high:.2f})" if low is not None else ""),
        f"In {100 * auc:.0f} of 100 pairs{between} the one who left stood above the one who stayed.",
        f"by chance 0.50{rule}",
        None if low is None else low > 0.5,
    )


def interval(found: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """The interval of the AUC; older versions keep the error of chance alone, which makes none."""
    return found.get("auc_low"), found.get("auc_high")


def _skill(found: Mapping[str, Any], nothing: Mapping[str, Any]) -> Figure | None:
    skill = found.get("brier_skill")
    if skill is None and found.get("brier") is not None and nothing.get("brier"):
        skill = 1 - found["brier"] / nothing["brier"]
    if skill is None:
        return None
    words = (
        f"The probabilities are {100 * skill:.0f} % closer to what happened than the same probability for everybody."
        if skill > 0
        else "The same probability for everybody would be as close to what happened."
    )
    return Figure("skill", "Brier skill", f"{skill:.2f}", words, "the same chance for everybody 0", skill > 0)


def _calibration(found: Mapping[str, Any]) -> Figure | None:
    if (error := found.get("calibration_error")) is None:
        return None
    holds = error <= WELL_CALIBRATED
    verdict = "Probabilities hold" if holds else "Probabilities are off"
    return Figure(
        "calibration",
        "Calibration error",
        f"{error:.3f}",
        f"{verdict}: what was told and what happened differ by {100 * error:.1f} points on average.",
        f"to be believed at most {WELL_CALIBRATED:.2f}",
        holds,
    )


def _accuracy(found: Mapping[str, Any]) -> Figure | None:
    accuracy, majority = found.get("accuracy"), found.get("majority")
    if accuracy is None or majority is None:
        return None
    return Figure(
        "accuracy",
        "Accuracy",
        f"{100 * accuracy:.1f} %",
        "Told because it is asked for. It says little where few leave: look at lift and calibration.",
        f"“nobody leaves” {100 * majority:.1f} %",
        accuracy > majority,
    )


def verdict(version: ModelVersion | None) -> str:
    """The model at work in one sentence."""
    if version is None:
        return "Nothing scores by this definition yet. The weighted rule begins as soon as accounts are scored."
    if version.kind == ModelKind.RULE:
        return _of_rule(version)
    found = own(version)
    lift, error = found.get("lift_10"), found.get("calibration_error")
    if lift is None:
        return f"{version} scores; nothing was measured about it."
    ranks = f"{version} ranks leavers {lift:.1f} times better than chance at the top tenth"
    if error is None:
        return f"{ranks}."
    if error <= WELL_CALIBRATED:
        return f"{ranks}; its probabilities hold (calibration error {error:.3f})."
    return f"{ranks}, but its probabilities are off by {100 * error:.1f} points on average: trust the order, not the numbers."


def _of_rule(version: ModelVersion) -> str:
    """Why it scores, without saying twice what it is, and what its score is worth."""
    subject, decision = "The weighted rule", version.decision.strip().rstrip(".")
    begins = f"{subject} scores{decision.removeprefix(subject)}." if decision.startswith(f"{subject}, ") else f"{subject} scores. {decision}."
    return f"{begins if decision else f'{subject} scores.'} Its score ranks accounts against each other; it is no probability."


def ask(version: ModelVersion, live: ModelVersion | None) -> str:
    """What is asked before a version is put to work: what will happen, in numbers."""
    told = {figure.key: figure.shown for figure in figures(version)}
    names = (("lift", "lift"), ("auc", "AUC"), ("calibration", "calibration error"))
    numbers = ", ".join(f"{name} {told[key]}" for key, name in names if key in told)
    measured = f" Measured: {numbers}." if numbers else ""
    return f"{version} scores every account instead of {live or 'nothing'}.{measured} Put it to work?"


STAGES = {
    "rule": "Too little history for a model: the rule speaks.",
    "shrunken": "A cautious model: little history, so every effect is held close to none.",
    "full": "The full model.",
}


def stage(version: ModelVersion | None) -> str:
    """How much history the model had, in words."""
    if version is None:
        return ""
    return STAGES.get(str(version.metrics.get("stage") or ""), "")
