"""Which order holds for which account: the catalogue's, or the learned one where it may be used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from apps.core.actor import Actor
from apps.experiments import services as experiments
from apps.experiments.models import Experiment

from . import trial, valued
from .models import Milestone, MilestoneValue, OrderReading, WinningRules
from .pathways import order
from .pathways.order import Open, Ranked
from .pathways.words import Worth
from .types import OrderRule


@dataclass
class Held:
    """The order in force for some accounts, with all that their reasons need."""

    usual: OrderRule
    reading: OrderReading | None
    values: Mapping[int, float]
    worths: Mapping[int, Worth]
    names: Mapping[int, str]
    keys: Mapping[int, str]
    proof_short: str
    experiment: Experiment | None = None
    arms: Mapping[int, str] = field(default_factory=dict)
    differ: list[int] = field(default_factory=list)

    def rule_of(self, account_id: int) -> OrderRule:
        return OrderRule(self.arms[account_id]) if account_id in self.arms else self.usual

    def ranked(self, account_id: int, candidates: Sequence[Open], *, target: float) -> list[Ranked]:
        """The open milestones of one account, the next one first."""
        by_catalogue = order.by_catalogue(candidates, target=target)
        if not self.values:
            return by_catalogue
        by_value = order.by_value(candidates, self.values)
        if by_catalogue[0].milestone != by_value[0].milestone and account_id in self.arms:
            # Noted in both arms alike: from here on the order makes a difference to this account.
            self.differ.append(account_id)
        return by_value if self.rule_of(account_id) == OrderRule.LEARNED else by_catalogue

    def expose(self, *, now: datetime) -> None:
        if self.experiment is not None and self.differ:
            experiments.expose(self.experiment, account_ids=self.differ, now=now)

    def told(self, one: Ranked) -> dict[str, Any]:
        """A candidate as the log keeps it."""
        return {
            "milestone": one.milestone,
            "key": self.keys[one.milestone],
            "position": one.position,
            "chance": round(one.chance, 4),
            "value": None if one.value is None else round(one.value, 5),
            "score": round(one.score, 5),
            "ahead": None if one.ahead is None else self.keys[one.ahead],
            "waits": one.waits,
        }


def held(account_ids: Sequence[int], *, rules: WinningRules, actor: Actor, now: datetime) -> Held:
    """What holds for these accounts; those of a running experiment are given their arms."""
    reading = valued.newest_reading() if rules.learned_order else None
    worths = worths_of(reading)
    names, keys = {}, {}
    for key, slug, name in Milestone.objects.values_list("pk", "key", "name"):
        names[key], keys[key] = name, slug
    if reading is None or not worths:
        return Held(OrderRule.CATALOGUE, reading, {}, {}, names, keys, "")
    values = {row.milestone_id: max(0.0, row.shrunk) for row in reading.values.all()}
    proof = trial.proof(now=now)
    found = Held(proof.rule, reading, values, worths, names, keys, proof.short)
    if proof.runs and proof.experiment is not None:
        found.experiment, found.arms = proof.experiment, trial.arms(proof.experiment, account_ids, actor=actor, now=now)
    return found


def worths_of(reading: OrderReading | None) -> dict[int, Worth]:
    """What a reading says of each milestone."""
    if reading is None or reading.refused:
        return {}
    rows = MilestoneValue.objects.filter(reading=reading)
    return {row.milestone_id: Worth(row.points, row.low, row.high, row.reached, reading.accounts, row.usual_week) for row in rows}
