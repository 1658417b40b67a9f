"""What a version of the model would have said on the own history, beside the present one: how it spreads, what it moves, whom it warned of.

At each past date every figure is what was known then (measured.py), and what happened in the 90 days after it is the judge. Leavers are few, so every
figure carries its number of them and an interval; below the needed number it says that it cannot tell.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.db import transaction

from apps.accounts.models import Account
from apps.core.actor import Actor
from apps.core.shares import position

from . import measured, versions
from .folding import Folded, fold
from .models import HealthModel
from .suggested import suggest
from .tree import Tree
from .types import RANK, Band, ModelState, band_of

HORIZON = 90
EVERY, DATES = 28, 8
# More accounts than this are tried on a sample; the same accounts every time.
MOST = 5000
# Fewer leavers than this tell nothing about a part of the accounts.
TELLS = 10
_BANDS = [str(band) for band in (*RANK, Band.UNKNOWN)]
_COLUMNS = ("tier", "segment", "plan")
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Case:
    """One account at one past date, by the version on trial and by what is at work; `left` is None where 90 days have not passed yet."""

    account_id: int
    day: date
    row: Mapping[str, Any]
    folded: Folded
    band: str
    present: Folded
    present_band: str
    left: bool | None


def backtest_asked(*, now: datetime, actor: Actor) -> int:
    """Try the versions somebody asked about; returns how many."""
    done = 0
    for key in HealthModel.objects.filter(backtest_asked_at__lte=now).order_by("backtest_asked_at").values_list("pk", flat=True):
        with transaction.atomic():
            model = HealthModel.objects.select_for_update(skip_locked=True).filter(pk=key, backtest_asked_at__isnull=False).first()
            if model is None:
                continue
            HealthModel.objects.filter(pk=key).update(backtest=run(model, now=now), backtest_asked_at=None)
            done += 1
    return done


def run(model: HealthModel, *, now: datetime) -> dict[str, Any]:
    """The whole trial as JSON; reads only, and nothing later than each date."""
    tree = model.read()
    present = [pair for pair in versions.at_work(now=now) if pair[0].pk != model.pk]
    if model.state == ModelState.PUBLISHED:
        # The version at work is tried against itself: it moves nothing, and its warnings are judged.
        present = [*present, (model, tree)]
    keys, sampled = _accounts()
    left = Account.objects.filter(pk__in=keys, churned_on__isnull=False).values_list("pk", "churned_on")
    left_on = {key: day for key, day in left if day is not None}
    today = now.date()
    judged = [today - (HORIZON + EVERY * step) * _DAY for step in range(DATES - 1, -1, -1)]
    cases = [case for day in judged for case in _cases(model, tree, present, day, keys, left_on, measured.end_of(day), known=True)]
    latest = list(_cases(model, tree, present, today, keys, left_on, now, known=False))
    return {
        "at": now.isoformat(),
        "accounts": len(latest),
        "sampled": sampled,
        "horizon": HORIZON,
        "version": _separation(cases, lambda case: case.folded),
        "present": _separation(cases, lambda case: case.present),
        "dates": [{"day": day.isoformat(), **_separation([case for case in cases if case.day == day], lambda case: case.folded)} for day in judged],
        "bands": {"version": _spread(latest, "band"), "present": _spread(latest, "present_band")},
        "left_by_band": _left_by_band(cases),
        "moves": _moves(latest),
        "by_segment": _by_segment(cases),
        "dimensions": _by_dimension(tree, cases),
        "weights": suggest(tree, [(case.day, case.account_id, _points_by_dimension(tree, case), bool(case.left)) for case in cases], horizon=HORIZON),
    }


def _accounts() -> tuple[list[int], bool]:
    keys = list(Account.objects.order_by("pk").values_list("pk", flat=True))
    if len(keys) <= MOST:
        return keys, False
    return sorted(keys, key=lambda key: position("health-backtest", key))[:MOST], True


def _cases(
    model: HealthModel,
    tree: Tree,
    present: Sequence[tuple[HealthModel, Tree]],
    day: date,
    keys: Sequence[int],
    left_on: Mapping[int, date],
    moment: datetime,
    *,
    known: bool,
) -> list[Case]:
    """Accounts the version would speak for at that moment."""
    found = []
    for row in measured.rows(as_of=moment, account_ids=keys):
        if model.whom is not None and not model.whom.holds(row):
            continue
        mine, now_at_work = fold(tree, row), _by_present(present, row, tree)
        gone = left_on.get(row["id"])
        left = (gone is not None and day < gone <= day + HORIZON * _DAY) if known else None
        found.append(Case(row["id"], day, row, mine, _band(mine), now_at_work, _band(now_at_work), left))
    return found


def _by_present(present: Sequence[tuple[HealthModel, Tree]], row: Mapping[str, Any], tree: Tree) -> Folded:
    return fold(next((own for model, own in present if model.whom is None or model.whom.holds(row)), tree), row)


def _band(folded: Folded) -> str:
    return str(band_of(versions.score_of(folded), folded.coverage))


def _separation(cases: Sequence[Case], speaks: Any) -> dict[str, Any]:
    """How often somebody who stayed stood above somebody who left, with its 95 % interval; 0.5 is what doing nothing gives."""
    scored = [(case.account_id, speaks(case).score, bool(case.left)) for case in cases if speaks(case).score is not None]
    leavers, stayers = {key for key, _, left in scored if left}, {key for key, _, left in scored if not left}
    found: dict[str, Any] = {"cases": len(scored), "leavers": len(leavers), "auc": None, "low": None, "high": None}
    if len(leavers) >= 2 and stayers:
        auc = area([score for _, score, left in scored if left], [score for _, score, left in scored if not left])
        low, high = interval(auc, len(leavers), len(stayers))
        found |= {"auc": round(auc, 3), "low": round(low, 3), "high": round(high, 3)}
    return found


def area(left: Sequence[int], stayed: Sequence[int]) -> float:
    """The chance that one who stayed stands above one who left; equal scores count half."""
    ordered = np.sort(np.asarray(stayed))
    above = len(ordered) - np.searchsorted(ordered, left, side="right")
    equal = np.searchsorted(ordered, left, side="right") - np.searchsorted(ordered, left, side="left")
    return float((above + equal / 2).mean() / len(ordered))


def interval(auc: float, leavers: int, stayers: int) -> tuple[float, float]:
    """95 % by Hanley and McNeil (1982). Accounts are counted, not cases: the same account at eight dates is no eight witnesses."""
    one, two = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = (auc * (1 - auc) + (leavers - 1) * (one - auc**2) + (stayers - 1) * (two - auc**2)) / (leavers * stayers)
    reach = 1.96 * max(variance, 0.0) ** 0.5
    return max(0.0, auc - reach), min(1.0, auc + reach)


def _spread(cases: Sequence[Case], name: str) -> dict[str, int]:
    counted = Counter(getattr(case, name) for case in cases)
    return {band: counted.get(band, 0) for band in _BANDS}


def _left_by_band(cases: Sequence[Case]) -> dict[str, dict[str, dict[str, int]]]:
    """Of the account-dates in each band, how many left within the horizon."""
    found: dict[str, dict[str, dict[str, int]]] = {}
    for name, attribute in (("version", "band"), ("present", "present_band")):
        found[name] = {band: {"cases": 0, "left": 0} for band in _BANDS}
        for case in cases:
            counted = found[name][getattr(case, attribute)]
            counted["cases"] += 1
            counted["left"] += bool(case.left)
    return found


def _moves(cases: Sequence[Case]) -> dict[str, Any]:
    """What publishing would change today: bands from -> to, how far scores move, and the accounts that move most."""
    both = [case for case in cases if case.folded.score is not None and case.present.score is not None]
    by = sorted(both, key=lambda case: (-abs(_step(case)), case.account_id))
    edges = Counter((case.present_band, case.band) for case in cases if case.present_band != case.band)
    return {
        "changed": sum(edges.values()),
        "edges": [{"from": before, "to": after, "accounts": count} for (before, after), count in sorted(edges.items())],
        "mean": round(sum(abs(_step(case)) for case in both) / len(both) / 100, 2) if both else None,
        "most": [{"account": case.account_id, "from": case.present.score, "to": case.folded.score} for case in by[:8] if _step(case)],
    }


def _step(case: Case) -> int:
    return (case.folded.score or 0) - (case.present.score or 0)


def _by_segment(cases: Sequence[Case]) -> list[dict[str, Any]]:
    """The same question within parts of the accounts: a model that holds for one part may say nothing about another."""
    parts: dict[tuple[str, str], list[Case]] = defaultdict(list)
    for case in cases:
        for column in _COLUMNS:
            if value := str(case.row[column] or ""):
                parts[column, value].append(case)
    columns = Counter(column for column, _ in parts)
    found = [
        {"field": column, "value": value, **_separation(inside, lambda case: case.folded)}
        for (column, value), inside in sorted(parts.items())
        if columns[column] > 1
    ]
    return sorted(found, key=lambda part: (part["field"], -part["cases"]))[:24]


def _by_dimension(tree: Tree, cases: Sequence[Case]) -> list[dict[str, Any]]:
    """Each dimension alone: the mean of those who left and of those who stayed, and how well it tells them apart."""
    points = [(case, _points_by_dimension(tree, case)) for case in cases]
    found = []
    for place, dimension in enumerate(tree.dimensions):
        known = [(case, value) for case, own in points if (value := own[place]) is not None]
        left, stayed = [value for case, value in known if case.left], [value for case, value in known if not case.left]
        told = len({case.account_id for case, _ in known if case.left}) >= TELLS and stayed
        found.append(
            {
                "key": dimension.key,
                "name": dimension.name,
                "left": round(sum(left) / len(left)) if left else None,
                "stayed": round(sum(stayed) / len(stayed)) if stayed else None,
                "auc": round(area([round(value * 100) for value in left], [round(value * 100) for value in stayed]), 3) if told else None,
            }
        )
    return found


def _points_by_dimension(tree: Tree, case: Case) -> list[float | None]:
    """0-100 per dimension, None where nothing of it counts."""
    found: list[float | None] = []
    for dimension in tree.dimensions:
        parts = [part for part in case.folded.parts if part.dimension == dimension.key]
        weight = sum(part.weight for part in parts)
        found.append(100 * sum(part.contribution for part in parts) / weight if weight else None)
    return found
