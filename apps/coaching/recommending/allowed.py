"""Which tips an account may be told now, why not the others, and what an expert expects of each. Pure: rows in, words out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..definition import Definition
from ..models import CoachingRules
from ..types import RecommendationState

# An expert's expectation is worth as much as 15 shows, and fades as real ones come (ML.md 5): ten for the tip at large, which is what the shared
# learner gives every prior, and five in the pattern, since it was made in sight of the account's gaps.
OWN_SHOWS = 5.0
PRIOR_SHOWS = 10.0 + OWN_SHOWS
# What is expected where the account is already good at what the tip is for, or has no gap there, as parts of what is expected where it has one.
_STRONG, _NO_GAP = 0.4, 0.7


@dataclass(frozen=True)
class Known:
    """What is known of an account: facts audiences ask for, and the behaviours in which it is ahead or behind."""

    account_id: int
    plan: str
    tier: str
    segment: str
    pattern: str
    pattern_name: str
    gaps: Mapping[str, str]
    strengths: frozenset[str]


@dataclass(frozen=True)
class Told:
    """An earlier recommendation of a tip to the account, shown or held back."""

    state: str
    at: datetime
    answered_at: datetime | None


def why_not(definition: Definition, known: Known, earlier: Sequence[Told], rules: CoachingRules, now: datetime) -> str:
    """Why the account may not be told this tip now, or nothing."""
    if misfit := definition.fits(known.plan, known.tier, known.segment, known.pattern):
        return misfit
    for one in earlier:
        if words := _still(one, rules, now):
            return words
    if definition.helps and known.strengths.issuperset(definition.helps):
        return "they are strong in it already"
    return ""


def _still(one: Told, rules: CoachingRules, now: datetime) -> str:
    said = one.answered_at or one.at
    if one.state in (RecommendationState.OPEN, RecommendationState.ACCEPTED):
        return "told already, and under way" if one.at + timedelta(days=rules.window_days) > now else ""
    if one.state == RecommendationState.HELD:
        # Whoever is told within the window is no comparison any more.
        return "held back at random until its effect is read" if one.at + timedelta(days=rules.window_days) > now else ""
    if one.state == RecommendationState.LATER:
        return f"“not now” was said on {said:%-d %b}" if said + timedelta(days=rules.later_days) > now else ""
    if said + timedelta(days=rules.rest_days) <= now:
        return ""
    words = {
        RecommendationState.REFUSED: "“not useful” was said",
        RecommendationState.DONE: "they did it",
        RecommendationState.STALE: "it went out of date",
    }
    return f"{words[RecommendationState(one.state)]} on {said:%-d %b}"


def expected(definition: Definition, known: Known) -> float:
    """The chance that it helps before anybody tried it: what the expert wrote, less where there is no gap to close."""
    helps = set(definition.helps)
    if not helps or helps & set(known.gaps):
        return definition.expects
    return definition.expects * (_STRONG if helps <= known.strengths else _NO_GAP)
