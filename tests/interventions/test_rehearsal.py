"""A rehearsal says what the live engine does when the same days are replayed with the clock at each moment, row for row."""

import random
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from waffle.models import Flag

from apps.accounts import services as accounts
from apps.core.actor import Actor
from apps.events import services as events
from apps.events.vocabulary import RiskRaised, StoryChanged
from apps.interventions import definition, services
from apps.interventions.models import PassedOver
from apps.interventions.rehearsal import rehearse
from apps.messaging import services as messaging
from apps.messaging.models import Message
from tests import make
from tests.interventions.replay import as_foretold, as_told, replay

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")
DAYS = 14


@pytest.fixture
def since(now):
    return now - timedelta(days=DAYS)


@pytest.fixture
def company(now, since, settings, monkeypatch):
    """Eight customers with uneven use, troubles, tickets, leavers, words against mail, and other mail in those days."""
    monkeypatch.setattr("apps.events.outbox.nudge_for", lambda *args, **more: None)
    settings.MESSAGE_PROVIDERS = {"email": ["console"], "in_app": ["inbox"]}
    messaging.ensure_templates(now=since)
    chance = random.Random(7)
    made = []
    for number in range(8):
        zone = ("Europe/Berlin", "America/New_York", "Asia/Kathmandu")[number % 3]
        account = make.account(
            name=f"Customer {number:02}", owner=make.user() if number % 4 else None, time_zone=zone, started_on=(since - timedelta(days=400)).date()
        )
        made.append(account)
        if number != 3:
            person = make.contact(account, role="champion", time_zone=zone)
            make.contact(account, role="sponsor", name=f"Sponsor {number}")
            if number % 5 == 1:
                messaging.record_consent(
                    contact=person, channel="email", topic="success", allowed=False, source="test", now=since + timedelta(days=2)
                )
            if number % 4 == 2:
                for day in (5, 6, 7):
                    at = since + timedelta(days=day, hours=1)
                    make.message(person, now=at, state="sent", claimed_at=at, sent_at=at)
        for _ in range(chance.randint(2, 14)):
            make.activity(
                account, since + timedelta(minutes=chance.randint(-15 * 24 * 60, DAYS * 24 * 60 - 1)), name=chance.choice(["login", "export"])
            )
    for account in made:
        for _ in range(chance.randint(1, 3)):
            at = since + timedelta(minutes=chance.randint(0, DAYS * 24 * 60 - 1))
            risk = make.prediction(account, now=at, probability=0.7)
            events.publish(RiskRaised(account.pk, risk.pk, "medium", "high", 0.7), actor=ACTOR, now=at)
            opened = since + timedelta(minutes=chance.randint(0, DAYS * 24 * 60 - 1))
            make.ticket(account, opened, priority="p1", solved_at=opened + timedelta(hours=30), state="solved")
            for told in (opened, opened + timedelta(hours=30)):
                events.publish(StoryChanged([account.pk], "ticket"), actor=ACTOR, now=told)
    for account, day in ((made[4], 9), (made[7], 5)):
        at = since + timedelta(days=day, hours=3)
        accounts.mark_churned(account, on=at.date(), actor=ACTOR, now=at)
    return made


WAIT = {"kind": "wait", "minutes": 24 * 60}
LETTER = {"kind": "message", "channel": "email", "template": "save-fading"}
NOTE = {"kind": "message", "channel": "auto", "template": "save-fading", "channels": ["in_app", "email"]}
CALL = {"kind": "task", "title": "Call them", "reason": "call"}
HAD_MAIL = {"id": "which", "kind": "branch", "cases": [{"when": {"fact": "run.sent", "op": "at_least", "value": 1}, "go": "watch"}]}
WATCH = {"kind": "watch", "id": "watch"}

