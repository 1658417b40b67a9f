"""The shared calendar: what customers of one's book got and will get, by day and lane, over plays and campaigns; and whom nothing more reaches."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from apps.accounts.models import Account, User
from apps.campaigns import selectors as campaigns
from apps.campaigns.models import Campaign
from apps.campaigns.types import CampaignState
from apps.messaging.models import Hold
from apps.messaging.types import Lane

from .words import when_in_words

# Whole weeks: two behind, this one, three ahead.
BEHIND, WEEKS = 2, 6
MOST = 50


@dataclass
class Day:
    """A day with its figures, and the campaigns that go out on it."""

    told: Any
    share: int
    due: list[Campaign] = field(default_factory=list)

    def lanes(self) -> Iterator[tuple[str, str, int, int]]:
        """(lane, its word, reached, still to come), those that have something, the most important first."""
        for lane in Lane:
            reached = self.told.reached.get(lane.value, 0)
            ahead = self.told.waiting.get(lane.value, 0) + self.told.planned.get(lane.value, 0)
            if reached or ahead:
                yield lane.value, str(lane.label), reached, ahead


@dataclass(frozen=True)
class Pressure:
    weeks: list[list[Day]]
    full: list[Account]
    full_count: int
    kept: list[tuple[Account, str, datetime]]
    ahead: list[tuple[Campaign, str]]


def pressure(user: User, *, on: date, now: datetime) -> Pressure:
    """Six weeks around today, in days of UTC as the caps count them; `on`: the day whose full accounts are listed."""
    today = now.date()
    first = today - timedelta(days=today.weekday() + 7 * BEHIND)
    told = campaigns.campaigns.pressure_days(user, first=first, days=7 * WEEKS)
    most = max((one.all for one in told), default=0) or 1
    days = {one.day: Day(one, round(100 * one.all / most)) for one in told}
    rows = Campaign.objects.filter(state=CampaignState.LIVE, next_at__isnull=False).select_related("current").order_by("next_at")[:MOST]
    ahead = []
    for row in rows:
        day = days.get(max(row.next_at.date(), today)) if row.next_at else None
        if day is not None:
            day.due.append(row)
        ahead.append((row, when_in_words(row.says.when)))
    full = campaigns.campaigns.full_accounts(user, on)
    held = Hold.objects.filter(account__in=Account.objects.for_user(user)).select_related("account").order_by("-account__arr", "pk")[:MOST]
    listed = list(days.values())
    return Pressure(
        weeks=[listed[at : at + 7] for at in range(0, len(listed), 7)],
        full=list(Account.objects.filter(pk__in=full).order_by("-arr", "pk")[:MOST]),
        full_count=len(full),
        kept=[(row.account, row.reason, row.since) for row in held if row.account],
        ahead=ahead,
    )
