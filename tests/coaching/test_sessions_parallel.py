"""Eight hands at once: a session moves once, is told once, and its goal is read once."""

from datetime import timedelta

import pytest
from django.db import connection

from apps.accounts.models import Note
from apps.coaching import services as coaching
from apps.coaching.models import GoalReading, Session
from apps.coaching.types import Agreed, Measure
from apps.core.errors import Refused
from apps.events.models import Event
from apps.messaging import services as messaging
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)
ACTOR = make.ACTOR


def test_eight_who_end_a_session_and_read_its_goal_at_once(now):
    coaching.ensure_strategies()
    messaging.ensure_templates(now=now)
    coach = make.user()
    account = make.account(owner=coach)
    session = coaching.propose(account, coach=coach, contact=make.contact(account), topic="Reports", strategy="goal", actor=ACTOR, now=now)
    coaching.accept(session, actor=ACTOR, now=now)
    coaching.schedule(session, starts_at=now + timedelta(hours=1), actor=ACTOR, now=now)
    begun = now + timedelta(hours=1)
    coaching.begin(session, actor=ACTOR, now=begun)
    coaching.agree(session, Agreed("log in daily", Measure.DAYS, 5), actor=ACTOR, now=begun)
    went = []

    def end(number: int) -> None:
        try:
            coaching.hold(Session.objects.get(pk=session.pk), author=coach, actor=ACTOR, now=begun + timedelta(minutes=20))
            went.append(number)
        except Refused:
            pass
        finally:
            connection.close()

    make.at_once(end, 8)
    assert len(went) == 1
    assert (Note.objects.count(), GoalReading.objects.count(), Event.objects.filter(type="coaching.held").count()) == (1, 2, 1)

    counted = []

    def read(number: int) -> None:
        try:
            counted.append(coaching.read_outcomes(actor=ACTOR, now=now + timedelta(days=40)))
        finally:
            connection.close()

    make.at_once(read, 8)
    assert sum(counted) == 2
    assert Event.objects.filter(type="coaching.outcome").count() == 2
    assert list(GoalReading.objects.order_by("days").values_list("value", "reached")) == [(0.0, False), (0.0, False)]
