"""A provider in trouble rests, and others of its channel carry meanwhile (a circuit breaker: Nygard, Release It!)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from apps.core.actor import Actor
from apps.events import services as events
from apps.events.vocabulary import ProviderChanged

from . import providers
from .models import Message, ProviderHealth
from .types import Result

# Troubles in a row before a rest, its length, and how long it can grow when the first try after it fails too.
PATIENCE = 5
REST = timedelta(seconds=30)
LONGEST_REST = timedelta(minutes=10)
# Wrongly signed calls in a row before somebody is told.
DISTRUST = 5
# How long a provider may take to tell what became of messages, and how many it must have taken for its silence to mean something.
SILENCE, LEAST_TAKEN = timedelta(hours=2), 3
_ACTOR = Actor.job("messaging.resting")


@dataclass(frozen=True)
class Choice:
    """Who carries: a provider's name and whether it has been in trouble lately, or no name with the moment to ask again and why."""

    name: str = ""
    ask_again: datetime | None = None
    reason: str = ""
    troubled: bool = False


def choose(channel: str, *, now: datetime, avoid: str = "", only: str = "") -> Choice:
    """The first of the channel's providers that is set up and does not rest; one that has just refused (`avoid`) only where there is no other.
    With `only` nobody else may carry it."""
    names = [name for name in providers.chain(channel) if name == only or not only]
    if only and not names:
        return Choice(reason=f"Only {only} can tell a repeat of it, and {only} does not carry this channel any more.")
    if not names:
        return Choice(reason=f"Nobody carries this channel here. Name a provider in PROVIDERS_{channel.upper()}.")
    troubled = dict(ProviderHealth.objects.filter(provider__in=names, failures__gt=0).values_list("provider", "rests_until"))
    resting = {name: until for name, until in troubled.items() if until and until > now}
    awake = [name for name in names if name not in resting]
    for name in sorted(awake, key=lambda name: name == avoid):
        return Choice(name, troubled=name in troubled)
    until = min(resting.values())
    return Choice(ask_again=until, reason=f"{' and '.join(names)} had trouble {PATIENCE} times in a row and rests until {until:%H:%M:%S} UTC.")


def has_other(channel: str, name: str, *, now: datetime) -> bool:
    """Whether another provider could carry right now what this one refused."""
    return choose(channel, now=now, avoid=name).name not in ("", name)


def note(name: str, result: Result, *, now: datetime, troubled: bool = True) -> None:
    """Count a trouble, or end the row of them. Call it in a transaction. Who was not `troubled` when chosen has no row to end, and nobody looks."""
    if not result.trouble:
        if not troubled:
            return
        rests = list(ProviderHealth.objects.filter(provider=name, failures__gt=0).values_list("rests_until", flat=True))
        if rests:
            ProviderHealth.objects.filter(provider=name).update(failures=0, rests_until=None)
        if any(rests):
            _tell(name, "rest", False, "It takes messages again.", now)
        return
    health = _locked(name)
    health.failures += 1
    health.last_trouble, health.last_trouble_at = f"{result.code}: {result.detail}"[:250], now
    if health.failures >= PATIENCE:
        health.rests_until = now + min(LONGEST_REST, REST * 2 ** min(health.failures - PATIENCE, 10))
    health.save(update_fields=["failures", "last_trouble", "last_trouble_at", "rests_until"])
    if health.failures == PATIENCE:
        _tell(name, "rest", True, f"{PATIENCE} troubles in a row, the last: {health.last_trouble}", now)


def note_call(name: str, *, right: bool, now: datetime) -> None:
    """A provider called us: with a right signature, or one more in a row with a wrong one."""
    with transaction.atomic():
        health = _locked(name)
        before, was_silent = health.refused_calls, health.silent_since is not None
        health.refused_calls = 0 if right else before + 1
        if right:
            health.last_call_at, health.silent_since = now, None
        health.save(update_fields=["refused_calls", "last_call_at", "silent_since"])
        if right and before >= DISTRUST:
            _tell(name, "calls", False, "Its calls are signed rightly again.", now)
        if right and was_silent:
            _tell(name, "silence", False, "It tells of messages again.", now)
        if health.refused_calls == DISTRUST:
            _tell(name, "calls", True, f"{DISTRUST} calls in a row had a wrong signature; nothing of them was believed.", now)


def watch(*, now: datetime) -> int:
    """Find providers that should tell what became of messages and have told nothing for long while they took some; returns how many fell silent."""
    able = [name for name, provider in providers.PROVIDERS.items() if provider.can.tells_status]
    fell = 0
    for name in able:
        taken = Message.objects.filter(provider=name, sent_at__gt=now - 2 * SILENCE, sent_at__lte=now - SILENCE).count()
        with transaction.atomic():
            health = _locked(name)
            heard = health.last_call_at is not None and health.last_call_at > now - 2 * SILENCE
            if taken < LEAST_TAKEN or heard or health.silent_since is not None:
                continue
            health.silent_since = now
            health.save(update_fields=["silent_since"])
            _tell(name, "silence", True, f"It took {taken} messages two to four hours ago and has told nothing of any since.", now)
            fell += 1
    return fell


def _locked(name: str) -> ProviderHealth:
    ProviderHealth.objects.get_or_create(provider=name)
    return ProviderHealth.objects.select_for_update().get(provider=name)


def _tell(name: str, matter: str, ill: bool, words: str, now: datetime) -> None:
    events.publish(ProviderChanged(provider=name, matter=matter, ill=ill, words=words[:300]), actor=_ACTOR, now=now)
