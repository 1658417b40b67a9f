"""The model card: what a version learned from, what it leans on, where it is weak, and what it does not know."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from apps.churn import selectors as churn
from apps.churn.models import ModelVersion
from apps.churn.types import DefinitionKind, ModelKind

from . import figures
from .curves import Picture, pictures

_DRIVERS = 10
# A part of the accounts with fewer leavers tells nothing by itself.
_FEW = 10


@dataclass(frozen=True)
class Driver:
    """How much worse the model gets when one figure is shuffled: `left` and `wide` place the bar, `from` and `to` its interval, in per cent."""

    words: str
    loss: float
    width: float
    low: float
    high: float


@dataclass(frozen=True)
class Slice:
    name: str
    value: str
    rows: int
    churned: int
    auc: float | None
    ratio: float | None
    off: bool

    @property
    def few(self) -> bool:
        return self.churned < _FEW


@dataclass(frozen=True)
class Card:
    version: ModelVersion
    is_rule: bool
    stage: str
    figures: list[figures.Figure]
    pictures: list[Picture]
    proof: str
    slices: list[Slice]
    drivers: list[Driver]
    gate: list[Mapping[str, Any]]
    refused: list[tuple[str, str]]
    weights: list[tuple[str, float]]
    candidates: list[Mapping[str, Any]]
    treated: str
    unknowns: list[str]
    facts: list[tuple[str, str]]
    sound: bool | None


def card(version: ModelVersion) -> Card:
    metrics = version.metrics
    found = figures.own(version)
    return Card(
        version=version,
        is_rule=version.kind == ModelKind.RULE,
        stage=figures.stage(version),
        figures=figures.figures(version),
        pictures=pictures(metrics.get("curves") or {}, base_rate=float(found.get("base_rate") or 0)),
        proof=_proof(metrics, found),
        slices=[_slice(one) for one in metrics.get("slices") or []],
        drivers=_drivers(metrics.get("drivers") or []),
        # Two checks of one trial say the same when both passed.
        gate=list({(one["passed"], one["words"]): one for one in metrics.get("gate") or []}.values()),
        refused=sorted((churn.plain(column), str(reason)) for column, reason in (metrics.get("refused_columns") or {}).items()),
        weights=churn.rule_weights(version),
        candidates=_candidates(metrics),
        treated=_treated(metrics.get("treated") or {}),
        unknowns=_unknowns(version, found),
        facts=_facts(version),
        sound=None,
    )


def _proof(metrics: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    if not found:
        return ""
    rows, accounts, left = (int(found.get(name) or 0) for name in ("rows", "accounts", "churned_accounts"))
    how = str(metrics.get("proved") or "on rows kept aside")
    return f"Proved {how}: {left} of {accounts:,} customers left ({rows:,} snapshots). None of these rows was learned from."


def _slice(one: Mapping[str, Any]) -> Slice:
    ratio = one.get("predicted_over_actual")
    churned = int(one.get("churned") or 0)
    return Slice(
        name=churn.plain(str(one.get("name", ""))),
        value=str(one.get("value", "")),
        rows=int(one.get("rows") or 0),
        churned=churned,
        auc=one.get("auc"),
        ratio=ratio,
        off=ratio is not None and churned >= _FEW and not 0.8 <= ratio <= 1.25,
    )


def _drivers(found: list[Mapping[str, Any]]) -> list[Driver]:
    most = max((float(one.get("high") or one["loss_increase"]) for one in found), default=0.0) or 1.0

    def place(value: float) -> float:
        return round(min(100.0, max(0.0, 100 * value / most)), 1)

    made = []
    for one in sorted(found, key=lambda one: -float(one["loss_increase"]))[:_DRIVERS]:
        loss = float(one["loss_increase"])
        low, high = float(one.get("low") or loss), float(one.get("high") or loss)
        made.append(Driver(str(one.get("words") or churn.plain(str(one["feature"]))), loss, place(loss), place(low), place(high)))
    return made


def _candidates(metrics: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Every way of scoring that was tried, best ranking first, doing nothing last."""
    chosen = metrics.get("chosen")
    tried = [{"name": name, "chosen": name == chosen, **measured} for name, measured in (metrics.get("candidates") or {}).items()]
    return sorted(tried, key=lambda one: (one["name"] == "nothing", -float(one.get("auc") or 0)))


def _treated(found: Mapping[str, Any]) -> str:
    return str(found.get("words") or "")


def _unknowns(version: ModelVersion, found: Mapping[str, Any]) -> list[str]:
    """What the model cannot know, said before somebody relies on it."""
    if version.kind == ModelKind.RULE:
        return ["Its score is a rank from 0 to 100, not a probability.", "Nothing of your history is in it; its weights are set by hand."]
    told = ["It sees what was recorded: talks that nobody wrote down and what happens at the customer's are not in it."]
    learned = version.metrics.get("churned_accounts")
    if learned is not None:
        told.append(f"It learned from {learned} customers that left. What happened to none of them it cannot foresee.")
    if version.definition.kind != DefinitionKind.SNAPSHOT:
        told.append(f"It looks {version.definition.horizon_days} days ahead and says nothing of what comes later.")
    told.append("A reason says what the score rests on. It does not prove that changing it keeps the customer.")
    return told


def _facts(version: ModelVersion) -> list[tuple[str, str]]:
    made, metrics = version.made, version.metrics
    libraries = made.get("libraries") or {}
    snapshots = metrics.get("snapshots") or []
    window = (made.get("window_from") or (snapshots[0] if snapshots else ""), made.get("window_to") or (snapshots[-1] if snapshots else ""))
    told = [
        ("Learned from", _span(*window, len(snapshots))),
        ("Rows", f"{metrics['rows']:,}" if "rows" in metrics else ""),
        ("Customers that left", str(metrics.get("churned_accounts", ""))),
        ("Nothing later than", version.trained_as_of.strftime("%-d %b %Y %H:%M UTC") if version.trained_as_of else ""),
        ("Speaks for", f"revision {version.revision} of {version.definition}"),
        ("Features", str(made.get("features_hash") or "")),
        ("Code", str(made.get("code") or "")),
        ("Made with", ", ".join(f"{name} {number}" for name, number in {"Python": made.get("python"), **libraries}.items() if number)),
        ("Training took", f"{float(made['trained_seconds']):.1f} s" if made.get("trained_seconds") is not None else ""),
        ("Checksum", version.checksum),
    ]
    return [(name, words) for name, words in told if words]


def _span(first: str, last: str, dates: int) -> str:
    if not first or not last:
        return ""

    def day(word: str) -> str:
        try:
            return date.fromisoformat(str(word)[:10]).strftime("%-d %b %Y")
        except ValueError:
            return str(word)

    return f"{day(first)} to {day(last)}" + (f", {dates} dates" if dates else "")
