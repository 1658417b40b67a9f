"""Channels: whether what should leave leaves, and what becomes of it."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.core import flags
from apps.messaging import services as messaging

from .page import StaffRequest, now_for, part, staff_page

# A message that is due leaves within seconds; after this somebody should look.
_LATE_SECONDS = 300


@require_GET
@staff_page
def channels_page(request: StaffRequest) -> HttpResponse:
    now = now_for(request.user)
    rows = []
    for state in messaging.channels.states(now=now):
        is_open = flags.channel_is_open(state.channel)
        resting = [carrier for carrier in state.carriers if carrier.rests(now)]
        if not state.carriers:
            tone, word = "calm", "not set up"
        elif not is_open:
            tone, word = "warn", "switched off"
        elif len(resting) == len(state.carriers):
            tone, word = "bad", "resting"
        elif state.lag_seconds > _LATE_SECONDS:
            tone, word = "bad", "late"
        elif resting or state.unknown:
            tone, word = "warn", "needs a look"
        else:
            tone, word = "good", "carries"
        rows.append({"state": state, "tone": tone, "word": word, "resting": resting, "rank": ("bad", "warn", "good", "calm").index(tone)})
    rows.sort(key=lambda row: row["rank"])
    context = {"title": "Channels", "now": now, "rows": rows}
    return render(request, "dashboards/parts/channels.html" if part(request, {"list"}) else "dashboards/channels.html", context)
