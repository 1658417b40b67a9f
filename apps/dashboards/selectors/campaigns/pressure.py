"""How much customers hear from us: by day and lane over plays and campaigns, what is planned, and whom nothing more reaches at present."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db.models import Count, F, Max, Q
from django.db.models.functions import TruncDate

from apps.accounts.models import Account, User
from apps.campaigns.models import Campaign, Recipient
from apps.campaigns.types import CampaignState, OccurrenceState, RecipientState
from apps.messaging import services as messaging
from apps.messaging.models import Hold, Message
from apps.messaging.types import CONTACTED, WAITING, Channel, Lane

from .words import when_in_words

# Whole weeks: two behind, this one, three ahead.
BEHIND, WEEKS = 2, 6
MOST_FULL = 50
_CAMPAIGN = "campaign:"


@dataclass
class Day:
    """`reached` and `planned` by lane; `turns`: people whose turn comes, of campaigns; `due`: campaigns that go out on this day."""

    date: date
    reached: Counter[str] = field(default_factory=Counter)
    planned: Counter[str] = field(default_factory=Counter)
    turns: int = 0
    of_campaigns: int = 0
    due: list[Campaign] = field(default_factory=list)

    @property
    def all(self) -> int:
        return sum(self.reached.values()) + sum(self.planned.values()) + self.turns

    def lanes(self) -> Iterator[tuple[str, str, int, int]]:
        """(lane, its word, reached, planned), those that have something."""
        for lane in Lane:
            if self.reached[lane] or self.planned[lane]:
                yield lane.value, str(lane.label), self.reached[lane], self.planned[lane]


@dataclass(frozen=True)
class Full:
    """An account in which somebody may get nothing more on a channel now, and the fullest of its people's counts."""

    account: Account
    had: int
    people: int
    last_at: datetime | None


@dataclass(frozen=True)
class Kept:
    """An account to which nothing that sells leaves at present, and why."""

    account: Account
    why: str
    since: datetime


@dataclass(frozen=True)
class Pressure:
    weeks: list[list[Day]]
    most: int
    full: list[Full]
    cap: str
    kept: list[Kept]
    ahead: list[tuple[Campaign, str]]


def pressure(user: User, *, now: datetime) -> Pressure:
    """Days in the reader's zone (of `now`); counts are of the whole house, accounts of one's own book."""
    today = now.date()
    first = today - timedelta(days=today.weekday() + 7 * BEHIND)
    days = {day: Day(day) for day in (first + timedelta(days=number) for number in range(7 * WEEKS))}
    begins = datetime.combine(first, time(0), now.tzinfo)
    ends = begins + timedelta(days=7 * WEEKS)
    _reached(days, begins, now)
    _planned(days, now, ends)
    ahead = _due(days, now, ends)
    listed = [days[first + timedelta(days=number)] for number in range(7 * WEEKS)]
    full, cap = _full(user, now)
    return Pressure([listed[at : at + 7] for at in range(0, len(listed), 7)], max(day.all for day in listed), full, cap, _kept(user, now), ahead)


def _reached(days: dict[date, Day], begins: datetime, now: datetime) -> None:
    rows = Message.objects.filter(claimed_at__gte=begins, claimed_at__lte=now, state__in=CONTACTED)
    counted = rows.annotate(day=TruncDate("claimed_at", tzinfo=now.tzinfo)).values_list("day", "lane")
    for day, lane, count, ours in counted.annotate(count=Count("pk"), ours=Count("pk", filter=Q(series__startswith=_CAMPAIGN))).order_by():
        if day in days:
            days[day].reached[lane] += count
            days[day].of_campaigns += ours


def _planned(days: dict[date, Day], now: datetime, ends: datetime) -> None:
    waiting = Message.objects.filter(state__in=WAITING, due_at__lt=ends).annotate(day=TruncDate("due_at", tzinfo=now.tzinfo))
    for day, lane, count in waiting.values_list("day", "lane").annotate(count=Count("pk")).order_by():
        days[max(day, now.date())].planned[lane] += count
    turns = Recipient.objects.filter(
        state=RecipientState.PLANNED, due_at__lt=ends, occurrence__state__in=[OccurrenceState.FREEZING, OccurrenceState.SENDING]
    ).annotate(day=TruncDate("due_at", tzinfo=now.tzinfo))
    for day, count in turns.values_list("day").annotate(count=Count("pk")).order_by():
        days[max(day, now.date())].turns += count


def _due(days: dict[date, Day], now: datetime, ends: datetime) -> list[tuple[Campaign, str]]:
    rows = Campaign.objects.filter(state=CampaignState.LIVE, next_at__lt=ends).select_related("current", "segment").order_by("next_at")[:60]
    found = []
    for row in rows:
        assert row.next_at is not None
        days[max(row.next_at.astimezone(now.tzinfo).date(), now.date())].due.append(row)
        found.append((row, when_in_words(row.says.when)))
    return found


def _full(user: User, now: datetime) -> tuple[list[Full], str]:
    """Accounts whose fullest person has had as many messages as the first cap over all channels allows; nothing of that kind: no account."""
    cap = next((one for one in messaging.current_policy().caps if one.channel not in Channel.values), None)
    if cap is None:
        return [], ""
    rows = (
        Message.objects.for_user(user)
        .filter(claimed_at__gt=now - cap.window, state__in=CONTACTED)
        .exclude(**({"channel": Channel.IN_APP} if cap.channel else {}))
        .values("account_id", "contact_id")
        .annotate(had=Count("pk"), last=Max("claimed_at"))
        .filter(had__gte=cap.most)
        .order_by("-had", "account_id")[: 4 * MOST_FULL]
    )
    by_account: dict[int, list[tuple[int, datetime]]] = defaultdict(list)
    for row in rows:
        by_account[row["account_id"]].append((row["had"], row["last"]))
    accounts = Account.objects.in_bulk(list(by_account)[:MOST_FULL])
    found = [
        Full(accounts[key], max(had for had, _ in people), len(people), max(last for _, last in people))
        for key, people in by_account.items()
        if key in accounts
    ]
    return sorted(found, key=lambda one: (-one.had, -one.account.arr)), cap.words


def _kept(user: User, now: datetime) -> list[Kept]:
    rows = Hold.objects.filter(account__in=Account.objects.for_user(user)).select_related("account").order_by(F("account__arr").desc(), "pk")
    return [Kept(row.account, row.reason, row.since) for row in rows[:MOST_FULL] if row.account]
