"""Training rows: what was known at past moments, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
from django.db import connection

from apps.accounts.types import Meaning

from . import care, features, outcomes, population
from .figures import Figures
from .models import ChurnDefinition
from .registry import ACCOUNT, DATED, TRAIT
from .scoring import encoding
from .types import DefinitionKind

# Below these a model learned worse than the rule in measurements.
LEAST_LEAVERS = 25
LEAST_ACCOUNTS = 200
LEAST_DATES = 3
MOST_DATES = 24
MOST_ROWS = 150_000
MOST_NAMES = 12
# Monthly snapshots; where the record is short, closer ones, so that a young company has several at all.
STEPS = (28, 14, 7)
_ENOUGH_DATES = 8
_WARM = 14
# Where more of a date column lies after its row's own day, it holds what is known today.
FUTURE = 0.01


@dataclass
class Dataset:
    """Rows of accounts at dates: `table` holds a sequence per feature, `when` the date's place in `dates` (for a column definition all 0).

    `treated`: somebody tried to keep the customer in the label window or shortly before; `held_out`: nobody did, by lot. `left_out`: columns that
    hold what was written after the rows' days, with the reason.
    """

    table: dict[str, Any]
    labels: np.ndarray
    accounts: np.ndarray
    when: np.ndarray
    dates: list[date]
    window: int
    names: list[str]
    treated: np.ndarray
    held_out: np.ndarray
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def weights(self) -> np.ndarray:
        """What each row counts in learning: those held out by lot stand for the treated, whose outcomes we changed."""
        return self.cared.weights

    @property
    def cared(self) -> care.Cared:
        return care.Cared(self.treated, self.held_out, self.accounts, self.when)

    @property
    def account_keys(self) -> list[str]:
        """What the company says of the account, as against what we counted."""
        return [key for key in self.table if key in {"plan", *(feature.key for feature in ACCOUNT)} or key.startswith((TRAIT, DATED))]

    def part(self, chosen: np.ndarray) -> dict[str, Any]:
        return take(self.table, np.flatnonzero(chosen))

    def rows(self, count: int) -> list[dict[str, Any]]:
        """Some rows as scoring sees them, evenly drawn over the whole table."""
        places = np.unique(np.linspace(0, len(self.labels) - 1, count).astype(int))
        chosen = take(self.table, places)
        return [{key: _bare(values[place]) for key, values in chosen.items()} for place in range(len(places))]

    def leavers(self, chosen: np.ndarray | None = None) -> int:
        """Distinct accounts that left: the count that matters, since one leaver may stand in several snapshots."""
        left = self.labels == 1 if chosen is None else (self.labels == 1) & chosen
        return len(np.unique(self.accounts[left]))


def treated_in_words(data: Dataset) -> dict[str, Any]:
    """What the model card says of our own hand in the outcomes: rows treated, rows held out by lot, and what learning made of them."""
    treated, held_out = int(data.treated.sum()), int(data.held_out.sum())
    return {"treated": treated, "held_out": held_out, "words": data.cared.in_words}


def take(table: Mapping[str, Any], places: np.ndarray) -> dict[str, Any]:
    """The rows of a table at these places."""
    return {key: values[places] if isinstance(values, np.ndarray) else [values[at] for at in places] for key, values in table.items()}


def _bare(value: Any) -> Any:
    """A figure as JSON keeps it; an unknown one is none."""
    return (None if np.isnan(value) else float(value)) if isinstance(value, np.floating) else value


def gather(definition: ChurnDefinition, *, as_of: datetime) -> Dataset:
    """All matured rows: the label window of every row ends at or before `as_of`, and before the record ends."""
    if definition.kind == DefinitionKind.SNAPSHOT:
        known = features.attributes()
        told = Figures(known.ids, {key: values for key, values in known.columns.items() if key != "churned"})
        return _assemble([told], [np.array(known("churned"), float)], [], [], 0, [])
    window = outcomes.window(definition)
    first, end = record(features.moment(as_of)["cut"])
    dates = snapshot_dates(first, end, window) if first and end else []
    if not dates:
        return _assemble([], [], [], [], window, [])
    assert end is not None
    names = _common_names(end)
    ids = _sample(len(dates))
    found, labels, cared = [], [], []
    for day in dates:
        seen = population.at_risk(definition, as_of=datetime.combine(day, time(), UTC), account_ids=ids, names=names)
        labels.append(outcomes.labels(definition, day=day, ids=seen.ids.tolist()))
        found.append(seen)
        cared.append(care.marks(day=day, until=day + timedelta(days=window), ids=seen.ids))
    return _assemble(found, labels, cared, dates, window, names)


def snapshot_dates(first: date, end: date, window: int) -> list[date]:
    """Dates from the last whose label window is over, back to two weeks after the record's start; oldest first, at most MOST_DATES."""
    last = end - timedelta(days=window)
    span = (last - first).days - _WARM
    if span < 0:
        return []
    step = next((step for step in STEPS if span // step + 1 >= _ENOUGH_DATES), STEPS[-1])
    count = min(span // step + 1, MOST_DATES)
    return [last - timedelta(days=step * back) for back in reversed(range(count))]


def record(cut: date) -> tuple[date | None, date | None]:
    """First day of the record, and the day after its last, at most `cut`: an import that ends in spring says nothing about silence in summer."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select coalesce((select min(day) from accounts_dailyrollup where day < %(cut)s::date), (select min(started_on) from accounts_account)),
                   greatest((select max(day) from accounts_dailyrollup where day < %(cut)s::date),
                            (select max(churned_on) from accounts_account where churned_on < %(cut)s::date)) + 1
            """,
            {"cut": cut},
        )
        first, end = cursor.fetchone()
    return first, end


def _common_names(end: date) -> list[str]:
    """The activity names that most accounts show, judged by the record itself; one name alone is the total and needs no column."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select r.name from accounts_dailyrollup r left join accounts_eventname e on e.name = r.name
            where r.day < %(end)s and coalesce(e.meaning, 'other') = any(%(use)s)
            group by r.name order by count(distinct r.account_id) desc, r.name limit %(most)s
            """,
            {"end": end, "use": [Meaning.OTHER.value, Meaning.CORE.value, Meaning.ENGAGEMENT.value], "most": MOST_NAMES},
        )
        names = [name for (name,) in cursor.fetchall()]
    return names if len(names) > 1 else []


def _sample(dates: int) -> list[int] | None:
    """Accounts to learn from: all, or an even random draw (seed 0) where accounts x dates would pass MOST_ROWS."""
    with connection.cursor() as cursor:
        cursor.execute("select id from accounts_account order by id")
        ids = np.array([key for (key,) in cursor.fetchall()])
    most = MOST_ROWS // dates
    if len(ids) <= most:
        return None
    return [int(key) for key in np.sort(np.random.default_rng(0).choice(ids, most, replace=False))]


def _assemble(
    parts: Sequence[Figures],
    labels: Sequence[np.ndarray],
    cared: Sequence[tuple[np.ndarray, np.ndarray]],
    dates: list[date],
    window: int,
    names: list[str],
) -> Dataset:
    sizes = [len(part) for part in parts]
    table: dict[str, Any] = {}
    for key in sorted({key for part in parts for key in part.columns}):
        numbers = any(isinstance(part.columns.get(key), np.ndarray) for part in parts)
        pieces = [encoding.numbers(part(key)) if numbers else part(key) for part in parts]
        table[key] = np.concatenate(pieces) if numbers else [value for piece in pieces for value in piece]
    nobody = np.zeros(sum(sizes), bool)
    treated, held_out = (np.concatenate(marks) for marks in zip(*cared, strict=True)) if cared else (nobody, nobody)
    return Dataset(
        table=table,
        labels=np.concatenate(labels) if labels else np.empty(0),
        accounts=np.concatenate([part.ids for part in parts]) if parts else np.empty(0, int),
        when=np.repeat(np.arange(len(parts)), sizes) if parts else np.empty(0, int),
        dates=dates,
        window=window,
        names=names,
        treated=treated,
        held_out=held_out,
        left_out=_take_out_later(table),
    )


def _take_out_later(table: dict[str, Any]) -> dict[str, str]:
    """Take columns out whose dates lie after their rows' days: they are of today and would tell who was still there to write them."""
    later = {key: float((table[key] < 0).mean()) for key in table if key.startswith(DATED)}
    taken = {key: share for key, share in later.items() if share > FUTURE}
    for key in taken:
        del table[key]
    return {key: f"{share:.0%} of its dates lie after the day of their row" for key, share in taken.items()}
