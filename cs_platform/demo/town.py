"""What demo_live needs to know of the demo's customers, read from the database: nothing is kept elsewhere, so a restart goes on where it was."""

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Max, Q

from apps.accounts.models import Account, ActivityEvent, Contact
from apps.churn.models import AccountRisk
from apps.interventions.models import Enrolment
from apps.interventions.types import Arm
from apps.messaging.models import Message
from apps.messaging.types import MessageState

from .load import SOURCE
from .streams import MEANINGS, PER_DAY
from .words import TRADES, Trade

TROUBLE = ("ticket.opened", "payment.failed", "cancel_page.viewed")
_TRADES = {trade.name: trade for trade in TRADES}
# The habit is what an account did in the eight weeks before the demo company was handed over. What demo_live adds never counts as habit, or
# habits would grow by themselves.
_HABITS = """
select account_id, name, count(*) filter (where at > %(until)s - interval '8 weeks') / 8.0, avg(value),
    count(*) filter (where at <= %(until)s - interval '8 weeks') / 26.0
from accounts_activityevent
where source = %(source)s and message_id like 'past-%%' and at > %(until)s - interval '34 weeks' and at <= %(until)s and account_id = any(%(ids)s)
group by account_id, name
"""
_RECENT = """
select account_id, count(*) filter (where at > %(now)s - interval '1 day' and message_id not like 'past-%%'),
    count(*) filter (where at > %(now)s - interval '7 days' and message_id not like 'past-%%'),
    count(*) filter (where at > %(now)s - interval '14 days' and name = any(%(use)s)),
    max(at) filter (where name = any(%(trouble)s) and message_id like 'live-%%'),
    max(received_at) filter (where message_id like 'back-%%')
from accounts_activityevent where account_id = any(%(ids)s) and at > %(now)s - interval '28 days' group by account_id
"""


@dataclass
class Neighbour:
    """One present customer of the demo company."""

    pk: int
    key: str
    trade: Trade
    zone: ZoneInfo
    people: list[str]
    habit: dict[str, float] = field(default_factory=dict)
    before: dict[str, float] = field(default_factory=dict)
    worth: dict[str, float] = field(default_factory=dict)
    day: int = 0
    week: int = 0
    fortnight: float = 0
    troubled_at: datetime | None = None
    came_back_at: datetime | None = None
    band: str = "low"
    contacted: bool = False
    held_out: bool = False

    @property
    def per_week(self) -> float:
        return sum(self.habit.get(name, 0.0) for name in PER_DAY)

    @property
    def at_its_best(self) -> float:
        """Events per week when things go well: a fifth above the habit of the last eight weeks, or of the half year before where that was higher."""
        return 1.2 * max(self.per_week, sum(self.before.get(name, 0.0) for name in PER_DAY))

    @property
    def vigour(self) -> float:
        """Present use as a share of the habit, so that a fading account keeps fading until it comes back."""
        return min(1.2, max(0.05, self.fortnight / (2 * self.per_week))) if self.per_week else 0.05

    def openness(self, now: datetime) -> float:
        """How likely somebody is at work there: the hour and the weekday of the account's own zone."""
        local = now.astimezone(self.zone)
        by_day = self.trade.week[local.weekday()]
        at_work = self.trade.opens <= local.hour < self.trade.opens + self.trade.hours
        return (by_day if at_work else 0.06 * by_day) + 0.01

    def room(self, now: datetime) -> float:
        """How much ordinary use still fits: never more than two ordinary days in any 24 hours, nor 1.3 ordinary weeks in any 7 days."""
        daily = max(3.0, 2 * self.per_week / 5) * self.vigour
        return max(0.0, min(daily - self.day, 1.3 * self.per_week * self.vigour - self.week + 2))


@dataclass
class Town:
    """All present customers of the demo company."""

    neighbours: dict[int, Neighbour] = field(default_factory=dict)

    def read(self, now: datetime) -> None:
        """Everything anew; called now and then, so that staff's and the product's changes are seen."""
        known = self.neighbours
        present = Account.objects.at_risk().filter(synthetic=True, external_id__startswith="hl-")
        rows = list(present.values_list("pk", "external_id", "time_zone", "traits"))
        people: dict[int, list[str]] = defaultdict(list)
        there = Contact.objects.filter(account__in=[row[0] for row in rows]).filter(Q(departed_on__isnull=True) | Q(departed_on__gt=now.date()))
        for account_id, key in there.order_by("pk").values_list("account_id", "external_id"):
            people[account_id].append(key)
        made = {pk: Neighbour(pk, key, _TRADES[traits["industry"]], ZoneInfo(zone), people[pk]) for pk, key, zone, traits in rows if pk not in known}
        self._learn_habits(made)
        self.neighbours = {pk: known.get(pk) or made[pk] for pk, *_ in rows}
        self._recent(now)
        self._standing(now)

    @staticmethod
    def _learn_habits(made: dict[int, Neighbour]) -> None:
        ids = list(made)
        handed_over = ActivityEvent.objects.filter(source=SOURCE, message_id__startswith="past-").aggregate(last=Max("at"))["last"]
        if ids and handed_over is not None:
            with connection.cursor() as cursor:
                cursor.execute(_HABITS, {"source": SOURCE, "until": handed_over, "ids": ids})
                for account_id, name, per_week, value, before in cursor.fetchall():
                    made[account_id].habit[name], made[account_id].worth[name] = float(per_week), float(value)
                    made[account_id].before[name] = float(before)

    def _recent(self, now: datetime) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_RECENT, {"now": now, "ids": list(self.neighbours), "use": list(PER_DAY), "trouble": list(TROUBLE)})
            for account_id, day, week, fortnight, troubled_at, came_back_at in cursor.fetchall():
                one = self.neighbours[account_id]
                one.day, one.week, one.fortnight, one.troubled_at, one.came_back_at = day, week, fortnight, troubled_at, came_back_at

    def _standing(self, now: datetime) -> None:
        for account_id, band in AccountRisk.objects.filter(account__in=self.neighbours).values_list("account_id", "band"):
            self.neighbours[account_id].band = band
        reached = Message.objects.filter(sent_at__gt=now - timedelta(days=3), state__in=[MessageState.SENT, MessageState.REPLIED])
        contacted = set(reached.values_list("account_id", flat=True))
        held_out = set(Enrolment.objects.running().filter(arm=Arm.HELD_OUT).values_list("account_id", flat=True))
        for one in self.neighbours.values():
            one.contacted, one.held_out = one.pk in contacted, one.pk in held_out


def moments_of(day: date, count: int, one: Neighbour, dice: random.Random) -> list[datetime]:
    """Moments of that local day within opening hours, in UTC."""
    opens = datetime.combine(day, time(one.trade.opens), one.zone)
    return [(opens + timedelta(seconds=dice.random() * one.trade.hours * 3600)).astimezone(UTC) for _ in range(count)]


assert set(TROUBLE) < set(MEANINGS)
