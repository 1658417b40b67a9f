"""The figures of a program, read from its rows."""

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.db.models import QuerySet, Sum

from apps.accounts.models import Account
from apps.experiments import selectors as experiments
from apps.experiments.selectors import Arm, Effect, effect
from apps.messaging.types import LEFT
from apps.milestones.models import RewardBudget

from ...models import Advocate, Invite, Referral, ReferralClick, ReferralProgram, ReferralReward
from ...types import OPEN, REFERRALS_HOLDOUT, ReferralRewardState, ReferralState
from .. import graph
from .estimates import Cycle, Funnel, Virality, cycle, month_of, virality

# A referred customer is compared with others once both had so long to stay or to leave.
STAYED_AFTER = timedelta(days=90)
# account.traits.recommended_by: who recommended us, as a customer said when they came, whether or not there was an offer. The id of an account.
HEARD_FROM = "recommended_by"


@dataclass(frozen=True)
class Cohort:
    name: str
    figures: Virality


@dataclass(frozen=True)
class Worth:
    """What approved referrals cost, and what their accounts pay. `months`: until they have paid it back; None where either is not known."""

    approved: int
    cost: Decimal
    arr: Decimal
    months: float | None

    @property
    def words(self) -> str:
        if not self.approved:
            return "Nothing was approved yet."
        if self.months is None:
            return "We cannot tell yet: the accounts that came pay nothing so far."
        return f"{self.cost:,.0f} for {self.approved} approved, which pay {self.arr:,.0f} a year: back after {self.months:.1f} months."


@dataclass(frozen=True)
class Analytics:
    funnel: Funnel
    whole: Virality
    cohorts: list[Cohort]
    generations: list[Cohort]
    cycle: Cycle
    incremental: Effect
    retention: Effect
    worth: Worth


def analytics(program: ReferralProgram, *, now: datetime) -> Analytics:
    """Everything that is told of a program, of what happened until `now`."""
    advocates = list(Advocate.objects.filter(program=program, joined_at__lte=now).order_by("pk").only("pk", "account_id", "joined_at"))
    mine = Referral.objects.filter(program=program, state=ReferralState.APPROVED, approved_at__lte=now)
    approved = list(mine.select_related("advocate").order_by("signed_up_at", "pk"))
    invites = Counter(Invite.objects.filter(program=program, at__lte=now).values_list("advocate_id", flat=True))
    generations = graph.generations(program.pk)
    by_month, by_generation = defaultdict(list), defaultdict(list)
    for one in advocates:
        by_month[month_of(one.joined_at.astimezone(UTC))].append(one.pk)
        if one.account_id in generations:
            by_generation[generations[one.account_id]].append(one.pk)
    of = _Of(Counter(row.advocate_id for row in approved), Counter(row.advocate_id for row in approved if row.invite_id), invites)
    return Analytics(
        funnel=_funnel(program, len(advocates), now=now),
        whole=of.figures([one.pk for one in advocates]),
        cohorts=[Cohort(month, of.figures(ids)) for month, ids in sorted(by_month.items())],
        generations=[Cohort(str(number), of.figures(ids)) for number, ids in sorted(by_generation.items())],
        cycle=cycle([row.signed_up_at - row.advocate.joined_at for row in approved if row.signed_up_at >= row.advocate.joined_at]),
        incremental=incremental(program, now=now),
        retention=retention(approved, now=now),
        worth=_worth(program, approved),
    )


@dataclass(frozen=True)
class _Of:
    """Of advocates, by their number."""

    approved: Counter[int]
    by_invite: Counter[int]
    invites: Counter[int]

    def figures(self, ids: list[int]) -> Virality:
        return virality(
            [self.approved[key] for key in ids], invites=sum(self.invites[key] for key in ids), by_invite=sum(self.by_invite[key] for key in ids)
        )


