"""A year in which we step in, learned from every month: does the model still know what happens where nobody does?

A world of accounts whose chance of leaving is known: use falls for a while, and leaving is likely while it is low. Each month the model names the
riskiest; some of them are treated, which cuts their chance of leaving, some are held out. Then it learns again from what came of it. At the end
everybody is scored and the world goes on without any help: predicted over actual leavers of the next weeks. A naive model has learned that trouble
is harmless. The same world, once per way of learning. FEEDBACK_ACCOUNTS sets its size.
"""

import os
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
from django.db import connection

from apps.accounts.models import Account, EventName
from apps.churn import dataset, population
from apps.churn.models import Care, ChurnDefinition
from apps.churn.scoring import engine, fitting
from apps.churn.types import ModelKind

ACCOUNTS = int(os.environ.get("FEEDBACK_ACCOUNTS", "3000"))
FIRST = date(2024, 1, 1)
WEEK, MONTH = timedelta(days=7), 28
HORIZON = 56
# Weekly: that trouble begins, that it passes, that an account leaves in trouble and out of it.
_BEGINS, _PASSES, _LEAVES, _LEAVES_CALM = 0.02, 0.10, 0.06, 0.001
# What is treated leaves this much more rarely, for as long as the horizon.
_CUT = 0.40
_REACH, _HELD_OUT = 0.15, 0.10


@dataclass
class World:
    """Accounts with their state, and the weeks that have passed; everything that happens is written into the tables that models read."""

    draw: np.random.Generator
    accounts: int
    week: int = 0
    keys: np.ndarray = field(default_factory=lambda: np.empty(0, int))
    rate: np.ndarray = field(default_factory=lambda: np.empty(0))
    trouble: np.ndarray = field(default_factory=lambda: np.empty(0, bool))
    helped_until: np.ndarray = field(default_factory=lambda: np.empty(0, int))

    @property
    def today(self) -> date:
        return FIRST + self.week * WEEK

    def fill(self) -> None:
        """New customers take the places of those who left."""
        missing = self.accounts - len(self.keys)
        start = self.today - timedelta(days=400) if self.week == 0 else self.today
        made = Account.objects.bulk_create(
            [Account(external_id=f"year-{self.week}-{n}", name=f"Year {self.week} {n}", arr=1000, started_on=start) for n in range(missing)]
        )
        self.keys = np.concatenate([self.keys, [account.pk for account in made]]).astype(int)
        self.rate = np.concatenate([self.rate, self.draw.uniform(2, 8, missing)])
        self.trouble = np.concatenate([self.trouble, np.zeros(missing, bool)])
        self.helped_until = np.concatenate([self.helped_until, np.zeros(missing, int)])

    def live(self, weeks: int, *, write: bool = True) -> np.ndarray:
        """Let weeks pass; returns the keys of those who left."""
        gone = []
        for _ in range(weeks):
            changes = self.draw.random(len(self.keys))
            self.trouble = np.where(self.trouble, changes > _PASSES, changes < _BEGINS)
            chance = np.where(self.trouble, _LEAVES, _LEAVES_CALM) * np.where(self.helped_until > self.week, _CUT, 1.0)
            leaves = self.draw.random(len(self.keys)) < chance
            if write:
                self._write(leaves)
            gone.append(self.keys[leaves])
            self.keys, self.rate, self.trouble, self.helped_until = (
                values[~leaves] for values in (self.keys, self.rate, self.trouble, self.helped_until)
            )
            self.week += 1
            if write:
                self.fill()
        return np.concatenate(gone)

    def _write(self, leaves: np.ndarray) -> None:
        counts = self.draw.poisson(self.rate * np.where(self.trouble, 0.25, 1.0))
        with connection.cursor() as cursor:
            with cursor.copy("copy accounts_dailyrollup (account_id, day, name, count, value) from stdin") as copy:
                for key, count in zip(self.keys.tolist(), counts.tolist(), strict=True):
                    for day, times in enumerate(np.bincount(self.draw.integers(0, 7, count), minlength=7).tolist()):
                        if times:
                            copy.write_row((key, self.today + timedelta(days=day), "login", times, 1.0))
            cursor.execute(
                "update accounts_account set stage = 'churned', churned_on = %s where id = any(%s)",
                [self.today + timedelta(days=6), self.keys[leaves].tolist()],
            )

    def treat(self, chances: dict[int, float]) -> None:
        """The riskiest are treated, but for a tenth of them, always the same."""
        ranked = sorted((key for key in self.keys.tolist() if key in chances), key=lambda key: -chances[key])[: int(_REACH * len(self.keys))]
        held = np.array([key % round(1 / _HELD_OUT) == 0 for key in ranked], bool)
        since = datetime.combine(self.today, time(), UTC)
        until = since + timedelta(days=HORIZON)
        Care.objects.bulk_create(
            [
                Care(account_id=key, kind="held_out" if out else "treated", since=since, until=until)
                for key, out in zip(ranked, held.tolist(), strict=True)
            ]
        )
        treated = np.isin(self.keys, np.array(ranked)[~held])
        self.helped_until[treated] = self.week + HORIZON // 7


