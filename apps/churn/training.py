"""Training: learn from what was known at past dates, prove it on later ones, and put it to work only if it earns it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import transaction

from apps.core.actor import Actor

from . import definitions, gate, integrity, stale
from .dataset import Dataset, gather, take
from .gate import Finding
from .models import ChurnDefinition, ModelVersion
from .scoring import bands, engine, fitting, leaks, measures, rule
from .selectors import live_model
from .types import ModelKind

_TEST_SHARE = 0.25
# One-sided 95 %: how far above chance a ranking must stand on unseen dates.
_BEYOND_CHANCE = 1.645
# How much a model may fall behind the rule: its probabilities are worth a hair of ranking.
_BEHIND_RULE = 0.01
_FOLDS = 5


# Penalty of the coefficients (scikit-learn's C) for one row per account.
_DATED, _UNDATED = 0.05, 1.0


@dataclass(frozen=True)
class _Split:
    """Rows to learn from, rows to prove on, and how they were kept apart in words."""

    learn: np.ndarray
    test: np.ndarray
    how: str

    def is_mixed(self, labels: np.ndarray) -> bool:
        """Both parts hold accounts that left and accounts that stayed."""
        return all(set(labels[part].tolist()) == {0.0, 1.0} for part in (self.learn, self.test))


@dataclass(frozen=True)
class Candidate:
    """A way of scoring with its figures on rows later than those it learned from."""

    name: str
    metrics: Mapping[str, float]


@dataclass(frozen=True)
class TrainingResult:
    """What a training run found and decided. `version` is the model it made, or where none could be made the one that stays at work."""

    definition: str
    version: int
    kind: str
    promoted: bool
    reason: str
    live: str
    candidates: tuple[Candidate, ...] = ()
    refused_columns: Mapping[str, str] = field(default_factory=dict)
    snapshots: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def train(definition: ChurnDefinition, *, as_of: datetime, now: datetime, actor: Actor) -> TrainingResult:
    """Learn the definition's model from what was known up to `as_of`, and put it to work if it beats chance and holds against the rule."""
    if live_model(definition) is None:
        definitions.add_version(
            definition,
            kind=ModelKind.RULE,
            parameters=definitions.rule_parameters(),
            decision="The weighted rule, until there is enough history.",
            now=now,
        )
    data = gather(definition, as_of=as_of)
    shortage = gate.shortage(definition, data)
    split = None if shortage else _split(data)
    if split is None:
        shortage = shortage or "too few customers left, or too few stayed, to prove a model on any of them."
        return _stays(definition, data, f"Too little history for a model: {shortage} What scores now stays.")
    learn, test = split.learn, split.test
    refused = leaks.refused(data.part(learn), data.account_keys, data.labels[learn])
    keys = [key for key in data.table if key not in refused]
    strength = _strength(data)
    trial = fitting.fit(ModelKind.LOGISTIC, data.part(learn), data.labels[learn], keys, accounts=data.accounts[learn], strength=strength)
    candidates = _measure(data, learn, test, trial, rule_weights=_rule_parameters(definition))
    candidates.append(Candidate("logistic, other accounts", _cross_check(data, learn, keys, strength)))
    findings = gate.judge(definition, data, learn=learn, test=test)
    promoted, reason = _decide(candidates, split.how, findings)
    parameters = fitting.fit(ModelKind.LOGISTIC, data.table, data.labels, keys, accounts=data.accounts, strength=strength)
    base_rate = float(data.labels.mean())
    parameters |= {"names": data.names, "cuts": bands.model_cuts(base_rate), "base_rate": base_rate}
    metrics = {
        "candidates": {candidate.name: dict(candidate.metrics) for candidate in candidates},
        "gate": [finding.as_json() for finding in findings],
        "proved": split.how,
        "asked_by": str(actor),
        "refused_columns": refused,
        "snapshots": [day.isoformat() for day in data.dates],
        "rows": len(data.labels),
        "churned_accounts": data.leavers(),
    }
    with transaction.atomic():
        before = live_model(definition)
        version = definitions.add_version(
            definition,
            kind=ModelKind.LOGISTIC,
            parameters=parameters,
            metrics=metrics,
            decision=reason,
            live=promoted,
            trained_as_of=as_of,
            golden=integrity.golden(ModelKind.LOGISTIC, parameters, data.rows(integrity.GOLDEN_ROWS)),
            now=now,
        )
        if promoted:
            definitions.tell_put_to_work(version, before, reason, actor=actor, now=now)
        if promoted and definition.is_default:
            stale.mark_all_stale(now=now)
    return _result(definition, version, promoted, reason, tuple(candidates), refused, data)