def _funnel(program: ReferralProgram, exposed: int, *, now: datetime) -> Funnel:
    invites = Invite.objects.filter(program=program, at__lte=now)
    counted = Referral.objects.filter(program=program, noticed_at__lte=now).exclude(state=ReferralState.REFUSED)
    return Funnel(
        exposed=exposed,
        invited=invites.count(),
        delivered=invites.filter(message__state__in=LEFT).count(),
        clicked=ReferralClick.objects.filter(program=program, at__lte=now).count(),
        signed_up=counted.count(),
        activated=counted.filter(valued_at__lte=now).count(),
        approved=counted.filter(state=ReferralState.APPROVED).count(),
    )


def incremental(program: ReferralProgram, *, now: datetime) -> Effect:
    """Accounts that brought at least one new customer, where the offer was shown against where it is hidden. These count in both arms: customers of
    referrals, and those who said by themselves who had recommended us. What would have come anyway is so not taken for brought by the offer."""
    holdout = experiments.holdout_at(REFERRALS_HOLDOUT, now)
    if holdout is None:
        words = "The offer is hidden from nobody, so nothing says what would have come anyway."
        return replace(effect(Arm(0, 0), Arm(0, 0)), words=words)
    shown, hidden = experiments.compared(REFERRALS_HOLDOUT, now)
    since = max(holdout.starts_at, program.live_at or holdout.starts_at)
    brought = set(Referral.objects.filter(state=ReferralState.APPROVED, signed_up_at__gte=since).values_list("account_id", flat=True))
    heard = Account.objects.filter(traits__has_key=HEARD_FROM, created_at__gte=since, created_at__lte=now)
    named = heard.values_list(f"traits__{HEARD_FROM}", flat=True)
    brought |= set(Account.objects.filter(external_id__in=[str(word) for word in named]).values_list("pk", flat=True))
    return effect(Arm(len(shown), len(shown & brought)), Arm(len(hidden), len(hidden & brought)))


def retention(approved: list[Referral], *, now: datetime) -> Effect:
    """Who was referred against who came by themselves in the same months: how many were still there 90 days after they came. Nobody was drawn by lot
    here: those who are recommended to may be other people, so it shows a direction only."""
    referred = {row.friend_account_id for row in approved if row.friend_account_id is not None}
    old_enough = Account.objects.filter(created_at__lte=now - STAYED_AFTER)
    mine = old_enough.filter(pk__in=referred)
    months = {moment.astimezone(UTC).replace(day=1).date() for moment in mine.values_list("created_at", flat=True)}
    brought = Referral.objects.filter(state__in=[*OPEN, ReferralState.APPROVED], friend_account__isnull=False)
    others = old_enough.exclude(pk__in=brought.values("friend_account"))
    same = [row for row in others.only("created_at", "churned_on") if row.created_at.astimezone(UTC).replace(day=1).date() in months]
    return effect(_stayed(mine.only("created_at", "churned_on")), _stayed(same))


def _stayed(accounts: "QuerySet[Account] | list[Account]") -> Arm:
    rows = list(accounts)
    stayed = sum(row.churned_on is None or row.churned_on > (row.created_at + STAYED_AFTER).date() for row in rows)
    return Arm(len(rows), stayed)


def _worth(program: ReferralProgram, approved: list[Referral]) -> Worth:
    """Credits cost themselves, points and perks what the month's budget says that one costs."""
    cost = Decimal()
    for reward in ReferralReward.objects.filter(referral__program=program, state=ReferralRewardState.ISSUED).select_related("claim__budget"):
        budget: RewardBudget | None = reward.claim.budget if reward.claim else None
        each = Decimal(1) if reward.unit == "credits" else (budget.unit_worth if budget else Decimal())
        cost += reward.amount * each
    ids = {row.friend_account_id for row in approved if row.friend_account_id is not None}
    arr = Account.objects.filter(pk__in=ids, churned_on=None).aggregate(arr=Sum("arr"))["arr"] or Decimal()
    return Worth(len(approved), cost, Decimal(arr), float(cost / (Decimal(arr) / 12)) if arr and approved else None)