def learn(definition: ChurnDefinition, *, as_of: datetime, corrected: bool) -> dict[str, Any]:
    """A model by the fitting code of the product: with what care teaches, or unaware of it."""
    data = dataset.gather(definition, as_of=as_of)
    keys = list(data.table)
    strength = 0.05 * len(np.unique(data.accounts)) / len(data.labels)
    weights = data.weights if corrected else np.ones(len(data.labels))
    found = fitting.fit(ModelKind.LOGISTIC, data.table, data.labels, keys, weights=weights, strength=strength)
    return found | {"names": data.names}


def chances(definition: ChurnDefinition, model: dict[str, Any], *, as_of: datetime) -> dict[int, float]:
    rows = population.at_risk(definition, as_of=as_of, names=model["names"])
    found = engine.chances(ModelKind.LOGISTIC, model, lambda key: [row.get(key) for row in rows])
    return dict(zip((row["id"] for row in rows), found.tolist(), strict=True))


def year(*, corrected: bool, accounts: int, months: int = 13, seed: int = 0) -> dict[str, float]:
    """One world from its first day; what its model says at the end, over what happens then without any help."""
    Account.objects.filter(external_id__startswith="year-").delete()
    EventName.objects.get_or_create(name="login", defaults={"meaning": "engagement"})
    definition, _ = ChurnDefinition.objects.get_or_create(name="feedback", defaults={"kind": "cancelled", "horizon_days": HORIZON})
    world = World(np.random.default_rng(seed), accounts)
    world.fill()
    world.live(32)
    for _ in range(months):
        as_of = datetime.combine(world.today, time(), UTC)
        said = chances(definition, learn(definition, as_of=as_of, corrected=corrected), as_of=as_of)
        world.treat(said)
        world.live(MONTH // 7)
    as_of = datetime.combine(world.today, time(), UTC)
    said = chances(definition, learn(definition, as_of=as_of, corrected=corrected), as_of=as_of)
    return alone(world, said)


def alone(world: World, said: dict[int, float], *, times: int = 20) -> dict[str, float]:
    """The world goes on without help, `times` over from the same state: the mean of the leavers is what the model should have said."""
    known = np.array([key in said for key in world.keys.tolist()])
    keys, rate, trouble, week = world.keys[known], world.rate[known], world.trouble[known], world.week
    told = np.array([said[key] for key in keys.tolist()])
    actual = np.zeros(len(keys))
    for _ in range(times):
        world.keys, world.rate, world.trouble, world.helped_until, world.week = keys, rate, trouble, np.zeros(len(keys), int), week
        actual += np.isin(keys, world.live(HORIZON // 7, write=False)) / times
    top = np.argsort(-told)[: len(told) // 10]
    return {
        "predicted_over_actual": round(float(told.mean() / actual.mean()), 3),
        "top_decile": round(float(told[top].mean() / actual[top].mean()), 3),
        "actual": round(float(actual.mean()), 4),
    }


def run() -> dict[str, float]:
    aware, naive = (year(corrected=corrected, accounts=ACCOUNTS) for corrected in (True, False))
    return (
        {f"corrected_{key}": value for key, value in aware.items()} | {f"naive_{key}": value for key, value in naive.items()} | {"accounts": ACCOUNTS}
    )
