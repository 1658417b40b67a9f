"""A year in which we step in, and learn from what came of it: does the model still know what happens where nobody does?

A world of accounts whose chance of leaving is known: use falls for a while, and leaving is likely while it is low. Each month the model names the
riskiest; most of them are treated, which cuts their chance of leaving, a tenth is held out by lot. At the end everybody is scored by models that
learned from the same rows, once with the weights of the product and once unaware (naive), and the world goes on without any help: told over actual
leavers of the next weeks. The naive model has learned that trouble is harmless. How many held-out leavers there are decides how exact the corrected
one can be, so several worlds are added up. FEEDBACK_ACCOUNTS, FEEDBACK_SEEDS and FEEDBACK_KINDS set size, worlds and kinds of model.
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
SEEDS = [int(seed) for seed in os.environ.get("FEEDBACK_SEEDS", "0,1,2").split(",")]
KINDS = os.environ.get("FEEDBACK_KINDS", "logistic,trees").split(",")
FIRST = date(2024, 1, 1)
WEEK, MONTH = timedelta(days=7), 28
HORIZON = 56
# Weekly: that trouble begins, that it passes, that an account leaves in trouble and out of it.
_BEGINS, _PASSES, _LEAVES, _LEAVES_CALM = 0.02, 0.10, 0.06, 0.001
# What is treated leaves this much more rarely, for as long as the horizon.
_CUT = 0.40
_REACH, _HELD_OUT = 0.15, 0.10
# The share in trouble where as many get into it as leave it or the world.
_IN_TROUBLE = 0.11
_MONTHS, _LEARNS_EVERY = 13, 3


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
        self.trouble = np.concatenate([self.trouble, self.draw.random(missing) < (_IN_TROUBLE if self.week == 0 else 0.0)])
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


def learn(data: dataset.Dataset, kind: str, *, aware: bool) -> dict[str, Any]:
    """A model by the fitting code of the product: with the weights that care asks for, or unaware of care."""
    strength = 0.05 * len(np.unique(data.accounts)) / len(data.labels)
    weights = data.weights if aware else np.ones(len(data.labels))
    found = fitting.fit(kind, data.table, data.labels, list(data.table), weights=weights, accounts=data.accounts, strength=strength)
    return found | {"names": data.names}


def chances(definition: ChurnDefinition, kind: str, model: dict[str, Any], *, as_of: datetime) -> dict[int, float]:
    seen = population.at_risk(definition, as_of=as_of, names=model["names"])
    return dict(zip(seen.ids.tolist(), engine.chances(kind, model, seen).tolist(), strict=True))


def year(seed: int) -> tuple[World, ChurnDefinition, dataset.Dataset, datetime]:
    """One world from its first day to the end of the year, with the rows that can be learned from then."""
    Account.objects.filter(external_id__startswith="year-").delete()
    EventName.objects.get_or_create(name="login", defaults={"meaning": "engagement"})
    definition, _ = ChurnDefinition.objects.get_or_create(name="feedback", defaults={"kind": "cancelled", "horizon_days": HORIZON})
    world = World(np.random.default_rng(seed), ACCOUNTS)
    world.fill()
    world.live(32)
    model: dict[str, Any] = {}
    for month in range(_MONTHS):
        as_of = datetime.combine(world.today, time(), UTC)
        if month % _LEARNS_EVERY == 0:
            model = learn(dataset.gather(definition, as_of=as_of), ModelKind.LOGISTIC, aware=True)
        world.treat(chances(definition, ModelKind.LOGISTIC, model, as_of=as_of))
        world.live(MONTH // 7)
    as_of = datetime.combine(world.today, time(), UTC)
    return world, definition, dataset.gather(definition, as_of=as_of), as_of


def alone(world: World, keys: np.ndarray, *, times: int = 40) -> np.ndarray:
    """The share of times in which each account leaves when the world goes on without help from the same state."""
    held, rate, trouble, week = world.keys, world.rate, world.trouble, world.week
    left = np.zeros(len(keys))
    for _ in range(times):
        world.keys, world.rate, world.trouble, world.helped_until, world.week = held, rate, trouble, np.zeros(len(held), int), week
        left += np.isin(keys, world.live(HORIZON // 7, write=False)) / times
    return left


def run() -> dict[str, Any]:
    """Told over actual: all worlds together, and each by itself. The top decile is the tenth that the model names the riskiest."""
    sums: dict[str, np.ndarray] = {}
    each: dict[str, list[float]] = {}
    counts = []
    for seed in SEEDS:
        world, definition, data, as_of = year(seed)
        held_out_leavers = len(np.unique(data.accounts[data.held_out & (data.labels == 1)]))
        counts.append({"rows": len(data.labels), "treated": int(data.treated.sum()), "held_out_leavers": held_out_leavers})
        actual: dict[int, float] = {}
        for kind in KINDS:
            for way in ("corrected", "naive"):
                said = chances(definition, kind, learn(data, kind, aware=way == "corrected"), as_of=as_of)
                keys = np.array([key for key in world.keys.tolist() if key in said]) if not actual else np.array(list(actual))
                actual = actual or dict(zip(keys.tolist(), alone(world, keys).tolist(), strict=True))
                told, left = np.array([said[key] for key in keys.tolist()]), np.array(list(actual.values()))
                top = np.argsort(-told)[: len(told) // 10]
                for name, part in ((f"{kind}_{way}", slice(None)), (f"{kind}_{way}_top_decile", top)):
                    found = np.array([told[part].sum(), left[part].sum()])
                    sums[name] = sums.get(name, 0) + found
                    each.setdefault(name, []).append(round(float(found[0] / found[1]), 3))
        print(f"  world {seed}: {counts[-1]} { ({name: values[-1] for name, values in each.items()}) }", flush=True)
    pooled = {name: round(float(told / left), 3) for name, (told, left) in sums.items()}
    return {**pooled, "each": each, "worlds": counts, "accounts": ACCOUNTS}
