"""The demo company's survey is made by the services, says something, and breaks nothing that must hold."""

from datetime import timedelta

import pytest

from apps.campaigns import selectors
from apps.campaigns.models import Campaign
from apps.core import clock
from apps.messaging import services as messaging
from cs_platform.demo import asked
from cs_platform.invariants import broken
from tests import make

pytestmark = pytest.mark.django_db


def test_the_survey_of_the_demo_was_asked_answered_and_closed():
    now = clock.now()
    messaging.ensure_templates(now)
    for number in range(60):
        account = make.account(started_on=(now - timedelta(days=400)).date(), owner=make.user())
        make.contact(account, email=f"p{number}@demo.test")
        make.contact(account, email=f"q{number}@demo.test")
    assert asked.write(now=now) == 120
    found = selectors.surveys.read_out(Campaign.objects.get(key=asked.KEY), viewer=make.user(role=None, is_superuser=True), now=now)
    assert found.delivered == 120
    assert 30 < found.answered < 90
    assert found.figure.enough
    assert found.loops.closed > found.loops.overdue
    assert len(found.months) >= 3
    assert {one["name"] for one in broken(now=now)} & {"surveyed_twice", "loop_unannounced"} == set()
