"""Channels: whether what should leave leaves, and what becomes of it."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.core import flags
from apps.messaging import services as messaging
from apps.messaging.services import ChannelState

from .page import StaffRequest, now_for, part, staff_page

# A message that is due leaves within seconds; after this somebody should look.
_LATE_SECONDS = 300
_RANK = ("bad", "warn", "good", "calm")


@require_GET
@staff_page
def channels_page(request: StaffRequest) -> HttpResponse:
    now = now_for(request.user)
    rows = sorted((_row(state, now) for state in messaging.channels.states(now=now)), key=lambda row: _RANK.index(row.tone))
    context = {"title": "Channels", "now": now, "rows": rows}
    return render(request, "dashboards/parts/channels.html" if part(request, {"list"}) else "dashboards/channels.html", context)


@dataclass(frozen=True)
class Row:
    """A channel with its verdict in colour and word."""

    state: ChannelState
    tone: str
    word: str


def _row(state: ChannelState, now: datetime) -> Row:
    resting = sum(carrier.rests(now) for carrier in state.carriers)
    if not state.carriers:
        return Row(state, "calm", "not set up")
    if not flags.channel_is_open(state.channel):
        return Row(state, "warn", "switched off")
    if resting == len(state.carriers):
        return Row(state, "bad", "resting")
    if state.lag_seconds > _LATE_SECONDS:
        return Row(state, "bad", "late")
    return Row(state, "warn", "needs a look") if resting or state.unknown else Row(state, "good", "carries")