def _split(data: Dataset) -> _Split | None:
    """Rows to learn from and rows to prove on.

    Dated rows: the last quarter of the dates is to prove on, and only rows whose outcome was known before the first of them are to learn from;
    with fewer dates to prove on where that leaves none. Where the record is too short even so (a long window), and for columns without dates:
    a fifth of the accounts (seed 0), which the other accounts' rows then say nothing about.
    """
    dates = len(data.dates)
    for count in range(max(1, round(_TEST_SHARE * dates)) if dates else 0, 0, -1):
        over = np.array([day + timedelta(days=data.window) <= data.dates[-count] for day in data.dates])
        split = _Split(over[data.when], data.when >= dates - count, "on later dates")
        if split.is_mixed(data.labels):
            return split
    aside = _fifth(data)
    last = data.when == max(dates - 1, 0)
    split = _Split(~aside, aside & last, "on accounts kept aside (the record is too short for later dates)" if dates else "on accounts kept aside")
    return split if split.is_mixed(data.labels) else None


def _fifth(data: Dataset) -> np.ndarray:
    """Rows of every fifth account, drawn evenly from those that ever left and those that stayed."""
    draw = np.random.default_rng(0)
    left = np.unique(data.accounts[data.labels == 1])
    stayed = np.setdiff1d(np.unique(data.accounts), left)
    chosen = [draw.permutation(group)[: round(len(group) / 5)] for group in (left, stayed)]
    return np.isin(data.accounts, np.concatenate(chosen))


def _strength(data: Dataset) -> float:
    """Inverse of the penalty. The snapshots of one account are one witness, so its rows share its weight; dated rows are shrunk more, since
    habits drift between the dates that were learned and those that will be scored."""
    return (_DATED if data.dates else _UNDATED) * len(np.unique(data.accounts)) / len(data.labels)


def _rule_parameters(definition: ChurnDefinition) -> Mapping[str, Any]:
    latest = definition.versions.filter(kind=ModelKind.RULE).order_by("-number").first()
    return latest.parameters if latest else definitions.rule_parameters()


def _measure(data: Dataset, learn: np.ndarray, test: np.ndarray, trial: Mapping[str, Any], *, rule_weights: Mapping[str, Any]) -> list[Candidate]:
    """The model, the rule, and doing nothing (everybody gets the share of leavers among the rows to learn from), on the same rows."""
    labels, part = data.labels[test], data.part(test)
    leavers = data.leavers(test)
    about = {
        "base_rate": float(labels.mean()),
        "rows": float(len(labels)),
        "accounts": float(len(np.unique(data.accounts[test]))),
        "churned_accounts": float(leavers),
        "rows_learned": float(learn.sum()),
        "churned_accounts_learned": float(data.leavers(learn)),
    }
    error = measures.chance_error(leavers, max(1, int(about["accounts"]) - leavers))
    chances = engine.chances(ModelKind.LOGISTIC, trial, part.__getitem__)
    ranks = np.array(
        [
            rule.contributions({term.feature: _known(part[term.feature][at]) for term in rule.TERMS if term.feature in part}, rule_weights)[0]
            for at in range(len(labels))
        ]
    )
    constant = np.full(len(labels), float(data.labels[learn].mean()))
    return [
        Candidate("logistic", about | {"chance_error": error} | measures.figures(labels, chances, data.when[test], probabilities=True)),
        Candidate("rule", about | measures.figures(labels, ranks, data.when[test], probabilities=False)),
        Candidate(
            "nothing",
            about | {"auc": 0.5, "average_precision": about["base_rate"], "lift_10": 1.0, "brier": float(np.mean((constant - labels) ** 2))},
        ),
    ]


