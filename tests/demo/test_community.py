"""The demo company's word of mouth comes about through the services, and again the same."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.community.models import Challenge, Favour, Published, Statement
from cs_platform.demo import community
from tests import make

pytestmark = pytest.mark.django_db


def test_the_demo_has_a_little_of_everything():
    now = datetime(2026, 3, 11, 12, tzinfo=UTC)
    for number in range(45):
        account = make.account(started_on=(now - timedelta(days=60)).date())
        make.contact(account, external_id=f"demo-{number}")
        if number < 25:
            make.activity(account, now - timedelta(days=1), name="report.viewed")
    community.write(now=now)
    assert Challenge.objects.get().state == "open"
    assert Statement.objects.count() == 4
    shown = Published.objects.filter(statement__key="weekly-report").order_by("on")
    assert [row.number for row in shown] == [25, 25]
    assert Favour.objects.count() == 3
