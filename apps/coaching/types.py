from dataclasses import dataclass, field
from typing import Any

from django.db.models import TextChoices


class TipState(TextChoices):
    DRAFT = "draft", "draft"
    LIVE = "live", "live"
    RETIRED = "retired", "retired"


# Retired tips may come back: nothing was lost meanwhile, what was learned of them ages by itself.
TIP_TURNS: dict[str, tuple[str, ...]] = {
    TipState.DRAFT: (TipState.LIVE, TipState.RETIRED),
    TipState.LIVE: (TipState.RETIRED,),
    TipState.RETIRED: (TipState.LIVE,),
}


class FitKind(TextChoices):
    """How the patterns of a fit came about."""

    LEARNED = "learned", "learned from behaviour"
    RULES = "rules", "rules, as there are too few accounts to learn from"


class RecommendationState(TextChoices):
    """`later`: not now was said; `stale`: it is out of date, and nobody needs to answer any more."""

    OPEN = "open", "waiting for an answer"
    ACCEPTED = "accepted", "accepted"
    LATER = "later", "not now"
    REFUSED = "refused", "not useful"
    DONE = "done", "done"
    STALE = "stale", "out of date"
    HELD = "held", "held back at random"


class Answer(TextChoices):
    ACCEPT = "accept", "accept"
    NOT_NOW = "not_now", "not now"
    NOT_USEFUL = "not_useful", "not useful"
    DONE = "done", "done"


# From which states an answer may be given, and where it leads. Whoever accepted may still say that it was of no use, or that it is done.
ANSWERS: dict[str, tuple[tuple[str, ...], str]] = {
    Answer.ACCEPT: ((RecommendationState.OPEN, RecommendationState.LATER), RecommendationState.ACCEPTED),
    Answer.NOT_NOW: ((RecommendationState.OPEN, RecommendationState.ACCEPTED), RecommendationState.LATER),
    Answer.NOT_USEFUL: ((RecommendationState.OPEN, RecommendationState.ACCEPTED, RecommendationState.LATER), RecommendationState.REFUSED),
    Answer.DONE: ((RecommendationState.OPEN, RecommendationState.ACCEPTED, RecommendationState.LATER), RecommendationState.DONE),
}

# What the learning policy of apps.experiments calls the choice of tips.
POLICY = "tips"


@dataclass(frozen=True)
class Evidence:
    """One fact in words. `events` are keys of activity events that show it, newest first; `about` opens what it is about, such as `prediction:7`."""

    words: str
    about: str = ""
    events: tuple[int, ...] = ()

    def plain(self) -> dict[str, Any]:
        return {"words": self.words, "about": self.about, "events": list(self.events)}


@dataclass(frozen=True)
class NextAction:
    """Something worth doing for an account. `worth` is what it is expected to bring, in the account's currency; `why` says how that is reckoned."""

    key: str
    title: str
    why: str
    worth: float
    minutes: int
    evidence: tuple[Evidence, ...] = field(default=())
    opens: str = ""


# Sessions are a noun of their own.
from .session_types import READ_AFTER, SESSION_MOVES, STRATEGY_POLICY, TOOK_PLACE, WAITING, Agreed, Measure, Mode, SessionState  # noqa: E402, F401  isort:skip
