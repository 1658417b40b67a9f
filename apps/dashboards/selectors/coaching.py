"""The coaching workspace: whom coaching may help most, and one account with its pattern, its tips and what to do next."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from apps.accounts.models import Account, ActivityEvent, Contact, User
from apps.coaching import selectors as coaching
from apps.coaching.models import CoachingProfile, Recommendation, Slate
from apps.coaching.types import NextAction, RecommendationState

_MOST_EVENTS = 6


@dataclass(frozen=True)
class Fact:
    """Evidence in words with the activity that shows it, newest first."""

    words: str
    events: list[ActivityEvent] = field(default_factory=list)
    about: str = ""


@dataclass(frozen=True)
class Other:
    """A tip that could have been taken instead."""

    name: str
    chance: float
    expected: float


@dataclass(frozen=True)
class Shown:
    """A recommendation as it is spoken of; `others` are what could have been taken, the likeliest first."""

    row: Recommendation
    title: str
    text: str
    steps: list[str]
    minutes: int
    facts: list[Fact]
    others: list[Other]

    @property
    def waits(self) -> bool:
        return self.row.state in (RecommendationState.OPEN, RecommendationState.LATER)

    @property
    def accepted(self) -> bool:
        return self.row.state == RecommendationState.ACCEPTED


@dataclass(frozen=True)
class Deed:
    """Something to do next, its worth, and its evidence opened."""

    rank: int
    action: NextAction
    facts: list[Fact]


@dataclass(frozen=True)
class Bar:
    """One behaviour of the account: where it stands among all, 0 to 100."""

    name: str
    value: str
    place: int
    tone: str
    word: str


@dataclass(frozen=True)
class Workspace:
    profile: CoachingProfile | None
    bars: list[Bar]
    slate: list[Shown]
    before: list[Shown]
    deeds: list[Deed]
    passed_over: list[dict[str, str]]
    people: list[Contact]


def verdict(user: User) -> str:
    """What coaching does in one's own book, in a sentence or two."""
    found = coaching.figures(user)
    if not found.profiles:
        return "No account has a profile yet: the first look at how accounts behave makes them."
    taken = found.accepted + found.done
    said = f"{found.waiting} {'tip waits' if found.waiting == 1 else 'tips wait'} for an answer; {taken} {'was' if taken == 1 else 'were'} taken up"
    if found.read:
        said += f". Of {found.read} whose effect was read the behaviour moved after {found.moved}, counting those where it would have moved anyway"
    return f"{said}."


def workspace(account: Account, *, now: datetime) -> Workspace:
    profile = coaching.profile_of(account)
    slate, before, actions = coaching.slate_of(account), coaching.told_before(account, limit=10), coaching.next_actions(account, now=now)
    events = _events(
        account, [*(fact for row in [*slate, *before] for fact in row.evidence), *(one.plain() for act in actions for one in act.evidence)]
    )
    names = dict(coaching.tip_names())
    newest = Slate.objects.filter(account=account).order_by("-at").first()
    return Workspace(
        profile=profile,
        bars=_bars(profile),
        slate=[_shown(row, events, names) for row in slate],
        before=[_shown(row, events, names) for row in before],
        deeds=[Deed(rank, act, _facts([one.plain() for one in act.evidence], events)) for rank, act in enumerate(actions, 1)],
        passed_over=[{"name": names.get(one["tip"], one["tip"]), "why": one["why"]} for one in newest.passed_over] if newest else [],
        people=list(Contact.objects.filter(account=account, departed_on__isnull=True).exclude(email="").order_by("-influence", "name", "pk")[:20]),
    )


def _events(account: Account, facts: Iterable[Mapping[str, Any]]) -> dict[int, ActivityEvent]:
    """Only of this account, whatever a fact says."""
    wanted = {key for fact in facts for key in fact["events"]}
    return {row.pk: row for row in ActivityEvent.objects.filter(account=account, pk__in=wanted)}


def _facts(plain: Iterable[Mapping[str, Any]], events: Mapping[int, ActivityEvent]) -> list[Fact]:
    return [Fact(one["words"], [events[key] for key in one["events"] if key in events][:_MOST_EVENTS], one["about"]) for one in plain]


def _shown(row: Recommendation, events: Mapping[int, ActivityEvent], names: Mapping[str, str]) -> Shown:
    says = row.version.says
    said = says.said("en")
    rest = [one for one in row.candidates if one["tip"] != row.tip.key][:4]
    others = [Other(names.get(one["tip"], one["tip"]), one["propensity"] * 100, one["expected"] * 100) for one in rest]
    return Shown(row, said.title, said.text, list(said.steps), says.effort_minutes, _facts(row.evidence, events), others)


def _bars(profile: CoachingProfile | None) -> list[Bar]:
    if profile is None:
        return []
    ahead, behind = {one["behaviour"] for one in profile.strengths}, {one["behaviour"] for one in profile.gaps}
    bars = []
    for behaviour in coaching.BEHAVIOURS:
        if (own := profile.measures.get(behaviour.key)) is None:
            continue
        tone, word = ("good", "strength") if behaviour.key in ahead else ("warn", "gap") if behaviour.key in behind else ("calm", "")
        bars.append(Bar(behaviour.name, behaviour.told(own["value"]), round(own["place"] * 100), tone, word))
    return bars
