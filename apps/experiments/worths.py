"""What another rule of choosing would have been worth, from the decisions of ours that are settled."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from .learning.worth import Worth, guesses, worth
from .models import PolicyDecision
from .types import How

# Rule -> the arm it would take of a decision's candidates; None: what was taken.
Other = Callable[[list[dict[str, Any]]], str | None]


def fixed_order(order: Sequence[str]) -> Other:
    """The first of these that is allowed; where none is, the first candidate that is."""

    def take(candidates: list[dict[str, Any]]) -> str | None:
        allowed = [candidate["arm"] for candidate in candidates if candidate["allowed"]]
        return next((arm for arm in order if arm in allowed), allowed[0] if allowed else None)

    return take


def policy_worth(policy: str, *, other: Other, since: datetime, until: datetime, action: str | None = None) -> Worth:
    """Mean reward per decision had `other` chosen, from settled decisions that were taken by chance in [since, until)."""
    rows = PolicyDecision.objects.filter(policy=policy, at__gte=since, at__lt=until, settled_at__isnull=False, how__in=(How.LEARNED, How.EXPLORED))
    if action is not None:
        rows = rows.filter(action=action)
    told = list(rows.order_by("pk").values_list("chosen", "propensity", "reward", "segment", "candidates"))
    arms = sorted({candidate["arm"] for *_, candidates in told for candidate in candidates})
    place = {arm: index for index, arm in enumerate(arms)}
    target = np.zeros((len(told), max(len(arms), 1)))
    for index, (chosen, *_, candidates) in enumerate(told):
        target[index, place[other(candidates) or chosen]] = 1.0
    rewards = np.array([row[2] for row in told], dtype=np.float64)
    taken = np.array([place[row[0]] for row in told], dtype=np.int_)
    segments = {name: index for index, name in enumerate(sorted({row[3] for row in told}))}
    groups = np.array([segments[row[3]] for row in told], dtype=np.int_)
    chances = np.array([row[1] for row in told], dtype=np.float64)
    expected = guesses(rewards, taken, groups, len(arms)) if told else target
    return worth(rewards, taken, chances, target, expected)
