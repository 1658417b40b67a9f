"""The demo company's talks: taken through by the product's own services, and something of every kind that waits."""

from datetime import timedelta

import pytest

from apps.coaching.models import GoalReading, Session
from apps.messaging import services as messaging
from cs_platform.demo import coached
from cs_platform.invariants import broken
from tests import make

pytestmark = pytest.mark.django_db


def test_talks_of_the_past_are_read_and_each_kind_waits_once(now):
    messaging.ensure_templates(now=now)
    owner = make.user()
    for number in range(60):
        account = make.account(owner=owner, synthetic=True, external_id=f"hl-{number}", started_on=now.date() - timedelta(days=600))
        make.contact(account)
        make.activity(account, now - timedelta(days=3), now - timedelta(days=20), name="report.viewed")
    held = coached.write(now=now)
    assert 5 <= held <= 25
    assert Session.objects.filter(state__in=["follow_up", "done"]).count() == held
    waiting = Session.objects.exclude(state__in=["follow_up", "done"]).order_by("state").values_list("state", flat=True)
    assert list(waiting) == ["accepted", "held", "no_show", "proposed", "scheduled", "scheduled"]
    assert GoalReading.objects.filter(read_at__isnull=False).exists()
    assert not GoalReading.objects.filter(read_at__isnull=True, due_at__lte=now).exists()
    assert not Session.objects.filter(state="done", contact=None).exists()
    assert [one["name"] for one in broken(now) if one["name"].startswith("goal")] == []
