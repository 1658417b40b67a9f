"""Training: learn from what was known at past dates, prove it on later ones, and put it to work only if it earns it."""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import transaction

from apps.core.actor import Actor

from . import at_work, definitions, drift, gate, integrity, promotion, proof, provenance, selection, splitting, stale
from .dataset import Dataset, gather, treated_in_words
from .models import ChurnDefinition, ModelVersion
from .progress import Report, part, silent
from .scoring import bands, engine, leaks, measures
from .selectors import live_model
from .types import ModelKind

# A champion is judged on rows whose outcome it cannot have known, where those hold so many leavers.
_LEAST_UNSEEN = 25


@dataclass(frozen=True)
class Candidate:
    """A way of scoring with its figures on rows later than those it learned from."""

    name: str
    metrics: Mapping[str, float]


@dataclass(frozen=True)
class TrainingResult:
    """What a training run found and decided. `version` is the model it made, or where none could be made the one that stays at work; `stage` is how
    much history it had: rule, shrunken or full. `challenges`: it holds by itself but does not beat the champion, and scores beside it unseen."""

    definition: str
    version: int
    kind: str
    promoted: bool
    reason: str
    live: str
    stage: str = "rule"
    challenges: bool = False
    candidates: tuple[Candidate, ...] = ()
    refused_columns: Mapping[str, str] = field(default_factory=dict)
    snapshots: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def train(definition: ChurnDefinition, *, as_of: datetime, now: datetime, actor: Actor, report: Report = silent) -> TrainingResult:
    """Learn the definition's model from what was known up to `as_of`, and put it to work if it beats chance and holds against rule and champion.

    `report` hears what is done and the share of the work that is over; what it raises ends the training, and nothing is kept.
    """
    began = time.monotonic()
    _ensure_rule(definition, now)
    report("Gathering what was known at past dates", 0.0)
    data = gather(definition, as_of=as_of)
    shortage = gate.shortage(definition, data)
    rows = None if shortage else splitting.split(data)
    if rows is None:
        shortage = shortage or "too few customers left, or too few stayed, to prove a model on any of them."
        return _stays(definition, data, f"Too little history for a model: {shortage} What scores now stays.")
    report("Looking for columns that tell the outcome", 0.3)
    refused = leaks.refused(data.part(rows.learn), data.account_keys, data.labels[rows.learn])
    keys = [key for key in data.table if key not in refused]
    chosen = selection.select(data, rows.learn, keys, part(report, 0.35, 0.6))
    report("Proving it on rows that it has not seen", 0.6)
    trials = chosen.fit_all(data, np.flatnonzero(rows.learn), keys)
    trial = trials[chosen.chosen]
    proved_on = data.part(rows.test)
    told = {kind: engine.chances(kind, found, proved_on.__getitem__) for kind, found in trials.items()}
    candidates = _measure(definition, data, rows, chosen, told)
    report("Judging the rows", 0.75)
    findings = gate.judge(definition, data, learn=rows.learn, test=rows.test, keys=keys, telling=refused)
    by_name = {candidate.name: candidate.metrics for candidate in candidates}
    problem, found = promotion.against_nothing(by_name[chosen.chosen], by_name["rule"], by_name["nothing"], by_name[_others(chosen.chosen)], findings)
    beaten = "" if problem else _against_champion(definition, data, rows.test, told[chosen.chosen], now)
    reason = _in_words(problem, beaten, f"Proved {rows.how}, {found}")
    report("Learning from all rows", 0.8)
    counts = data.weights > 0
    parameters = chosen.fit(data, np.flatnonzero(counts), keys)
    report("Finding how far the truth may lie from its scores", 0.85)
    parameters["interval"] = chosen.interval(data, np.flatnonzero(counts), keys, parameters)
    base_rate = float(np.average(data.labels, weights=data.weights))
    parameters |= {"names": data.names, "cuts": bands.model_cuts(base_rate), "base_rate": base_rate}
    metrics = {
        "chosen": chosen.chosen.value,
        "stage": chosen.stage,
        "selection": chosen.words,
        "bend": chosen.bend,
        "candidates": {candidate.name: dict(candidate.metrics) for candidate in candidates},
        "curves": proof.curves(data, rows.test, told[chosen.chosen]),
        "slices": proof.slices(data, rows.test, told[chosen.chosen]),
        "drivers": proof.drivers(data, rows.test, chosen.chosen, trial),
        "gate": [finding.as_json() for finding in findings],
        "proved": rows.how,
        "asked_by": str(actor),
        "refused_columns": refused,
        "treated": treated_in_words(data),
        "reference": drift.reference(data),
        "snapshots": [day.isoformat() for day in data.dates],
        "rows": int(counts.sum()),
        "churned_accounts": data.leavers(),
    }
    report("Keeping it", 0.95)
    with transaction.atomic():
        before = live_model(definition)
        made = definitions.add_version(
            definition,
            kind=chosen.chosen,
            parameters=parameters,
            metrics=metrics,
            decision=reason,
            live=not problem and not beaten,
            trained_as_of=as_of,
            golden=integrity.golden(chosen.chosen, parameters, data.rows(integrity.GOLDEN_ROWS)),
            made=provenance.made(data, keys, seconds=time.monotonic() - began),
            now=now,
        )
        if made.is_live:
            definitions.tell_put_to_work(made, before, reason, actor=actor, now=now)
            if definition.is_default:
                stale.mark_all_stale(now=now)
        elif beaten:
            definitions.challenge(made, actor=actor, now=now)
    report("Done", 1.0)
    return _result(definition, made, made.is_live, reason, candidates, refused, data, challenges=bool(beaten))


