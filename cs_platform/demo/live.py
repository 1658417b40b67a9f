"""Keeps the demo company living while somebody looks on. Every effect is synthetic, and these are all of them (rates at --speed 1, 500 accounts):

* **Ordinary use**: about one event in three seconds, by accounts whose zone is at work, never more than two ordinary days per account in 24 hours
  and 1.3 ordinary weeks in 7 days (town.Neighbour.room): at most about 1,800 a day, 900 a day in the long run. An account that was fading keeps
  fading.
* **A turn for the worse or the better** about every 20 seconds. Worse: one to three tickets, a failed charge, a look at the cancel page; at most
  60 accounts a day and 200 in four weeks, none while more than 15 % of the accounts are at high risk. Better: an account at risk comes back, brings
  the events that its tablets kept while they were offline (up to its best half year on each of the last ten days) and a busy day.
* **Contact helps**: who was written to within three days is picked for coming back three times as often as everybody else, the held-out included.
* **Answers**: of in-app messages 70 % are opened and 15 % answered, of mails 25 % are answered, after 20 seconds to 4 minutes.
* **Leaving**: an account at high risk leaves now and then, at least 20 minutes apart, so that no more than 3 % leave in any 30 days.
* **Days when the product was off** come in late, at most 30 of them, as ordinary use.

All state is in the database: which message ids were posted, who left, who was answered.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from threading import Event

from django.db import InterfaceError, OperationalError, connection
from django.db.models import Max

from apps.accounts import services as accounts
from apps.accounts.models import Account, ActivityEvent
from apps.accounts.types import Stage
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.core.shares import position
from apps.messaging.models import Message
from apps.messaging.types import Channel, MessageState

from .door import Deed, Door
from .load import SOURCE
from .past import WORDS
from .streams import PER_DAY
from .town import TROUBLE, Neighbour, Town, moments_of
from .words import TICKETS

ACTOR = Actor.job("demo_live")
USE_EVERY, TURN_EVERY, READ_TOWN_EVERY, ANSWER_EVERY = 3.0, 20.0, 30.0, 5.0
TROUBLED_A_DAY, TROUBLED_IN_FOUR_WEEKS, MOST_AT_RISK = 60 / 500, 200 / 500, 0.15
CALM, REST = timedelta(days=14), timedelta(days=3)
CONTACT_HELPS = 3.0
OPENED, ANSWERED = 0.7, {Channel.EMAIL: 0.25, Channel.IN_APP: 0.15}
LEAVE_SHARE, LEAVE_APART = 0.03, timedelta(minutes=20)
LATE_DAYS, OFFLINE_DAYS = 30, 10


@dataclass
class Life:
    """The loop. `stop` ends it at once; `speed` multiplies every rate."""

    door: Door
    stop: Event
    speed: float = 1.0
    say: Callable[[str], object] = print
    dice: random.Random = field(default_factory=random.Random)
    town: Town = field(default_factory=Town)
    _closed: bool = False
    _asked: dict[int, int] = field(default_factory=dict)

    def run(self, *, until: datetime | None = None) -> None:
        """Until stopped, or until a moment. A door or a database that is away is waited for."""
        next_town = next_turn = next_answer = clock.now()
        caught_up = False
        while not self.stop.is_set():
            now = clock.now()
            if until is not None and now >= until:
                return
            try:
                if now >= next_town:
                    self.town.read(now)
                    next_town = now + timedelta(seconds=READ_TOWN_EVERY)
                caught_up = caught_up or self._post(self.late_days(now), now)
                if caught_up:
                    self._post(self.ordinary_use(now), now)
                    if now >= next_turn:
                        self.turn(now)
                        next_turn = now + timedelta(seconds=self.dice.uniform(0.6, 1.4) * TURN_EVERY / self.speed)
                    if now >= next_answer:
                        self.answer(now)
                        next_answer = now + timedelta(seconds=ANSWER_EVERY)
            except (OperationalError, InterfaceError):
                connection.close()
                self.stop.wait(2)
            self.stop.wait(3.0 if self._closed else self.dice.uniform(0.7, 1.3))

    def _post(self, deeds: list[Deed], now: datetime) -> bool:
        if not deeds:
            return True
        opened = self.door.post(deeds, now=now)
        if opened == self._closed:
            self.say("The door is open again." if opened else "The door does not open yet; trying again.")
        self._closed = not opened
        return opened

    def ordinary_use(self, now: datetime) -> list[Deed]:
        """What happened in the last second or so: a few accounts at work."""
        there = list(self.town.neighbours.values())
        weights = [one.openness(now) * one.room(now) for one in there]
        expected = self.speed / USE_EVERY
        count = int(expected) + (self.dice.random() < expected % 1)
        if not any(weights) or not count:
            return []
        chosen = self.dice.choices(there, weights, k=count)
        return [self._deed(one, self._habitual(one), now, "live") for one in chosen if one.habit]

    def _habitual(self, one: Neighbour) -> str:
        names = [name for name in PER_DAY if one.habit.get(name)]
        return self.dice.choices(names, [one.habit[name] for name in names])[0] if names else "login"

    def _deed(self, one: Neighbour, name: str, at: datetime, how: str, key: str = "", **properties: str) -> Deed:
        if how == "live":
            one.day, one.week = one.day + 1, one.week + 1
        value = max(1, round(one.worth.get(name, 1.0) * self.dice.uniform(0.7, 1.3))) if name in ("appointment.booked", "invoice.sent") else 1
        person = self.dice.choice(one.people) if one.people and name not in ("appointment.booked", "invoice.sent", "payment.failed") else ""
        key = key or f"{how}-{one.key}-{at:%y%m%d%H%M%S}-{self.dice.getrandbits(32):08x}"
        return Deed(key, one.key, person, name, at, value, dict(properties))

    def turn(self, now: datetime) -> None:
        """One account's life takes a turn that shows in its risk."""
        self.town.read(now)
        there = list(self.town.neighbours.values())
        high = [one for one in there if one.band == "high"]
        if self.somebody_leaves(high, now):
            return
        worse = self.may_get_worse(there, now) and (len(high) < 0.05 * len(there) or self.dice.random() < 0.5)
        if worse and len(high) <= MOST_AT_RISK * len(there):
            self.get_worse(there, now)
        else:
            self.come_back(there, now)

    def may_get_worse(self, there: list[Neighbour], now: datetime) -> bool:
        """Whether there is not trouble enough already, today and in the last four weeks."""
        troubled = [one.troubled_at for one in there if one.troubled_at is not None]
        today = sum(at > now - timedelta(days=1) for at in troubled)
        return today < TROUBLED_A_DAY * len(there) and len(troubled) < TROUBLED_IN_FOUR_WEEKS * len(there)

    def get_worse(self, there: list[Neighbour], now: datetime) -> None:
        """Trouble for one account that had none lately."""
        calm = [one for one in there if one.band != "high" and (one.troubled_at is None or one.troubled_at < now - CALM)]
        if not calm:
            return
        # A customer on the watch list is likelier to get into more trouble than a calm one.
        one = self.dice.choices(calm, [(4.0 if one.band == "medium" else 1.0) * one.openness(now) for one in calm])[0]
        kind = self.dice.choices(TROUBLE, [0.55, 0.2, 0.25])[0]
        count = self.dice.randint(1, 3) if kind == "ticket.opened" else 1
        extra = {"subject": self.dice.choice(TICKETS), "severity": "high"} if kind == "ticket.opened" else {}
        self._post([self._deed(one, kind, now - timedelta(seconds=20 * place), "live", **extra) for place in range(count)], now)
        one.troubled_at = now

    def come_back(self, there: list[Neighbour], now: datetime) -> None:
        """One account at risk is used again; those who were contacted more often than the others."""
        rested = [one for one in there if one.band != "low" and (one.came_back_at is None or one.came_back_at < now - REST) and one.at_its_best]
        if not rested:
            return
        one = self.dice.choices(rested, [(CONTACT_HELPS if one.contacted and not one.held_out else 1.0) for one in rested])[0]
        busy = round(0.9 * one.at_its_best)
        moments = [now - timedelta(seconds=place) for place in range(max(3, busy))]
        today = [self._deed(one, self._habitual(one), at, "back", f"back-{one.key}-{now:%y%m%d%H%M%S}-{place}") for place, at in enumerate(moments)]
        self._post([*self._kept_offline(one, now), *today], now)

    def _kept_offline(self, one: Neighbour, now: datetime) -> list[Deed]:
        """What is missing to a good time's use on each of the last days."""
        first = now.date() - timedelta(days=OFFLINE_DAYS)
        window = ActivityEvent.objects.filter(account_id=one.pk, at__date__gte=first, at__date__lt=now.date(), name__in=PER_DAY)
        seen: dict[date, int] = {}
        for at in window.values_list("at", flat=True):
            seen[at.date()] = seen.get(at.date(), 0) + 1
        deeds = []
        for ago in range(1, OFFLINE_DAYS + 1):
            day = now.date() - timedelta(days=ago)
            wanted = round(one.at_its_best * one.trade.week[day.weekday()] / sum(one.trade.week))
            for place, at in enumerate(moments_of(day, wanted - seen.get(day, 0), one, self.dice)):
                deeds.append(self._deed(one, self._habitual(one), at, "back", f"back-{one.key}-{day:%y%m%d}-{now:%y%m%d}-{place}"))
        return deeds

    def somebody_leaves(self, high: list[Neighbour], now: datetime) -> bool:
        """Whether somebody left just now."""
        ours = Account.objects.filter(synthetic=True, stage=Stage.CHURNED)
        lately = ours.filter(churned_on__gt=now.date() - timedelta(days=30)).count()
        last = ActivityEvent.objects.filter(source=SOURCE, message_id__startswith="live-", account__in=ours).aggregate(at=Max("at"))["at"]
        too_soon = last is not None and last > now - LEAVE_APART / self.speed
        if not high or too_soon or lately + 1 > LEAVE_SHARE * len(self.town.neighbours) or self.dice.random() > 0.1:
            return False
        one = self.dice.choice(high)
        if not self._post([self._deed(one, "cancel_page.viewed", now, "live")], now):
            return False
        try:
            accounts.mark_churned(Account.objects.get(pk=one.pk), on=now.date(), actor=ACTOR, now=now)
        except Refused:
            return False
        del self.town.neighbours[one.pk]
        return True

    def answer(self, now: datetime) -> None:
        """Messages are opened and sometimes answered, each after a delay of its own."""
        ours = Message.objects.filter(account__synthetic=True, account__external_id__startswith="hl-")
        fresh = ours.filter(state=MessageState.SENT, sent_at__gt=now - timedelta(hours=2), replied_at=None).select_related("contact")
        for message in fresh:
            delay = timedelta(seconds=(20 + 220 * position("delay", message.pk)) / self.speed)
            if message.sent_at is None or now < message.sent_at + delay:
                continue
            # A mail that is gone from the mailbox cannot be answered; three tries are enough.
            self._asked[message.pk] = self._asked.get(message.pk, 0) + 1
            if self._asked[message.pk] > 3:
                continue
            channel, share = Channel(message.channel), position("live answer", message.pk)
            if channel == Channel.IN_APP and message.read_at is None and share < OPENED:
                self.door.read(message)
            if share < ANSWERED.get(channel, 0.0):
                self.door.answer(message, WORDS[int(share / ANSWERED[channel] * len(WORDS))])

    def late_days(self, now: datetime) -> list[Deed]:
        """Ordinary use of the days, or the night, in which the product was off. The same ids every time: brought twice, it counts once."""
        last = ActivityEvent.objects.filter(source=SOURCE).aggregate(at=Max("at"))["at"]
        if last is None or now - last < timedelta(hours=3):
            return []
        deeds = []
        for ago in range(min(LATE_DAYS, (now.date() - last.date()).days), -1, -1):
            day = now.date() - timedelta(days=ago)
            for one in self.town.neighbours.values():
                dice = random.Random(f"{one.key} {day}")
                expected = one.vigour * one.per_week * one.trade.week[day.weekday()] / sum(one.trade.week)
                count = int(expected) + (dice.random() < expected % 1)
                for place, at in enumerate(moments_of(day, count, one, dice)):
                    if last < at <= now:
                        deeds.append(self._deed(one, self._habitual(one), at, "late", f"late-{one.key}-{day:%y%m%d}-{place}"))
        return deeds
