"""What speaks for asking now: five signals with their points for each kind of ask, read for many accounts at once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.accounts.models import Renewal, SurveyResponse
from apps.accounts.types import RenewalState, SurveyKind
from apps.health.models import AccountHealth
from apps.health.types import Band
from apps.messaging.models import Message
from apps.milestones.models import Progress
from apps.milestones.types import ProgressState

from ..types import AskKind, Signal
from .praise import praise_in

# How long each is fresh.
FRESH: Mapping[str, timedelta] = {
    Signal.MILESTONE: timedelta(days=14),
    Signal.PROMOTER: timedelta(days=60),
    Signal.RENEWAL: timedelta(days=45),
    Signal.PRAISE: timedelta(days=21),
}
# How many of 100 points each gives to each ask: a promoter recommends, a praise is half a review, who renewed may speak with others.
POINTS: Mapping[str, Mapping[str, int]] = {
    AskKind.REFERRAL: {Signal.PROMOTER: 30, Signal.MILESTONE: 20, Signal.HEALTH: 20, Signal.PRAISE: 20, Signal.RENEWAL: 10},
    AskKind.REVIEW: {Signal.PRAISE: 35, Signal.PROMOTER: 30, Signal.HEALTH: 15, Signal.MILESTONE: 10, Signal.RENEWAL: 10},
    AskKind.REFERENCE: {Signal.RENEWAL: 35, Signal.HEALTH: 25, Signal.PROMOTER: 20, Signal.MILESTONE: 10, Signal.PRAISE: 10},
    AskKind.CASE: {Signal.MILESTONE: 35, Signal.HEALTH: 25, Signal.RENEWAL: 20, Signal.PROMOTER: 10, Signal.PRAISE: 10},
}
PROMOTER = 9
_DONE = (RenewalState.RENEWED, RenewalState.EXPANDED)


@dataclass(frozen=True)
class Found:
    """One signal in words; `contact_id` is empty where it is the whole account's."""

    signal: Signal
    words: str
    contact_id: int | None = None


def signals_of(account_ids: Sequence[int], *, now: datetime) -> dict[int, list[Found]]:
    """What speaks for asking, by account; five statements whatever their number."""
    found: dict[int, list[Found]] = defaultdict(list)
    for account_id, at, name in _milestones(account_ids, now):
        found[account_id].append(Found(Signal.MILESTONE, f"Reached “{name}” {_ago(at, now)}"))
    green = AccountHealth.objects.filter(account__in=account_ids, band=Band.GOOD, momentum__gt=0)
    for account_id, score, momentum in green.values_list("account_id", "score", "momentum"):
        found[account_id].append(Found(Signal.HEALTH, f"Health is green ({score:.0f}) and rising ({momentum:+.1f} points in 28 days)"))
    for account_id, contact_id, score, at in _promoters(account_ids, now):
        found[account_id].append(Found(Signal.PROMOTER, f"Answered {score} of 10 to “would you recommend us” {_ago(at, now)}", contact_id))
    renewed = Renewal.objects.filter(
        account__in=account_ids, state__in=_DONE, decided_on__gt=(now - FRESH[Signal.RENEWAL]).date(), decided_on__lte=now.date()
    )
    for account_id, on in renewed.order_by("account_id", "-decided_on").distinct("account_id").values_list("account_id", "decided_on"):
        assert on is not None
        found[account_id].append(Found(Signal.RENEWAL, f"Renewed on {on.day} {on:%B}"))
    for account_id, contact_id, words, at in _praises(account_ids, now):
        found[account_id].append(Found(Signal.PRAISE, f"Wrote “{words}” in an answer {_ago(at, now)}", contact_id))
    return found


def _milestones(account_ids: Sequence[int], now: datetime) -> list[tuple[int, datetime, str]]:
    rows = Progress.objects.filter(
        account__in=account_ids, state=ProgressState.ACHIEVED, achieved_at__gt=now - FRESH[Signal.MILESTONE], achieved_at__lte=now
    )
    newest = rows.order_by("account_id", "-achieved_at").distinct("account_id")
    return list(newest.values_list("account_id", "achieved_at", "milestone__name"))


def _promoters(account_ids: Sequence[int], now: datetime) -> list[tuple[int, int, int, datetime]]:
    """Each person's newest answer, where it is a promoter's: what they said before has passed."""
    rows = SurveyResponse.objects.filter(
        account__in=account_ids, contact__isnull=False, kind=SurveyKind.NPS, at__gt=now - FRESH[Signal.PROMOTER], at__lte=now
    )
    newest = rows.order_by("contact_id", "-at", "-id").distinct("contact_id").values_list("account_id", "contact_id", "score", "at")
    return [(account_id, contact_id, score, at) for account_id, contact_id, score, at in newest if contact_id and score >= PROMOTER]


def _praises(account_ids: Sequence[int], now: datetime) -> list[tuple[int, int, str, datetime]]:
    """Each person's newest letter, where it praises."""
    rows = Message.objects.filter(account__in=account_ids, replied_at__gt=now - FRESH[Signal.PRAISE], replied_at__lte=now).exclude(reply="")
    newest = rows.order_by("contact_id", "-replied_at", "-id").distinct("contact_id").values_list("account_id", "contact_id", "reply", "replied_at")
    return [(account_id, contact_id, words[0], at) for account_id, contact_id, reply, at in newest if at and (words := praise_in(reply))]


def _ago(at: datetime, now: datetime) -> str:
    days = (now - at).days
    return "today" if days < 1 else "yesterday" if days == 1 else f"{days} days ago"
