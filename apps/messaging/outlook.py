"""What is known before many are written to: words and their topics, prices, who has had as much as the caps allow."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from decimal import Decimal

from .models import Template
from .policy import LOUD, current
from .types import CONTACTED, Channel


def topics_of(keys: Collection[str]) -> dict[tuple[str, str], str]:
    """By (key, channel) the topic of the newest words; nothing where there are none."""
    return dict(
        ((key, channel), topic)
        for key, channel, topic in Template.objects.filter(key__in=keys).order_by("created_at", "version").values_list("key", "channel", "topic")
    )


def tongues_of(keys: Collection[str]) -> dict[tuple[str, str], set[str]]:
    """By (key, channel) the languages in which there are words."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for key, channel, locale in Template.objects.filter(key__in=keys).order_by().values_list("key", "channel", "locale").distinct():
        found[key, channel].add(locale)
    return dict(found)


def cheapest(channels: Collection[str]) -> Decimal | None:
    """What a message on the cheapest of these channels costs at least; None where one of them has no price."""
    prices = current().prices
    if any(not prices.get(channel) for channel in channels):
        return None
    return min((amount for channel in channels for amount in prices[channel].values()), default=None)


def usual_prices() -> tuple[dict[str, Decimal], str]:
    """What one part of a message costs by channel, where nothing else is said of a country, and the currency; what has no price costs nothing."""
    rules = current()
    named = {channel: prices.get("", max(prices.values())) for channel, prices in rules.prices.items() if prices}
    return {channel.value: Decimal(0) for channel in Channel} | named, rules.currency


def full_condition(contact: str, channel: str, *, now: datetime) -> tuple[str, dict[str, object]]:
    """SQL that is true where the person of this column has had as much as the caps allow on the channel of that column, and its values."""
    parts, values = ["false"], {"counted": [state.value for state in CONTACTED]}
    for place, cap in enumerate(current().caps):
        which = {"": "true", LOUD: f"{channel} <> 'in_app' and m.channel <> 'in_app'"}.get(
            cap.channel, f"{channel} = m.channel and m.channel = %(cap{place})s"
        )
        values |= {f"cap{place}": cap.channel, f"since{place}": now - cap.window, f"most{place}": cap.most}
        parts.append(
            f"(select count(*) from messaging_message m where m.contact_id = {contact} and m.state = any(%(counted)s) "  # noqa: S608 (our own words)
            f"and m.claimed_at > %(since{place})s and {which}) >= %(most{place})s"
        )
    return f"({' or '.join(parts)})", values


def most_a_day() -> int | None:
    """How many messages on all channels together a day allows; None where nothing is said of a day."""
    return min((cap.most for cap in current().caps if not cap.channel and cap.window <= timedelta(days=1)), default=None)


def confirmed_topics() -> frozenset[str]:
    """What nobody gets before they have said yes to it."""
    return current().confirmed_topics
