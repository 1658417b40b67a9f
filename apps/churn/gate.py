"""What must be true of the rows before a model of them is believed. Every check says in words what it found; the caller decides."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from .dataset import FUTURE, LEAST_ACCOUNTS, LEAST_DATES, LEAST_LEAVERS, Dataset, take
from .models import ChurnDefinition
from .registry import DATED, plain
from .scoring import columns, encoding, engine, fitting, measures
from .types import DefinitionKind, ModelKind

# Above this somebody must look: nobody foresees that a customer cancels that well.
TOO_GOOD = 0.95
# Share of the rows to prove on that were learned already.
_TWINS = 0.05
# A number with more values than this makes equal rows a copy and no coincidence.
_MANY_VALUES = 100
_SHUFFLES = 5
# Enough to see a leak; the shuffled fits must not cost as much as the training.
_MOST_ROWS = 4000
_CHANCE = 0.55


@dataclass(frozen=True)
class Finding:
    """One check: whether it passed, and what was found."""

    check: str
    passed: bool
    words: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def judge(
    definition: ChurnDefinition, data: Dataset, *, learn: np.ndarray, test: np.ndarray, keys: Sequence[str], telling: Mapping[str, str]
) -> list[Finding]:
    """All checks of rows to learn from (`learn`) and to prove on (`test`), both truth values per row. Nothing is stored.

    `keys` are the columns that are learned from; `telling` those left out because they tell the outcome, with the reason (leaks.refused).
    """
    found = [_enough(definition, data), _outcome(telling), _future(data), _twins(definition, data, keys, learn, test)]
    if all(set(data.labels[part].tolist()) == {0.0, 1.0} for part in (learn, test)):
        found += _shuffled(definition, data, keys, learn, test)
    return found


def shortage(definition: ChurnDefinition, data: Dataset) -> str:
    """What is missing for a model, or nothing."""
    accounts, leavers = len(np.unique(data.accounts)), data.leavers()
    if accounts < LEAST_ACCOUNTS:
        return f"{accounts} accounts with a known outcome, {LEAST_ACCOUNTS} are needed."
    if leavers < LEAST_LEAVERS:
        return f"{leavers} accounts that left, {LEAST_LEAVERS} are needed."
    if definition.kind != DefinitionKind.SNAPSHOT and len(data.dates) < LEAST_DATES:
        return f"{len(data.dates)} past dates whose outcome is known, {LEAST_DATES} are needed."
    return ""


def _enough(definition: ChurnDefinition, data: Dataset) -> Finding:
    missing = shortage(definition, data)
    words = f"{data.leavers()} of {len(np.unique(data.accounts))} accounts left" + (f", seen on {len(data.dates)} dates." if data.dates else ".")
    return Finding("enough", not missing, missing[:1].upper() + missing[1:] if missing else words)


def _outcome(telling: Mapping[str, str]) -> Finding:
    told = "; ".join(f"{column}: {why}" for column, why in telling.items())
    return Finding("outcome", True, f"Left out, because they tell the outcome: {told}." if told else "No column tells the outcome.")


def _future(data: Dataset) -> Finding:
    """A date after the row's own day is what we know today: it tells who was still there to write it."""
    late = [
        plain(key.partition(":")[2]) for key, values in data.table.items() if key.startswith(DATED) and (encoding.numbers(values) < 0).mean() > FUTURE
    ]
    if late:
        return Finding("future", False, f"Dates after the day of the row in {', '.join(late)}: they were written later and would know the future.")
    told = "; ".join(f"{column}: {why}" for column, why in data.left_out.items())
    return Finding("future", True, f"Left out: {told}." if told else "No date lies after the day of its row.")


