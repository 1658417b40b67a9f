"""The demo company's campaigns, by the product's own services: one that is done, one that recurs, one that begins with a milestone, and a draft.

Call it where the postbox is open: the mails of the one that is done leave into it, three weeks ago.
"""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from apps.campaigns.models import Campaign
from apps.campaigns.services import campaigns
from apps.core.actor import Actor
from apps.messaging import dispatch
from apps.messaging import services as messaging
from apps.messaging.types import Channel

from .shifted import clock_at

ACTOR = Actor.job("demo_world")
# A handful of rooms is enough to look at.
_MOST = 60
_WORDS = {
    "demo-season": (
        ("en", "The season is coming", "Hello {{ contact.first_name }},\n\n{{ blocks.offer }}\n\nBest wishes\n{{ csm.name }}"),
        ("de", "Die Saison kommt", "Hallo {{ contact.first_name }},\n\n{{ blocks.offer }}\n\nViele Grüße\n{{ csm.name }}"),
    ),
    "demo-season-numbers": (
        (
            "en",
            "Three numbers before the season",
            "Hello {{ contact.first_name }},\n\nlast year it was 40 % more.\n{{ blocks.offer }}\n\n{{ csm.name }}",
        ),
        (
            "de",
            "Drei Zahlen vor der Saison",
            "Hallo {{ contact.first_name }},\n\nletztes Jahr waren es 40 % mehr.\n{{ blocks.offer }}\n\n{{ csm.name }}",
        ),
    ),
    "demo-monthly": (
        ("en", "What is new this month", "Hello {{ contact.first_name }},\n\nthree things that others found useful this month.\n\n{{ csm.name }}"),
        ("de", "Neu in diesem Monat", "Hallo {{ contact.first_name }},\n\ndrei Dinge, die anderen diesen Monat geholfen haben.\n\n{{ csm.name }}"),
    ),
    "demo-next-step": (
        (
            "en",
            "Well done, and what comes next",
            "Hello {{ contact.first_name }},\n\nyou have come far. Here is what teams do next.\n\n{{ csm.name }}",
        ),
        (
            "de",
            "Gut gemacht, und wie es weitergeht",
            "Hallo {{ contact.first_name }},\n\nSie sind weit gekommen. So geht es weiter.\n\n{{ csm.name }}",
        ),
    ),
}
_OFFER = [{"words": {"en": "Add seats before March and pay for them from March on.", "de": "Plätze jetzt buchen, ab März bezahlen."}}]

# What the words use besides, with an example for previews.
_EXAMPLES = {"blocks": {"offer": "Add seats before March and pay for them from March on."}}


def write(*, now: datetime) -> int:
    """Returns how many campaigns there are now."""
    for key, words in _WORDS.items():
        for locale, subject, body in words:
            said: dict[str, Any] = {"subject": subject, "body": body, "examples": _EXAMPLES if "blocks" in body else {}}
            messaging.write_template(key=key, channel=Channel.EMAIL, locale=locale, topic="news", **said, actor=ACTOR, now=now)
    _season(now)
    _live(
        "monthly-news",
        "What is new",
        "demo-monthly",
        {"kind": "recurring", "every": "month", "day": 5},
        now - timedelta(days=2),
        segment="customers",
        promotion=False,
    )
    _live(
        "next-step",
        "After a milestone",
        "demo-next-step",
        {"kind": "event", "event": "milestone.achieved"},
        now,
        segment="customers",
        promotion=False,
        lane="nurture",
    )
    _draft(
        "win-seats",
        "More seats",
        "demo-season",
        {"kind": "manual"},
        now,
        segment="ready-to-grow",
        blocks={"offer": _OFFER},
        budget={"recipients": 200},
    )
    return Campaign.objects.count()


_WHY = {
    "monthly-news": "What customers ask support about is often in the product already.",
    "next-step": "Whoever has just won something likes to hear what comes next.",
    "win-seats": "Teams that use most of their seats and are well may want more of them.",
    "season": "Before the busy weeks reminders save appointments.",
}


def _season(now: datetime) -> None:
    """Frozen, handed over and sent three weeks ago, on a day when people work."""
    day = now.astimezone(UTC).date() - timedelta(days=21)
    day -= timedelta(days=max(0, day.weekday() - 3))
    moment = datetime.combine(day, time(15), UTC)
    when = {"kind": "once", "at": f"{day}T15:00", "local": False}
    variants = [{"name": "plain", "template": "demo-season"}, {"name": "numbers", "template": "demo-season-numbers"}]
    more = {"variants": variants, "blocks": {"offer": _OFFER}, "holdout_percent": 20, "window_days": 14, "budget": {"recipients": _MOST}}
    _live("season", "Before the season", "", when, moment - timedelta(days=1), **more)
    campaigns.advance(now=moment)
    # The postbox stamps what comes in by the clock.
    with clock_at(moment):
        while dispatch.one_round(Channel.EMAIL, owner="demo_world", clock=lambda: moment, limit=200):
            pass


def _draft(key: str, name: str, template: str, when: dict[str, object], now: datetime, **more: object) -> Campaign:
    says = {"when": when, "variants": [{"name": "a", "template": template}], **more}
    return campaigns.create(key=key, name=name, why=_WHY[key], says=says, actor=ACTOR, now=now)


def _live(key: str, name: str, template: str, when: dict[str, object], now: datetime, **more: object) -> None:
    campaigns.launch(_draft(key, name, template, when, now, **more), actor=ACTOR, now=now)
