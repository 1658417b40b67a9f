"""The delivery inspector: why somebody got a message or did not, and what can still be done about it."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from apps.accounts.models import Contact
from apps.core import clock
from apps.core.actor import Actor
from apps.core.reading import read
from apps.messaging import services as messaging
from apps.messaging.models import Message
from apps.messaging.types import Channel, MessageState

from ..selectors import chain, community, delivery
from .actions import do, mine
from .page import StaffRequest, now_for, part, staff_page, whole


def _narrowed(request: StaffRequest) -> dict[str, Any]:
    """The filters of both pages; a word that is none of theirs counts as not given."""
    state, channel = request.GET.get("state", ""), request.GET.get("channel", "")
    return {
        "state": state if state in MessageState.values else "",
        "channel": channel if channel in Channel.values else "",
        "before": _key(request, "before"),
    }


def _key(request: StaffRequest, name: str) -> int:
    word = request.GET.get(name, "")
    return int(word) if word.isascii() and word.isdigit() and len(word) < 18 else 0


@require_GET
@staff_page
def delivery_page(request: StaffRequest) -> HttpResponse:
    now, given, still = now_for(request.user), _narrowed(request), request.GET.get("still") == "yes"
    everything = request.GET.get("state") == "all"
    rows, troubles = whole(
        request, delivery.decisions(request.user, still=still, everything=everything, **given), delivery.troubles(request.user, now=now)
    )
    words = request.GET.get("q", "").strip()[:200]
    context = {
        "title": "Delivery",
        "now": now,
        "rows": [(row, chain.TONES.get(row.state, "calm"), chain.ICONS.get(row.message.channel, "mail")) for row in rows[: delivery.PAGE]],
        "older": rows[delivery.PAGE - 1].pk if len(rows) > delivery.PAGE else 0,
        "troubles": troubles,
        "q": words,
        "still": still,
        "everything": everything,
        "reach": delivery.REACH if given["channel"] or still else 0,
        "states": MessageState.choices,
        "channels": Channel.choices,
        **given,
    }
    if part(request, {"list"}):
        return render(request, "delivery/decisions.html", context)
    context["hits"] = delivery.search(request.user, words) if words else None
    return render(request, "delivery/page.html", context)


@require_GET
@staff_page
def contact_page(request: StaffRequest, contact_id: int) -> HttpResponse:
    now, given, opened = now_for(request.user), _narrowed(request), _key(request, "message")
    contact = Contact.objects.for_user(request.user).select_related("account__owner").filter(pk=contact_id).first()
    if contact is None:
        raise Http404("No such page.")
    if opened and not given["before"]:
        # A message that is linked to stands first, however old it is.
        given["before"] = opened + 1
    messages = read(delivery.messages_of(contact, **given))
    told, shown = len(messages) > delivery.STORIES, messages[: delivery.STORIES]
    context = {
        "title": f"Delivery to {contact}",
        "contact": contact,
        "now": now,
        "states": MessageState.choices,
        "channels": Channel.choices,
        "older": shown[-1].pk if told else 0,
        "from_start": not given["before"],
        "opened": opened or (shown[0].pk if shown else 0),
        "icons": chain.ICONS,
        **given,
    }
    story = chain.stories(contact, shown, now=now, opened=context["opened"])
    if part(request, {"list"}):
        (context["stories"],) = whole(request, story)
        return render(request, "delivery/stories.html", context)
    topics = delivery.topics()
    readers = [
        story,
        delivery.reaches(contact, topics),
        delivery.words_of(contact),
        messaging.pressure.pressure(contact, now=now),
        messaging.pressure.calendar(contact, now=now),
        community.sharing_of(contact),
    ]
    context["stories"], context["reaches"], context["words"], context["pressure"], days, context["sharing"] = whole(request, *readers)
    context |= _weeks(days, context["pressure"].there.date())
    return render(request, "delivery/contact.html", context)


def _weeks(days: list[messaging.pressure.Day], today: Any) -> dict[str, Any]:
    lately = [day for day in days if 0 <= (today - day.date).days < 7]
    return {
        "weeks": [days[start : start + 7] for start in range(0, len(days), 7)],
        "today": today,
        "reached_lately": sum(day.all_reached for day in lately),
        "planned": sum(day.all_planned for day in days),
    }


def _recall(row: Message, actor: Actor, who: str) -> str:
    messaging.recall(message=row, reason=f"Recalled by {who}.", actor=actor, now=clock.now())
    return f"Taken back: {row.subject}"


def _send_now(row: Message, actor: Actor, who: str) -> str:
    messaging.approve(message=row, actor=actor, now=clock.now())
    return f"It leaves now: {row.subject}"


def _requeue(row: Message, actor: Actor, who: str) -> str:
    messaging.requeue(message=row, actor=actor, now=clock.now())
    return f"Queued again: {row.subject}"


def _arrived(row: Message, actor: Actor, who: str) -> str:
    messaging.settle_unknown(message=row, was_sent=True, actor=actor, now=clock.now())
    return f"Settled, it arrived: {row.subject}"


def _send_again(row: Message, actor: Actor, who: str) -> str:
    messaging.settle_unknown(message=row, was_sent=False, actor=actor, now=clock.now())
    return f"Sent again: {row.subject}"


_DEEDS: dict[str, Callable[[Message, Actor, str], str]] = {
    **{"recall": _recall, "send": _send_now, "requeue": _requeue},
    **{"arrived": _arrived, "again": _send_again},
}


@require_POST
@staff_page
def message_do(request: StaffRequest, message_id: int, what: str) -> HttpResponse:
    """Recall what waits, let a draft leave, requeue what is dead, settle what nobody knows: of one's own book."""
    deed = _DEEDS.get(what)
    if deed is None:
        raise Http404("No such page.")
    row: Message = mine(request, Message.objects.all(), message_id)
    return do(request, lambda actor: deed(row, actor, str(request.user)))
