"""Ways to coach: which there are, and which is taken for whom."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from apps.accounts.models import Account
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.experiments import services as experiments
from apps.experiments.models import PolicyDecision
from apps.experiments.services import Settings
from apps.experiments.types import Candidate, How

from ..models import CoachingProfile, Strategy
from ..session_types import STRATEGY_POLICY, STRATEGY_PRIOR

# A session is held some weeks after it was proposed, and read 30 days after that. Half weight after half a year: ways to coach age slowly.
SETTINGS = Settings(window=timedelta(days=90), half_life_days=180.0, floor=0.1)

# What comes with the product. Staff may rename them and add their own.
SHIPPED = (
    ("teach", "Show it and let them do it", "Show the step once on their own data, then let them do it themselves while you watch."),
    ("goal", "Agree on one small goal", "Ask what they want to be true in four weeks, and make it one number that both can see."),
    ("plan", "Plan when and where", "Let them say at which hour and at which occasion they will do it: “after the Monday meeting, I ...”."),
    ("peers", "Tell how others do it", "Tell how a team like theirs works, and ask what of it would fit them."),
    ("remove", "Take away what is in the way", "Ask what keeps them from it, and settle one obstacle within the session."),
)


@dataclass(frozen=True)
class Choice:
    """A strategy and why it was taken. `decision` is the choice in experiments that learns from what comes of it."""

    strategy: Strategy
    decision: int | None
    words: str


def ensure() -> list[str]:
    """Create the strategies that are missing; those that staff changed stay. Returns what was created."""
    made = []
    for position, (key, name, words) in enumerate(SHIPPED, 1):
        if Strategy.objects.get_or_create(key=key, defaults={"name": name, "words": words, "position": position})[1]:
            made.append(key)
    return made


def named(key: str) -> Strategy:
    found = Strategy.objects.filter(key=key, offered=True).first()
    if found is None:
        raise Refused("no_such_strategy", f"There is no strategy {key!r} that is offered.")
    return found


def choose(account: Account, *, key: str = "", actor: Actor, now: datetime) -> Choice:
    """The one that is named, or the one that helped accounts of this pattern most, with a tenth of the choices tried at random."""
    if key:
        return Choice(named(key), None, "chosen by a person")
    offered = {strategy.key: strategy for strategy in Strategy.objects.filter(offered=True)}
    if not offered:
        raise Refused("no_strategy", "No strategy is offered. An administrator adds one under Coaching.")
    profile = CoachingProfile.objects.select_related("pattern").filter(account=account).first()
    chosen = experiments.choose(
        STRATEGY_POLICY,
        key=f"session:{uuid4().hex}",
        account_id=account.pk,
        candidates=[Candidate(arm, prior=STRATEGY_PRIOR) for arm in offered],
        segment=profile.pattern.key if profile else "",
        now=now,
        actor=actor,
        settings=SETTINGS,
    )
    return Choice(offered[chosen.arm], chosen.decision_id, words_of(chosen.decision_id))


def words_of(decision_id: int | None) -> str:
    """Why this strategy: by what it has reached so far, or tried at random."""
    row = PolicyDecision.objects.filter(pk=decision_id).first() if decision_id else None
    if row is None:
        return "chosen by a person"
    if row.how == How.EXPLORED:
        return "tried at random, as a tenth are, so that others get their chance"
    taken: dict[str, Any] = next((entry for entry in row.candidates if entry["arm"] == row.chosen), {})
    expected = taken.get("expected")
    return (
        f"about {100 * expected:.0f} % of its goals are expected to be reached, {100 * row.propensity:.0f} % chance of being taken"
        if expected
        else row.reason
    )


def learn(decision_id: int | None, *, reached: bool, at: datetime) -> None:
    """Settle the choice by what came of the session; told twice it counts once."""
    if decision_id:
        experiments.settle(decision_id, success=reached, at=at, settings=SETTINGS)


def forget(decision_id: int | None) -> None:
    """The session never took place: nothing can be learned from its strategy."""
    if decision_id:
        experiments.drop([decision_id])