def _ensure_rule(definition: ChurnDefinition, now: datetime) -> None:
    if live_model(definition) is None:
        definitions.add_version(
            definition,
            kind=ModelKind.RULE,
            parameters=definitions.rule_parameters(),
            decision="The weighted rule, until there is enough history.",
            now=now,
        )


def _others(kind: ModelKind) -> str:
    return f"{kind.value}, other accounts"


def _measure(
    definition: ChurnDefinition,
    data: Dataset,
    rows: splitting.Split,
    chosen: selection.Selection,
    told: Mapping[ModelKind, np.ndarray],
) -> tuple[Candidate, ...]:
    """The chosen way, the others that were tried, the rule and doing nothing, all on the same rows; and the chosen way between accounts: a second
    witness, because one small proof passes by luck once in twenty times."""
    about = proof.about(data, rows.learn, rows.test)
    nothing = proof.of_nothing(data, rows.learn, rows.test)
    made = []
    for kind, chances in told.items():
        figures = proof.of_model(data, rows.test, chances, nothing=nothing["brier"])
        made.append(Candidate(kind.value, about | figures | {"log_loss_others": chosen.trials[kind].loss}))
    made.append(Candidate("rule", about | proof.of_rule(data, rows.test, _rule_parameters(definition))))
    made.append(Candidate("nothing", about | nothing))
    made.append(Candidate(_others(chosen.chosen), _between_accounts(data, chosen)))
    return tuple(made)


def _between_accounts(data: Dataset, chosen: selection.Selection) -> dict[str, float]:
    """How the chosen way ranks accounts that it did not learn from, within the rows to learn from."""
    places = chosen.places
    labels, accounts = data.labels[places], data.accounts[places]
    # Only what one fit ranked can be compared.
    together = chosen.fold * (data.when.max() + 1) + data.when[places]
    figures = measures.figures(labels, chosen.trials[chosen.chosen].log_odds, together, probabilities=False)
    leavers = len(np.unique(accounts[labels == 1]))
    error = measures.chance_error(leavers, max(1, len(np.unique(accounts)) - leavers))
    return figures | {"chance_error": error, "rows": float(len(labels))}


def _rule_parameters(definition: ChurnDefinition) -> Mapping[str, Any]:
    latest = definition.versions.filter(kind=ModelKind.RULE).order_by("-number").first()
    return latest.parameters if latest else definitions.rule_parameters()


def _against_champion(definition: ChurnDefinition, data: Dataset, test: np.ndarray, chances: np.ndarray, now: datetime) -> str:
    """Why the model at work keeps its place against these chances of the rows to prove on, or nothing: where the rule scores, or what learned
    another question or is broken."""
    live = live_model(definition)
    if live is None or live.kind == ModelKind.RULE or live.revision != definition.revision or live.trained_as_of is None:
        return ""
    champion = at_work.whole(at_work.Key(live.pk, live.checksum))[0]
    if champion is None:
        return ""
    later = np.array([day + timedelta(days=data.window) > live.trained_as_of.date() for day in data.dates], bool)
    unseen = test & later[data.when] if data.dates else test
    rows = unseen if data.leavers(unseen) >= _LEAST_UNSEEN else test
    table, size = data.part(rows), int(rows.sum())
    theirs = engine.chances(champion.kind, champion.parameters, lambda key: table.get(key, [None] * size))
    found = promotion.duel(data.labels[rows], data.when[rows], data.accounts[rows], chances[rows[test]], theirs)
    return promotion.against_champion(found, age=now - live.trained_as_of)


def _in_words(problem: str, beaten: str, found: str) -> str:
    if problem:
        return f"{problem}. {found} What scores now stays."
    if beaten:
        return f"{beaten}. {found} It scores beside the champion, unseen, until somebody decides."
    return f"Put to work. {found}"


def _stays(definition: ChurnDefinition, data: Dataset, reason: str) -> TrainingResult:
    """No model was made; the rule is what speaks. A model that learned when there was more history keeps its place."""
    live = live_model(definition)
    assert live is not None
    return _result(definition, live, False, reason, (), {}, data)


def _result(
    definition: ChurnDefinition,
    made: ModelVersion,
    promoted: bool,
    reason: str,
    candidates: tuple[Candidate, ...],
    refused: Mapping[str, str],
    data: Dataset,
    *,
    challenges: bool = False,
) -> TrainingResult:
    return TrainingResult(
        definition=definition.name,
        version=made.number,
        kind=made.kind,
        promoted=promoted,
        reason=reason,
        live=str(live_model(definition)),
        stage=str(made.metrics.get("stage") or "rule"),
        challenges=challenges,
        candidates=candidates,
        refused_columns=refused,
        snapshots=tuple(day.isoformat() for day in data.dates),
    )
