"""Reading what came of sessions: each goal on its 7th and 30th day, once, and what is learned from it."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from apps.core.actor import Actor
from apps.events import services as events
from apps.events.vocabulary import CoachingChanged, CoachingOutcome

from ..models import GoalReading, Session
from ..session_types import READ_AFTER, SessionState
from . import goals, strategies

_MOST = 500


def read_due(*, actor: Actor, now: datetime) -> int:
    """Read the goals whose day has come, and end sessions of which everything is read. Returns how many goals were read."""
    keys = list(GoalReading.objects.due(now).values_list("pk", flat=True)[:_MOST])
    found = sum(_read_one(key, actor=actor, now=now) for key in keys)
    _end(actor=actor, now=now)
    return found


def _read_one(key: int, *, actor: Actor, now: datetime) -> bool:
    with transaction.atomic():
        row = (
            GoalReading.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("goal__session__account", "goal__session__strategy")
            .filter(pk=key, read_at__isnull=True)
            .first()
        )
        if row is None:
            # Another worker reads it.
            return False
        row.value, row.reached = goals.read(row)
        row.read_at = now
        row.save(update_fields=["value", "reached", "read_at"])
        session = row.goal.session
        if row.days == row.goal.within_days:
            strategies.learn(session.decision, reached=row.reached, at=now)
        said = CoachingOutcome(
            account_id=session.account_id, session_id=session.pk, days=row.days, reached=row.reached, strategy=session.strategy.key
        )
        events.publish(said, actor=actor, now=now)
    return True


def _end(*, actor: Actor, now: datetime) -> int:
    """Sessions that were followed up and have nothing left to be read."""
    with transaction.atomic():
        over = now - timedelta(days=max(READ_AFTER))
        unread = GoalReading.objects.filter(goal__session=OuterRef("pk"), read_at__isnull=True)
        rows = Session.objects.filter(~Exists(unread), state=SessionState.FOLLOW_UP, ended_at__lte=over)
        ended = list(rows.order_by("pk").select_for_update(of=("self",), skip_locked=True)[:_MOST])
        Session.objects.filter(pk__in=[one.pk for one in ended], state=SessionState.FOLLOW_UP).update(
            state=SessionState.DONE, version=F("version") + 1
        )
        said = [CoachingChanged(account_id=one.account_id, session_id=one.pk, state=SessionState.DONE) for one in ended]
        events.publish_all(said, actor=actor, now=now)
    return len(ended)
