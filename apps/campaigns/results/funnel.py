"""Funnel and cohort figures, with what those held out did beside them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from apps.accounts.models import User
from apps.experiments.selectors import Arm

from ..models import Campaign, Occurrence
from .figures import Cohort, Funnel, Reached, Stage
from .reached import reached
from .said import of
from .units import Flags, Units, of_campaign

_MOST_COHORTS = 26
_NAMES = {
    "planned": ("planned", "People in the frozen audience who were to be written to."),
    "handed": ("handed over", "A message was written, or a run of the sequence begun."),
    "sent": ("sent", "It left the house."),
    "delivered": ("delivered", "It is known to have arrived; or it left by a carrier that never tells, and did not come back."),
    "opened": ("opened by a person", "Told by channels that know it. Openings of mails are not counted: programs open more mails than people do."),
    "clicked": ("clicked", "Told by outside tools, for links that carry our campaign."),
    "goal": ("reached the goal", "Accounts whose window is over, treated by assignment, whether or not anything reached them."),
}


def funnel(campaign: Campaign, *, now: datetime, occurrence: Occurrence | None = None, user: User | None = None) -> Funnel:
    says = of(campaign)
    units = of_campaign(campaign, says, now=now, user=user)
    people = reached(campaign, now=now, user=user)
    if occurrence is None:
        units, counted = units.first_of_each(), people.whole
    else:
        units = units.only(np.array([row.occurrence == occurrence.pk for row in units.rows], dtype=bool))
        counted = people.occurrences.get(occurrence.pk, Reached())
    goal, baseline = _arm(units, ~units.held), _arm(units, units.held)
    return Funnel(_stages(counted, goal), goal, baseline, counted.machine_opens, _words(goal, baseline))


def _arm(units: Units, side: Flags) -> Arm:
    mine = side & units.over
    return Arm(int(mine.sum()), int((mine & units.reached).sum()))


def _stages(counted: Reached, goal: Arm) -> list[Stage]:
    found, before = [], None
    for key in ("planned", "handed", "sent", "delivered", "opened", "clicked"):
        count: int | None = getattr(counted, key)
        name, words = _NAMES[key]
        accounts = counted.accounts_delivered if key == "delivered" else None
        found.append(Stage(key, name, count, accounts, count / before if count is not None and before else None, words))
        before = count if count is not None else before
    name, words = _NAMES["goal"]
    found.append(Stage("goal", name, goal.successes, goal.n, goal.rate, words))
    return found


def _words(goal: Arm, baseline: Arm) -> str:
    if goal.rate is None:
        return "No window is over yet."
    told = f"{100 * goal.rate:.1f} % of the treated accounts reached the goal ({goal.successes:,} of {goal.n:,})"
    if baseline.rate is None:
        return f"{told}. Nobody was held out, so nothing says how many would have done so anyway."
    return f"{told}; of those held out {100 * baseline.rate:.1f} % did ({baseline.successes:,} of {baseline.n:,}), without a message."


def cohorts(campaign: Campaign, *, now: datetime, user: User | None = None) -> Sequence[Cohort]:
    """One per time it went out, newest first, at most 26."""
    says = of(campaign)
    units = of_campaign(campaign, says, now=now, user=user)
    weeks = max(1, -(-says.window_days // 7))
    found = []
    for row in Occurrence.objects.filter(campaign=campaign, frozen_at__lte=now).order_by("-due_at", "-id")[:_MOST_COHORTS]:
        mine = units.only(np.array([one.occurrence == row.pk for one in units.rows], dtype=bool))
        treated, held = mine.only(~mine.held), mine.only(mine.held)
        shares = [[_by_week(side, week, says.window_days, now) for week in range(1, weeks + 1)] for side in (treated, held)]
        found.append(Cohort(row.pk, row.key, (row.frozen_at or row.due_at).date(), len(treated), len(held), shares[0], shares[1]))
    return found


def _by_week(units: Units, week: int, window_days: int, now: datetime) -> float | None:
    """The share that had reached the goal by the end of that week of the window."""
    after = timedelta(days=min(7 * week, window_days))
    if not len(units) or any(row.at + after > now for row in units.rows):
        return None
    return sum(row.reached_at is not None and row.reached_at <= row.at + after for row in units.rows) / len(units)
