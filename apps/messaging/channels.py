"""How each channel does: who carries it, what left in the last day and what became of it, what waits and for how long."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from . import providers
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
        coalesce(sum(parts), 0) as parts
    from messaging_message where claimed_at > %(since)s group by channel
), waiting as (
    select channel, count(*) filter (where state = 'queued') as queued, count(*) filter (where state = 'held') as held,
        min(due_at) filter (where due_at <= %(now)s) as oldest_due
    from messaging_message where state in ('queued', 'held') group by channel
), doubts as (
    select channel, count(*) as unknown from messaging_message where state = 'unknown' group by channel
)
select channel, tried, sent, delivered, replied, returned, failed, parts, queued, held, oldest_due, unknown
from claimed full join waiting using (channel) full join doubts using (channel)
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
class ChannelState:
    """One channel. Counts are of the last 24 hours, but for `queued`, `held` and `unknown`, which are of now.

    `lag_seconds` is how long the oldest message that should have left has waited.
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

    @property
    def tells_status(self) -> bool:
        return any(carrier.tells_status for carrier in self.carriers)


def states(*, now: datetime) -> list[ChannelState]:
    """Every channel, in two statements however many messages there are."""
    known = {health.provider: health for health in ProviderHealth.objects.all()}
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"since": now - DAY, "now": now})
        columns = [column.name for column in cursor.description]
        counted = {row[0]: dict(zip(columns, row, strict=True)) for row in cursor.fetchall()}
    return [_state(channel, counted.get(channel.value, {}), known, now) for channel in Channel]


def _state(channel: Channel, counts: Mapping[str, Any], known: Mapping[str, ProviderHealth], now: datetime) -> ChannelState:
    carriers = tuple(Carrier(name, providers.of(name).can.tells_status, known.get(name)) for name in providers.chain(channel))
    oldest = counts.get("oldest_due")
    figures = {name: int(value or 0) for name, value in counts.items() if name not in ("channel", "oldest_due")}
    return ChannelState(channel, carriers, lag_seconds=(now - oldest).total_seconds() if oldest else 0.0, **figures)