def _cross_check(data: Dataset, learn: np.ndarray, keys: list[str], strength: float) -> dict[str, float]:
    """How the recipe ranks accounts it did not learn from, within the rows to learn from: a second witness, because one small proof passes by luck
    once in twenty times."""
    part, labels, accounts = data.part(learn), data.labels[learn], data.accounts[learn]
    known = np.unique(accounts)
    fold_of = dict(zip(known.tolist(), np.random.default_rng(0).permutation(len(known)) % _FOLDS, strict=True))
    folds = np.array([fold_of[account] for account in accounts.tolist()])
    log_odds = np.zeros(len(labels))
    for fold in range(_FOLDS):
        inside, outside = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        if len(set(labels[inside].tolist())) < 2 or not len(outside):
            continue
        found = fitting.fit(ModelKind.LOGISTIC, take(part, inside), labels[inside], keys, accounts=accounts[inside], strength=strength)
        model = engine.learned(ModelKind.LOGISTIC, found)
        log_odds[outside] = model.log_odds(take(part, outside).__getitem__) - model.base
    leavers = data.leavers(learn)
    figures = measures.figures(labels, log_odds, data.when[learn], probabilities=False)
    return figures | {"chance_error": measures.chance_error(leavers, max(1, len(known) - leavers)), "rows": float(len(labels))}


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _decide(candidates: list[Candidate], how: str, findings: Sequence[Finding]) -> tuple[bool, str]:
    """Whether the model goes to work, in plain words."""
    model, hand, nothing, others = (candidate.metrics for candidate in candidates)
    found = (
        f"Proved {how}, the model ranks leavers with AUC {model['auc']:.3f} (chance 0.5 ± {model['chance_error']:.3f}, "
        f"rule {hand['auc']:.3f}; {others['auc']:.3f} ± {others['chance_error']:.3f} between accounts), "
        f"Brier score {model['brier']:.4f} (the same chance for everybody: {nothing['brier']:.4f})."
    )
    if any(figures["auc"] <= 0.5 + _BEYOND_CHANCE * figures["chance_error"] for figures in (model, others)):
        return False, f"No usable signal. {found} That is not better than chance, so the rule stays."
    if model["auc"] < hand["auc"] - _BEHIND_RULE:
        return False, f"No usable signal beyond the rule. {found} The rule ranks better, so it stays."
    if model["brier"] > nothing["brier"]:
        return False, f"No usable signal. {found} Its probabilities are worse than the same for everybody, so the rule stays."
    if broken := [finding.words for finding in findings if not finding.passed]:
        return False, f"Not put to work: {' '.join(broken)} {found} What scores now stays."
    return True, f"Put to work. {found}"


def _stays(definition: ChurnDefinition, data: Dataset, reason: str) -> TrainingResult:
    """No model was made; the rule is what speaks. A model that learned when there was more history keeps its place."""
    live = live_model(definition)
    assert live is not None
    return _result(definition, live, False, reason, (), {}, data)


def _result(
    definition: ChurnDefinition,
    version: ModelVersion,
    promoted: bool,
    reason: str,
    candidates: tuple[Candidate, ...],
    refused: Mapping[str, str],
    data: Dataset,
) -> TrainingResult:
    return TrainingResult(
        definition=definition.name,
        version=version.number,
        kind=version.kind,
        promoted=promoted,
        reason=reason,
        live=str(live_model(definition)),
        candidates=candidates,
        refused_columns=refused,
        snapshots=tuple(day.isoformat() for day in data.dates),
    )
