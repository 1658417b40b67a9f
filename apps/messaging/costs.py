"""What messages cost: estimated by the policy's prices before they are sent, told by the provider afterwards, held within the month's budget."""

import logging
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Case, DecimalField, F, Sum, Value, When
from django.db.models.functions import Coalesce

from apps.accounts.models import Contact

from . import providers, texts
from .addresses import address_of
from .models import Message
from .policy import Policy
from .types import BY_PHONE, CONTACTED, Channel, MessageState

log = logging.getLogger(__name__)
# What was, or may have been, taken by a carrier and will be on its bill.
_BILLED = (*CONTACTED, MessageState.RETURNED)
_MONEY: Any = DecimalField(max_digits=12, decimal_places=5)
# Carriers know a price minutes after the message; after three days nobody asks any more.
SOONEST, LATEST, AGAIN = timedelta(minutes=5), timedelta(days=3), timedelta(hours=1)


def parts_of(message: Message) -> int:
    """How many messages the carrier will count it as."""
    return texts.size(message.body).parts if message.channel == Channel.SMS else 1


def estimate(message: Message, rules: Policy) -> Decimal | None:
    """Parts times the price of the longest country prefix that fits; None where the policy has no price."""
    prices = rules.prices.get(message.channel)
    if not prices:
        return None
    number = message.address.lstrip("+") if message.channel in BY_PHONE else ""
    fitting = [prefix for prefix in prices if number.startswith(prefix)]
    return parts_of(message) * prices[max(fitting, key=len)] if fitting else None


def prices_to(contact: Contact, channels: Collection[str], rules: Policy) -> dict[str, Decimal]:
    """What one part of a message to them costs by channel, where the policy has a price."""
    drafts = {channel: Message(channel=channel, address=address_of(contact, channel), body="-") for channel in channels if channel in rules.prices}
    return {channel: cost for channel, draft in drafts.items() if (cost := estimate(draft, rules)) is not None}


def price(messages: Collection[Message], *, now: datetime, rules: Policy) -> dict[str, Decimal]:
    """Write the estimate on each message (not yet in its row) and tell what this month has cost so far, by channel.

    Where a budget is set this waits for other claims of what costs money and ends with the transaction, so that together they keep to it.
    """
    for message in messages:
        message.cost_estimate = estimate(message, rules)
        message.currency = rules.currency if message.cost_estimate is not None else ""
    limited = "" in rules.budgets or any(message.channel in rules.budgets for message in messages)
    if not limited or not any(message.cost_estimate for message in messages):
        return {}
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('messaging.budget'))")
    return spent_since(month_of(now), rules)


def spent_since(since: datetime, rules: Policy) -> dict[str, Decimal]:
    """By channel, what messages claimed since then cost: as told where the provider told it in the policy's currency, else as estimated."""
    told = Case(When(cost_actual__isnull=False, currency=rules.currency, then=F("cost_actual")), default=F("cost_estimate"), output_field=_MONEY)
    billed = Message.objects.filter(claimed_at__gte=since, cost_estimate__isnull=False, state__in=_BILLED).order_by().values("channel")
    return {row["channel"]: row["sum"] for row in billed.annotate(sum=Coalesce(Sum(told), Value(Decimal(0)), output_field=_MONEY))}


def add(spent: dict[str, Decimal], message: Message) -> None:
    """One more is going out in the same claim."""
    if message.cost_estimate:
        spent[message.channel] = spent.get(message.channel, Decimal(0)) + message.cost_estimate


def columns(sending: Collection[Message], rules: Policy) -> dict[str, Any]:
    """The estimates as values of one UPDATE; nothing where nothing has a price."""
    priced = [When(pk=message.pk, then=Value(message.cost_estimate)) for message in sending if message.cost_estimate is not None]
    return {"cost_estimate": Case(*priced, default=None, output_field=_MONEY), "currency": rules.currency} if priced else {}


def after_budget(message: Message, spent: Mapping[str, Decimal], now: datetime, rules: Policy) -> tuple[datetime, str]:
    """`now` while the month's budgets have room for the message, else the first moment of the next month and why."""
    cost = message.cost_estimate
    for channel in ("", message.channel):
        limit = rules.budgets.get(channel)
        if not cost or limit is None:
            continue
        so_far = sum(spent.values(), Decimal(0)) if not channel else spent.get(channel, Decimal(0))
        if so_far + cost > limit:
            label = f"for {Channel(channel).label}" if channel else "for all messages"
            why = f"The budget {label} in {now:%B} is {limit:.2f} {rules.currency}; {so_far:.2f} is spent and this would cost {cost.normalize():f}."
            return _next_month(now), why
    return now, ""


def month_of(now: datetime) -> datetime:
    return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _next_month(now: datetime) -> datetime:
    return month_of(month_of(now) + timedelta(days=32))


def learn(*, now: datetime, limit: int = 100) -> int:
    """Ask providers that know what they charged; returns how many prices were learned."""
    able = providers.who_tell_prices()
    sent = Message.objects.filter(provider__in=able, cost_actual=None, claimed_at__gt=now - LATEST, claimed_at__lte=now - SOONEST)
    sent = sent.filter(state__in=_BILLED).exclude(provider_message_id="").exclude(priced_at__gt=now - AGAIN)
    learned = 0
    for message in sent.order_by("claimed_at")[:limit]:
        try:
            told = able[message.provider].price_of(message)
        except Exception:
            log.warning("%s could not be asked what message %s cost", message.provider, message.pk, exc_info=True)
            told = None
        known = {"cost_actual": told[0], "currency": told[1]} if told else {}
        learned += bool(known) and bool(Message.objects.filter(pk=message.pk, cost_actual=None).update(priced_at=now, **known))
        if not known:
            Message.objects.filter(pk=message.pk).update(priced_at=now)
    return learned
