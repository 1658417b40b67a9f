"""Channels: whether what should leave leaves, and what becomes of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from apps.core import flags
from apps.messaging import services as messaging
from apps.messaging.services import ChannelState
from apps.messaging.types import MessageState

from .page import StaffRequest, now_for, part, staff_page

# A message that is due leaves within seconds; after this somebody should look.
_LATE_SECONDS = 300
# A larger share than this that comes back spoils the name of the sender.
_MANY_RETURNED = 0.05
_RANK = ("bad", "warn", "good", "calm")


@require_GET
@staff_page
def channels_page(request: StaffRequest) -> HttpResponse:
    now = now_for(request.user)
    rows = sorted((_row(state, now) for state in messaging.channels.states(now=now)), key=lambda row: _RANK.index(row.tone))
    context = {"title": "Channels", "now": now, "rows": rows}
    return render(request, "dashboards/parts/channels.html" if part(request, {"list"}) else "dashboards/channels.html", context)


@dataclass(frozen=True)
class Bar:
    """One hour: where its two parts stand in a drawing 32 high."""

    x: int
    height: float
    bad: float

    @property
    def top(self) -> float:
        return 32 - self.height

    @property
    def bad_top(self) -> float:
        return 32 - self.bad


@dataclass(frozen=True)
class Row:
    """A channel with its verdict in colour and word, what to do next, and its last day drawn."""

    state: ChannelState
    tone: str
    word: str
    todo: tuple[tuple[str, str], ...] = ()
    bars: tuple[Bar, ...] = ()
    drawn: str = ""


def _row(state: ChannelState, now: datetime) -> Row:
    tone, word = _verdict(state, now)
    bars, drawn = _drawn(state.hours, now)
    return Row(state, tone, word, tuple(_todo(state, word, now)) if state.carriers else (), bars, drawn)


def _verdict(state: ChannelState, now: datetime) -> tuple[str, str]:
    resting = sum(carrier.rests(now) for carrier in state.carriers)
    if not state.carriers:
        return "calm", "not set up"
    if not flags.channel_is_open(state.channel):
        return "warn", "switched off"
    if resting == len(state.carriers):
        return "bad", "resting"
    if state.lag_seconds > _LATE_SECONDS:
        return "bad", "late"
    if _silent(state):
        return "warn", "silent"
    return ("warn", "needs a look") if resting or state.unknown or _mistrusted(state) else ("good", "carries")


def _silent(state: ChannelState) -> list[str]:
    return [carrier.name for carrier in state.carriers if carrier.health and carrier.health.silent_since]


def _mistrusted(state: ChannelState) -> list[str]:
    return [carrier.name for carrier in state.carriers if carrier.health and carrier.health.refused_calls >= messaging.DISTRUST]


def _todo(state: ChannelState, word: str, now: datetime) -> Iterator[tuple[str, str]]:
    """What a person should do next, most urgent first: words, and where."""
    inspect = f"{reverse('delivery')}?channel={state.channel.value}&still=yes&state="
    variable = f"PROVIDERS_{state.channel.value.upper()}"
    if word == "switched off":
        yield f"{state.queued + state.held} wait behind the kill switch; switch channel.{state.channel.value} on when they may go.", ""
    if word == "resting":
        spare = "" if len(state.carriers) > 1 else f" A second provider in {variable} would carry meanwhile."
        yield f"It is tried again by itself; nothing is lost.{spare}", ""
    if word == "late":
        yield "Look whether a worker serves the queue “messages”.", reverse("board")
    if state.unknown:
        yield f"Find out whether {state.unknown} arrived", f"{inspect}{MessageState.UNKNOWN}"
    for name in _silent(state):
        yield f"See whether {name} reaches BASE_URL from outside: it takes messages and tells nothing of them.", ""
    for name in _mistrusted(state):
        yield f"Compare BASE_URL and the token with what {name} has: its calls are signed wrongly.", ""
    if state.failed:
        yield f"See why {state.failed} failed, and requeue them", f"{inspect}{MessageState.FAILED}"
    if state.returned > _MANY_RETURNED * max(state.tried, 20):
        yield f"See which addresses {state.returned} came back from, and mend them", f"{inspect}{MessageState.RETURNED}"


def _drawn(hours: Sequence[tuple[int, int]], now: datetime) -> tuple[tuple[Bar, ...], str]:
    most = max(tried for tried, _ in hours)
    if not most:
        return (), "Nothing left in the last 24 hours."
    bars = tuple(Bar(10 * place, max(1.5, 32 * tried / most) if tried else 0, 32 * bad / most) for place, (tried, bad) in enumerate(hours))
    busiest = max(range(24), key=lambda place: hours[place][0])
    ended, troubled = now - timedelta(hours=23 - busiest), sum(bad for _, bad in hours)
    return bars, f"Busiest: {most} in the hour to {ended:%H:%M}; {troubled or 'none'} in trouble."
