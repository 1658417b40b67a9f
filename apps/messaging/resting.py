"""A provider in trouble rests, and others of its channel carry meanwhile (a circuit breaker: Nygard, Release It!)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F

from . import providers
from .models import ProviderHealth
from .types import Result

# Troubles in a row before a rest, its length, and how long it can grow when the first try after it fails too.
PATIENCE = 5
REST = timedelta(seconds=30)
LONGEST_REST = timedelta(minutes=10)


@dataclass(frozen=True)
class Choice:
    """Who carries: a provider's name, or none with the moment to ask again and why."""

    name: str = ""
    ask_again: datetime | None = None
    reason: str = ""


def choose(channel: str, *, now: datetime, avoid: str = "") -> Choice:
    """The first of the channel's providers that is set up and does not rest; one that has just refused (`avoid`) only where there is no other."""
    names = providers.chain(channel)
    if not names:
        return Choice(reason=f"Nobody carries this channel here. Name a provider in PROVIDERS_{channel.upper()}.")
    resting = dict(ProviderHealth.objects.filter(provider__in=names, rests_until__gt=now).values_list("provider", "rests_until"))
    awake = [name for name in names if name not in resting]
    for name in sorted(awake, key=lambda name: name == avoid):
        return Choice(name)
    until = min(moment for moment in resting.values() if moment)
    return Choice(ask_again=until, reason=f"{' and '.join(names)} had trouble {PATIENCE} times in a row and rests until {until:%H:%M:%S} UTC.")


def has_other(channel: str, name: str, *, now: datetime) -> bool:
    """Whether another provider could carry right now what this one refused."""
    return choose(channel, now=now, avoid=name).name not in ("", name)


def note(name: str, result: Result, *, now: datetime) -> None:
    """Count a trouble, or end the row of them."""
    if not result.trouble:
        ProviderHealth.objects.filter(provider=name, failures__gt=0).update(failures=0, rests_until=None)
        return
    ProviderHealth.objects.get_or_create(provider=name)
    health = ProviderHealth.objects.select_for_update().get(provider=name)
    health.failures += 1
    health.last_trouble, health.last_trouble_at = f"{result.code}: {result.detail}"[:250], now
    if health.failures >= PATIENCE:
        health.rests_until = now + min(LONGEST_REST, REST * 2 ** min(health.failures - PATIENCE, 10))
    health.save(update_fields=["failures", "last_trouble", "last_trouble_at", "rests_until"])


def note_call(name: str, *, right: bool, now: datetime) -> None:
    """A provider called us: with a right signature, or one more in a row with a wrong one."""
    ProviderHealth.objects.get_or_create(provider=name)
    mine = ProviderHealth.objects.filter(provider=name)
    if right:
        mine.update(refused_calls=0, last_call_at=now)
    else:
        mine.update(refused_calls=F("refused_calls") + 1)