PLAYS = {
    "by an event": {
        "trigger": {"kind": "event", "event": "risk.raised", "when": {"to_band": ["high"]}},
        "steps": [LETTER, WAIT, HAD_MAIL, CALL, {**CALL, "title": "Call again"}, {"kind": "update", "trait": "at_risk", "value": True}, WATCH],
        "entry": {"cooldown_days": 5},
        "goal": {"reached": {"kind": "activity", "name": "login", "times": 2}, "window_days": 6},
        "holdout_percent": 30,
    },
    "by its audience": {
        "trigger": {"kind": "audience"},
        "audience": {"all": [{"fact": "urgent_hours", "op": "at_least", "value": 3}, {"fact": "open_tickets", "op": "at_least", "value": 1}]},
        "steps": [NOTE, WAIT, LETTER, {"kind": "webhook", "name": "tell"}, WATCH],
        "exit_mode": "unmatched",
        "entry": {"again": "always"},
        "goal": {"reached": {"kind": "condition", "when": {"fact": "open_tickets", "value": 0}}, "window_days": 5},
    },
    "by activity": {
        "trigger": {"kind": "activity", "name": "export"},
        "audience": {"fact": "uses_7_days", "op": "at_least", "value": 1},
        "steps": [
            {"kind": "wait_for", "id": "again", "event": "activity:login", "minutes": 2 * 24 * 60, "on_event": "thanks", "on_timeout": "call"},
            {"kind": "message", "id": "thanks", "channel": "email", "template": "save-fading", "next": "end"},
            {**CALL, "id": "call"},
            {"kind": "end", "id": "end"},
        ],
        "entry": {"cooldown_days": 2},
        "exit_mode": "never",
        "goal": {"reached": {"kind": "recovers", "percent": 120}, "window_days": 4},
    },
    "by a schedule": {
        "trigger": {"kind": "schedule", "every": "week", "weekday": "tuesday", "at": "21:30"},
        "audience": {"fact": "days_since_use", "op": "at_least", "value": 1},
        "steps": [LETTER, {**NOTE, "review_minutes": 90}, {**LETTER, "id": "more", "to": "sponsor"}, WAIT, WAIT, WATCH],
        "exit_mode": "goal_or_unmatched",
        "entry": {"cooldown_days": 3, "min_age_days": 30},
        "goal": {"reached": {"kind": "activity", "name": "login"}, "window_days": 6},
        "budget": {"csm_minutes": 100000},
    },
    "until its minutes are spent": {
        "trigger": {"kind": "event", "event": "risk.raised"},
        "steps": [{**CALL, "minutes_needed": 30}, WATCH],
        "entry": {"again": "never"},
        "budget": {"csm_minutes": 90},
        "holdout_percent": 0,
    },
}


@pytest.mark.parametrize("name", PLAYS)
def test_a_rehearsal_is_the_replay_of_the_same_days_row_for_row(name, company, now, since, monkeypatch):
    if name == "by its audience":
        # It looks at everybody every hour.
        since += timedelta(days=8)
    says = {"holdout_percent": 0, **PLAYS[name]}
    before = _rows()
    foretold = rehearse(definition.read(says), play_key="tried", since=since, until=now, name="Tried")
    assert _rows() == before, "a rehearsal writes nothing"
    real = set(Message.objects.values_list("pk", flat=True))

    play = services.create_play(key="tried", name="Tried", why="To try it.", says=says, actor=ACTOR, now=since)
    services.turn(play, "live", actor=ACTOR, now=since)
    Flag.objects.create(name="play.tried", everyone=True)
    replay(monkeypatch, since=since, until=now)

    entries, lines = as_told("tried")
    said_entries, said_lines = as_foretold(foretold)
    assert said_entries == entries
    for said, done in zip(said_lines, lines, strict=False):
        assert said == done
    assert len(said_lines) == len(lines)
    passed = Counter(PassedOver.objects.filter(play=play).values_list("reason", flat=True))
    assert foretold.passed_over == dict(passed)
    sent = Message.objects.exclude(pk__in=real).filter(state__in=["sent", "delivered"])
    assert foretold.messages == dict(Counter(sent.values_list("channel", flat=True)))
    # A history in which nothing happens shows nothing.
    if name == "by a schedule":
        assert {"quiet hours", "frequency cap"} <= set(foretold.withheld)
    assert len(entries) >= 3
    assert len({line[4] for line in lines}) >= 2


def _rows():
    tables = [
        "interventions_enrolment",
        "interventions_steprecord",
        "interventions_passedover",
        "messaging_message",
        "events_event",
        "interventions_task",
    ]
    with connection.cursor() as cursor:
        found = {}
        for table in [*tables, "interventions_play", "interventions_fit", "messaging_message", "events_event", "accounts_account"]:
            cursor.execute(f"select count(*), coalesce(max(xmin::text::bigint), 0) from {table}")  # noqa: S608
            found[table] = cursor.fetchone()
    return found
