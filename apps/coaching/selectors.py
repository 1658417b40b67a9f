"""What coaching says of accounts; nothing here writes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, ExpressionWrapper, F, FloatField, Max, Q, QuerySet, Sum, Value
from django.db.models.functions import Cast, Coalesce

from apps.accounts.models import Account, User

from .behaviours import BEHAVIOURS, BY_KEY, Behaviour
from .models import CoachingProfile, Pattern, ProfileFit, Recommendation, Tip
from .next_actions.gathered import facts as facts_of
from .next_actions.ranked import TIP, UNSCORED, ranked
from .recommending.choosing import counts_now, rules_now
from .types import NextAction, RecommendationState

__all__ = [
    "BEHAVIOURS",
    "BY_KEY",
    "Behaviour",
    "Figures",
    "counts_now",
    "facts_of",
    "figures",
    "fit_in_force",
    "next_actions",
    "patterns",
    "profile_of",
    "promising",
    "ranked",
    "rules_now",
    "slate_of",
    "tip_names",
    "told_before",
]

# Sessions and what they changed.
from . import effect_data  # noqa: F401  isort:skip
from .effect import cohort, decay, verdict  # noqa: F401  isort:skip
from .sessions import agenda, calendar, goals, strategies  # noqa: F401  isort:skip
from .sessions.messages import of as messages_of, reachable  # noqa: F401  isort:skip


def next_actions(account: Account, *, now: datetime) -> list[NextAction]:
    """What to do next for an account, the most worth first; each with why and with the events that show it."""
    return ranked(facts_of(account, now=now))


def profile_of(account: Account) -> CoachingProfile | None:
    return CoachingProfile.objects.filter(account=account).select_related("pattern", "fit").first()


def fit_in_force() -> ProfileFit | None:
    return ProfileFit.objects.last()


def patterns(user: User) -> QuerySet[Pattern]:
    """With how many accounts of one's own book each has."""
    mine = CoachingProfile.objects.for_user(user).values("pk")
    return Pattern.objects.annotate(accounts=Count("profiles", filter=Q(profiles__in=mine))).filter(accounts__gt=0).order_by("-accounts", "pk")


def tip_names() -> list[tuple[str, str]]:
    """(key, name) of every tip."""
    return list(Tip.objects.values_list("key", "name"))


def slate_of(account: Account) -> list[Recommendation]:
    """What was shown to the account and is not settled yet, the newest slate first. What is held back is never among it."""
    live = (RecommendationState.OPEN, RecommendationState.ACCEPTED, RecommendationState.LATER)
    rows = Recommendation.objects.shown().filter(account=account, state__in=live).select_related("tip", "version", "slate")
    return list(rows.order_by("-at", "slot"))


def told_before(account: Account, *, limit: int = 20) -> list[Recommendation]:
    """What is over: done, refused, out of date."""
    over = (RecommendationState.DONE, RecommendationState.REFUSED, RecommendationState.STALE)
    rows = Recommendation.objects.shown().filter(account=account, state__in=over).select_related("tip", "version")
    return list(rows.order_by("-at", "slot")[:limit])


def promising(user: User, *, pattern: str = "") -> QuerySet[Account]:
    """Accounts with tips that wait, by what coaching may bring: ARR x chance of leaving x what the tips are expected to keep (`worth`)."""
    open_ones = Q(recommendations__state=RecommendationState.OPEN, recommendations__held_back=False)
    rows = Account.objects.for_user(user).at_risk().filter(pk__in=Recommendation.objects.shown().waiting().values("account"))
    if pattern:
        rows = rows.filter(coaching_profile__pattern__key=pattern)
    chance = Coalesce(F("risk__probability"), Value(UNSCORED), output_field=FloatField())
    told = rows.annotate(
        waiting=Count("recommendations", filter=open_ones),
        hope=Sum("recommendations__expected", filter=open_ones),
        last_told=Max("recommendations__at", filter=open_ones),
    )
    worth = ExpressionWrapper(Cast("arr", FloatField()) * chance * F("hope") * Value(TIP), output_field=FloatField())
    return told.annotate(worth=worth).select_related("coaching_profile__pattern", "risk", "owner").order_by("-worth", "pk")


@dataclass(frozen=True)
class Figures:
    """Of one's own book: accounts with a profile, tips that wait, answers by word, and of those read how many moved."""

    profiles: int
    waiting: int
    accepted: int
    done: int
    refused: int
    read: int
    moved: int


def figures(user: User) -> Figures:
    rows = Recommendation.objects.shown().for_user(user)
    told: dict[str, Any] = rows.aggregate(
        waiting=Count("pk", filter=Q(state=RecommendationState.OPEN)),
        accepted=Count("pk", filter=Q(state=RecommendationState.ACCEPTED)),
        done=Count("pk", filter=Q(state=RecommendationState.DONE)),
        refused=Count("pk", filter=Q(state=RecommendationState.REFUSED)),
        read=Count("pk", filter=Q(read_at__isnull=False)),
        moved=Count("pk", filter=Q(moved=True)),
    )
    return Figures(profiles=CoachingProfile.objects.for_user(user).count(), **told)
