"""Replaying days of the history through the live engine, with the clock at each moment: what a rehearsal is compared with."""

from collections import defaultdict
from datetime import datetime

from apps.accounts.models import ActivityEvent
from apps.core import clock
from apps.core.actor import Actor
from apps.events import switchboard
from apps.events.models import Event
from apps.interventions import fits, goals, handlers, history, steps
from apps.interventions.models import Enrolment, Play, StepRecord
from apps.messaging import dispatch, selectors
from apps.messaging.models import Message
from apps.messaging.types import WAITING

ACTOR = Actor.job("test")
# So many rounds at one moment are a loop.
_MOST = 200


def everybody(play_key, account_id):
    return True


def replay(monkeypatch, *, since: datetime, until: datetime) -> None:
    """Every event of these days is delivered at its moment, activity at its own; due steps, messages, looks and windows at theirs."""
    shown = [since]
    monkeypatch.setattr(clock, "now", lambda: shown[0])
    happened = _by_moment(since, until)
    moments = sorted(happened)
    looks = [moment for play in Play.objects.filter(state="live") for moment in history.instants(play.says, since=since, until=until)]
    now = since
    while True:
        look = min((moment for moment in looks if moment > now), default=None)
        candidates = [moment for moment in (moments[0] if moments else None, _next_due(), look) if moment is not None]
        now = max(min(candidates, default=until), now)
        if now >= until:
            return
        shown[0] = now
        while moments and moments[0] <= now:
            for tell in happened[moments.pop(0)]:
                tell()
        fits.look_at_all(reaches=everybody, actor=ACTOR, now=now)
        _settle(now)


def _settle(now):
    for _ in range(_MOST):
        moved = steps.advance(now=now)
        for channel in selectors.channels_due(now):
            while dispatch.one_round(channel, owner="replay", clock=lambda: now):
                moved += 1
        moved += goals.judge_windows(actor=ACTOR, now=now)
        if not moved:
            return
    raise AssertionError(f"never settles at {now}")


def _next_due():
    due = Enrolment.objects.filter(state="waiting", paused=False).order_by("due_at").values_list("due_at", flat=True).first()
    message = Message.objects.filter(state__in=WAITING).order_by("due_at").values_list("due_at", flat=True).first()
    window = Enrolment.objects.filter(judged_at=None).order_by("window_ends_at").values_list("window_ends_at", flat=True).first()
    return min((moment for moment in (due, message, window) if moment is not None), default=None)


def _by_moment(since, until):
    found = defaultdict(list)
    # What really left later has not left yet.
    for message in Message.objects.filter(state="sent", claimed_at__gte=since):
        Message.objects.filter(pk=message.pk).update(state="suppressed")
        found[message.claimed_at].append(lambda key=message.pk: Message.objects.filter(pk=key).update(state="sent"))
    activity = defaultdict(set)
    for row in ActivityEvent.objects.filter(at__gte=since, at__lt=until):
        activity[row.at].add(row.account_id)
    received = Event.objects.filter(type="activity.received", at__gte=since, at__lt=until)
    for row in received.order_by("at", "pk"):
        found[row.at].append(lambda row=row: handlers.look_again(switchboard.revive(row), row))
    assert set(activity) <= set(found), "activity is told at its own moment"
    for row in Event.objects.filter(at__gte=since, at__lt=until).exclude(type="activity.received").order_by("at", "pk"):
        for name, handler in switchboard.handlers_for(row.type).items():
            if name.startswith("interventions."):
                found[row.at].append(lambda row=row, handler=handler: handler(switchboard.revive(row), row))
    return found


def as_told(play_key):
    """What the live engine did, as a rehearsal tells it: entries, lines, and what was passed over."""
    second = {"microsecond": 0}
    runs = Enrolment.objects.filter(play__key=play_key).order_by("entered_at", "account_id")
    entries = [(run.account_id, run.entered_at, run.arm, run.trigger_key, run.exit_reason, run.ended_at, run.goal_met_at) for run in runs]
    lines = [
        (
            *(row.enrolment.account_id, row.enrolment.entered_at, row.enrolment.arm, row.position, row.step, row.kind, row.at, row.what, row.went),
            row.because,
            row.message.state if row.message else "",
            row.message.sent_at.replace(**second) if row.message and row.message.sent_at else None,
        )
        for row in StepRecord.objects.filter(enrolment__in=runs)
        .select_related("enrolment", "message")
        .order_by("enrolment__entered_at", "enrolment__account_id", "position")
    ]
    return entries, lines


def as_foretold(foretold):
    second = {"microsecond": 0}
    entries = [tuple(vars(entry).values()) for entry in foretold.entries]
    lines = [
        (
            *(line.account_id, line.entered_at, line.arm, line.position, line.step, line.kind, line.at, line.what, line.went, line.because),
            line.fate,
            line.fate_at.replace(**second) if line.fate_at else None,
        )
        for line in foretold.lines
    ]
    return entries, lines
