"""Whatever is pressed in whatever order, a session moves only along its table, and what it says of itself fits together."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from apps.coaching import services as coaching
from apps.coaching.models import GoalReading, Session
from apps.coaching.types import SESSION_MOVES, TOOK_PLACE, Agreed, Measure, SessionState
from apps.core.errors import Refused
from apps.events.models import Event
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("house")]
ACTOR = make.ACTOR
BUTTONS = ("accept", "schedule", "begin", "agree", "hold", "follow_up", "no_show", "call_off", "read")


def press(button, session, coach, now):
    do = {
        "accept": lambda: coaching.accept(session, actor=ACTOR, now=now),
        "schedule": lambda: coaching.schedule(session, starts_at=now + timedelta(hours=2), actor=ACTOR, now=now),
        "begin": lambda: coaching.begin(session, actor=ACTOR, now=now),
        "agree": lambda: coaching.agree(session, Agreed("x", Measure.ACTIONS, 1), actor=ACTOR, now=now),
        "hold": lambda: coaching.hold(session, author=coach, actor=ACTOR, now=now),
        "follow_up": lambda: coaching.follow_up(session, actor=ACTOR, now=now),
        "no_show": lambda: coaching.note_no_show(session, actor=ACTOR, now=now),
        "call_off": lambda: coaching.call_off(session, because="x", actor=ACTOR, now=now),
        "read": lambda: coaching.read_outcomes(actor=ACTOR, now=now),
    }
    try:
        do[button]()
    except Refused:
        return False
    return True


# The account outlives the example; every example takes a session of its own.
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pressed=some.lists(some.tuples(some.sampled_from(BUTTONS), some.integers(0, 400)), max_size=14))
def test_a_session_moves_only_along_its_table(account, coach, now, pressed):
    session = coaching.propose(account, coach=coach, topic="x", strategy="goal", actor=ACTOR, now=now)
    moment = now
    states = [SessionState.PROPOSED]
    for button, hours in pressed:
        moment += timedelta(hours=hours)
        before = Session.objects.values().get(pk=session.pk)
        went = press(button, session, coach, moment)
        row = Session.objects.get(pk=session.pk)
        if not went:
            assert Session.objects.values().get(pk=session.pk) == before
        if row.state != states[-1]:
            assert row.state in SESSION_MOVES[states[-1]]
            states.append(SessionState(row.state))
        if row.state in TOOK_PLACE:
            assert row.begun_at is not None
            assert row.ended_at is not None
            assert row.begun_at <= row.ended_at
    readings = GoalReading.objects.filter(goal__session=session)
    took_place = states[-1] in TOOK_PLACE
    assert readings.count() == (2 if took_place and hasattr(session, "goal") else 0)
    assert Event.objects.filter(type="coaching.held", payload__session_id=session.pk).count() == int(took_place)
    outcomes = Event.objects.filter(type="coaching.outcome", payload__session_id=session.pk).values_list("payload__days", flat=True)
    assert sorted(outcomes) == sorted(readings.filter(read_at__isnull=False).values_list("days", flat=True))