def _twins(definition: ChurnDefinition, data: Dataset, keys: Sequence[str], learn: np.ndarray, test: np.ndarray) -> Finding:
    """Where rows carry no date, a copy of a row on the other side of the split is an answer known before the question."""
    if definition.kind != DefinitionKind.SNAPSHOT:
        return Finding("copies", True, "Rows to prove on are of later dates or of other accounts than those learned from.")
    if not any(len(np.unique(encoding.numbers(data.table[key]))) > _MANY_VALUES for key in keys if columns.shape(data.table[key]) == "number"):
        return Finding("copies", True, "The columns take so few values that equal rows say nothing.")
    rows = list(zip(*(_plainly(data.table[key]) for key in sorted(keys)), strict=True))
    known = {rows[at] for at in np.flatnonzero(learn)}
    places = np.flatnonzero(test)
    share = sum(rows[at] in known for at in places) / max(1, len(places))
    words = f"{share:.1%} of the rows to prove on stand among those learned from as well"
    if share > _TWINS:
        return Finding("copies", False, f"{words}: copies, as drawing rows again makes them. Import every customer once.")
    return Finding("copies", True, f"{words}.")


def _plainly(values: Sequence[Any]) -> list[Any]:
    return [None if isinstance(value, float) and np.isnan(value) else str(value) for value in values]


def _shuffled(definition: ChurnDefinition, data: Dataset, keys: Sequence[str], learn: np.ndarray, test: np.ndarray) -> list[Finding]:
    """Learn again from outcomes dealt out at random within each date: what ranks those is a leak, and what does not beat it knows nothing."""
    draw = np.random.default_rng(0)
    inside, outside = (_some(draw, np.flatnonzero(part), data.labels) for part in (learn, test))
    both = np.concatenate([inside, outside])
    table, labels, when = take(data.table, both), data.labels[both], data.when[both]
    first, rest = np.arange(len(inside)), np.arange(len(inside), len(both))
    true = _proof(table, labels, when, keys, first, rest)
    found = []
    for _ in range(_SHUFFLES):
        dealt = labels.copy()
        for part in (first, rest):
            for date in np.unique(when[part]):
                here = part[when[part] == date]
                dealt[here] = draw.permutation(dealt[here])
        found.append(_proof(table, dealt, when, keys, first, rest))
    shuffled = float(np.mean(found))
    leavers = data.leavers(test)
    error = measures.chance_error(leavers, max(1, len(np.unique(data.accounts[test])) - leavers))
    limit = max(_CHANCE, 0.5 + 3 * error / _SHUFFLES**0.5)
    beaten = true > shuffled + 1.645 * error
    words = f"With outcomes dealt out at random the ranking reaches AUC {shuffled:.3f} (chance: below {limit:.3f}), with the true ones {true:.3f}."
    made = [
        Finding("shuffled", shuffled < limit, words if shuffled < limit else f"{words} The way rows are kept apart lets outcomes through."),
        Finding("signal", beaten, words if beaten else f"{words} Random outcomes are ranked as well: no usable signal."),
    ]
    # Whoever is silent already mostly stays silent, so silence may be foreseen that well; columns are judged one by one (leaks).
    if definition.kind not in (DefinitionKind.SNAPSHOT, DefinitionKind.INACTIVE):
        good = true <= TOO_GOOD
        words = f"AUC {true:.3f} on rows not learned from" + ("." if good else f", above {TOO_GOOD}: too good to be true, a person must look first.")
        made.append(Finding("too_good", good, words))
    return made


def _some(draw: np.random.Generator, places: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """At most _MOST_ROWS of the rows, all leavers first: the ranking does not depend on how many stay."""
    if len(places) <= _MOST_ROWS:
        return places
    left, stayed = places[labels[places] == 1], places[labels[places] == 0]
    left = draw.permutation(left)[: _MOST_ROWS // 2]
    return np.sort(np.concatenate([left, draw.permutation(stayed)[: _MOST_ROWS - len(left)]]))


def _proof(table: dict[str, Any], labels: np.ndarray, when: np.ndarray, keys: Sequence[str], inside: np.ndarray, outside: np.ndarray) -> float:
    if any(len(set(labels[part].tolist())) < 2 for part in (inside, outside)):
        return 0.5
    learned = fitting.fit(ModelKind.LOGISTIC, take(table, inside), labels[inside], keys, strength=0.1)
    return measures.auc(labels[outside], engine.chances(ModelKind.LOGISTIC, learned, take(table, outside).__getitem__), when[outside])
