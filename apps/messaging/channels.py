"""How each channel does: who carries it, what left in the last day and what became of it, what waits and for how long."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from . import costs, policy, providers
from .models import ProviderHealth
from .types import Channel

DAY = timedelta(days=1)

# Each count reads an index of its own: the queue, the doubts, and what was claimed in the last day.
_COUNTS = """
with claimed as (
    select channel, count(*) as tried,
        count(*) filter (where state in ('sent', 'delivered', 'replied')) as sent,
        count(*) filter (where delivered_at is not null) as delivered,
        count(*) filter (where replied_at is not null) as replied,
        count(*) filter (where state = 'returned') as returned,
        count(*) filter (where state = 'failed') as failed,
        coalesce(sum(parts), 0) as parts,
        percentile_disc(0.95) within group (order by extract(epoch from claimed_at - due_at)) filter (where claimed_at >= due_at) as usual_lag
    from messaging_message where claimed_at > %(since)s group by channel
), waiting as (
    select channel, count(*) filter (where state = 'queued') as queued, count(*) filter (where state = 'held') as held,
        min(due_at) filter (where due_at <= %(now)s) as oldest_due
    from messaging_message where state in ('queued', 'held') group by channel
), doubts as (
    select channel, count(*) as unknown from messaging_message where state = 'unknown' group by channel
)
select channel, tried, sent, delivered, replied, returned, failed, parts, usual_lag, queued, held, oldest_due, unknown
from claimed full join waiting using (channel) full join doubts using (channel)
"""

_HOURS = """
select channel, 23 - floor(extract(epoch from %(now)s - claimed_at) / 3600)::int as hour, count(*),
    count(*) filter (where state in ('failed', 'returned', 'unknown'))
from messaging_message where claimed_at > %(since)s and claimed_at <= %(now)s group by 1, 2
"""


@dataclass(frozen=True)
class Carrier:
    """One provider of a channel and how it does."""

    name: str
    tells_status: bool
    health: ProviderHealth | None

    def rests(self, now: datetime) -> bool:
        return self.health is not None and self.health.rests_until is not None and self.health.rests_until > now


@dataclass(frozen=True)
class Money:
    """What the messages of a month cost so far, as told by providers or else estimated, and what they may cost."""

    spent: Decimal
    budget: Decimal | None
    currency: str

    @property
    def is_short(self) -> bool:
        """Whether nine tenths of the budget are gone."""
        return self.budget is not None and self.spent >= self.budget * 9 / 10


@dataclass(frozen=True)
class ChannelState:
    """One channel. Counts are of the last 24 hours, but for `queued`, `held` and `unknown`, which are of now.

    `lag_seconds` is how long the oldest message that should have left has waited; 95 of 100 left within `usual_lag` seconds of their moment.
    `hours` are (tried, in trouble) of each of the last 24 hours, the running one last. `money` is of this calendar month (UTC), None without a price.
    """

    channel: Channel
    carriers: tuple[Carrier, ...]
    tried: int = 0
    sent: int = 0
    delivered: int = 0
    replied: int = 0
    returned: int = 0
    failed: int = 0
    parts: int = 0
    queued: int = 0
    held: int = 0
    unknown: int = 0
    lag_seconds: float = 0.0
    usual_lag: int = 0
    hours: tuple[tuple[int, int], ...] = ((0, 0),) * 24
    money: Money | None = None

    @property
    def tells_status(self) -> bool:
        return any(carrier.tells_status for carrier in self.carriers)


def states(*, now: datetime) -> list[ChannelState]:
    """Every channel, in five statements however many messages there are."""
    known = {health.provider: health for health in ProviderHealth.objects.all()}
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"since": now - DAY, "now": now})
        columns = [column.name for column in cursor.description]
        counted = {row[0]: dict(zip(columns, row, strict=True)) for row in cursor.fetchall()}
        cursor.execute(_HOURS, {"since": now - DAY, "now": now})
        hours: dict[str, list[tuple[int, int]]] = defaultdict(lambda: [(0, 0)] * 24)
        for channel, hour, tried, bad in cursor.fetchall():
            hours[channel][hour] = tried, bad
    money = _money(now)
    return [_state(channel, counted.get(channel.value, {}), known, now, hours=tuple(hours[channel]), money=money.get(channel)) for channel in Channel]


def _money(now: datetime) -> dict[str, Money]:
    rules = policy.current()
    spent = costs.spent_since(costs.month_of(now), rules)
    return {name: Money(spent.get(name, Decimal(0)), rules.budgets.get(name), rules.currency) for name in {*rules.prices, *rules.budgets} if name}


def _state(channel: Channel, counts: Mapping[str, Any], known: Mapping[str, ProviderHealth], now: datetime, **drawn: Any) -> ChannelState:
    carriers = tuple(Carrier(name, providers.of(name).can.tells_status, known.get(name)) for name in providers.chain(channel))
    oldest = counts.get("oldest_due")
    figures: dict[str, Any] = {name: int(value or 0) for name, value in counts.items() if name not in ("channel", "oldest_due")}
    return ChannelState(channel, carriers, lag_seconds=(now - oldest).total_seconds() if oldest else 0.0, **figures, **drawn)
