"""Recommendations as staff see them: what a program brings, what waits for a decision and why, what is about to mature, who may be asked."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from apps.accounts.models import Account, Contact, User
from apps.community.models import Advocate, Referral, ReferralProgram, ReferralReward, SharingChoice
from apps.community.selectors import may
from apps.community.selectors import referrals as known
from apps.community.types import ProgramState, ReferralRewardState, ReferralState, Surface

LINES = 30
_MONTHS = 6


@dataclass(frozen=True)
class Step:
    """One step of the funnel: how many, and of how many of the step before."""

    name: str
    count: int
    share: int
    note: str


@dataclass(frozen=True)
class Ripe:
    """A sign-up that is on its way to its reward, and what it waits for."""

    row: Referral
    waits: str


@dataclass(frozen=True)
class Desk:
    program: ReferralProgram
    promise: str
    found: Any
    steps: list[Step]
    cohorts: list[Any]
    verdict: str


@dataclass(frozen=True)
class Asked:
    """Who may be asked to recommend us, of the people at customers of one's own book."""

    people: int
    declined: int
    advocates: int


def programs() -> list[ReferralProgram]:
    """The live ones first."""
    rows = ReferralProgram.objects.select_related("current__program").order_by("key")
    order = [ProgramState.LIVE, ProgramState.PAUSED, ProgramState.DRAFT, ProgramState.ENDED]
    return sorted(rows, key=lambda row: order.index(ProgramState(row.state)))


def desk(program: ReferralProgram, *, now: datetime) -> Desk:
    found = known.analytics(program, now=now)
    return Desk(program, _promise(program), found, _steps(found.funnel), found.cohorts[-_MONTHS:], _verdict(found))


def _verdict(found: Any) -> str:
    if not found.whole.exposed:
        return "The offer was shown to nobody yet."
    if not found.whole.can_tell:
        return f"{found.whole.words} K says something from 30 who saw the offer and 5 approved on."
    return f"{found.whole.words} {found.incremental.words}"


def _promise(program: ReferralProgram) -> str:
    if program.current is None:
        return ""
    rules = known.says(program.current)
    said = [
        f"{promised.amount} {promised.currency or promised.unit} for {words}"
        for side, words in (("advocate", "who recommends"), ("friend", "who comes"))
        if (promised := rules.promised(side))
    ]
    value = f"the milestone {rules.first_value.milestone}" if rules.first_value.milestone else f"“{rules.first_value.activity}”"
    return f"{', '.join(said)}, after {value}"


def _steps(funnel: Any) -> list[Step]:
    """A link needs no invite, so a step can be larger than the one before it; then no share is told."""
    made, before = [], 0
    for name, count in funnel.steps:
        share = round(100 * count / before) if before and count <= before else 0
        made.append(Step(name, count, share, f"{share} % of the step before" if share else ""))
        before = count
    return made


def queue(user: User) -> list[Referral]:
    """What a person decides, of one's own book, the oldest first."""
    rows: QuerySet[Any] = Referral.objects.for_user(user).filter(state=ReferralState.FLAGGED)
    return list(rows.select_related("account", "program", "friend_account", "advocate__contact").order_by("signed_up_at", "pk")[:LINES])


def ripening(user: User, *, now: datetime) -> list[Ripe]:
    """What is on its way, of one's own book; those nearest to their reward first."""
    rows = Referral.objects.for_user(user).filter(state=ReferralState.PENDING).select_related("account", "program", "friend_account")
    return [Ripe(row, _waits(row, now)) for row in rows.order_by("valued_at", "signed_up_at", "pk")[:LINES]]


def _waits(row: Referral, now: datetime) -> str:
    if row.friend_account_id is None:
        return "for their account: no source has told us of it"
    if row.valued_at is None:
        return "for the friend's first value"
    if row.hold_until is not None and row.hold_until > now:
        left = (row.hold_until - now) // timedelta(days=1) + 1
        return f"{left} day{'' if left == 1 else 's'} more, because it was recovered without a code"
    return "for the next look, within ten minutes"


def owed(user: User) -> list[ReferralReward]:
    """Rewards that are due and could not be given yet."""
    rows = ReferralReward.objects.filter(referral__account__in=_accounts(user), state=ReferralRewardState.DUE)
    return list(rows.select_related("account", "referral__program").order_by("due_at", "pk")[:LINES])


def _accounts(user: User) -> Any:
    return Account.objects.for_user(user).values("pk")


def asked(user: User) -> Asked:
    people = Contact.objects.filter(account__in=_accounts(user), departed_on=None)
    ids = list(SharingChoice.objects.filter(contact__in=people, surface=Surface.REFERRAL).values_list("contact_id", flat=True).distinct())
    return Asked(people.count(), len(ids) - len(may(ids, Surface.REFERRAL)), Advocate.objects.for_user(user).count())
