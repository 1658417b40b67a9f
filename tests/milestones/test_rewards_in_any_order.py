"""Announcements come late, twice and out of order; what a customer has is what the present state says."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from apps.milestones import services
from apps.milestones.models import Progress, RewardClaim
from cs_platform import invariants
from tests import make
from tests.milestones import rewarding
from tests.milestones.rewarding import has

NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)
STEPS = some.lists(some.sampled_from(["reached", "undone", "told reached", "told undone", "swept"]), max_size=14)


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS, some.permutations(["told reached", "told undone", "told reached", "told undone", "swept"]))
def test_whatever_is_told_in_whatever_order_the_balance_follows_the_state(steps, last):
    with transaction.atomic():
        account, one = make.account(), rewarding.milestone()
        rewarding.budget(NOW, 100_000, unit="credits", currency="EUR")
        rewarding.rule(NOW, unit="credits", currency="EUR")
        row = rewarding.reached(account, one, at=NOW)

        def do(step: str, at: datetime) -> None:
            if step == "reached":
                rewarding.reached(account, one, at=at)
            elif step == "undone":
                Progress.objects.filter(pk=row.pk).update(state="open", achieved_at=None, noticed_at=None, via="")
            elif step == "told reached":
                services.for_milestone(progress_id=row.pk, actor=make.ACTOR, now=at)
            elif step == "swept":
                services.sweep_rewards(actor=make.ACTOR, now=at + timedelta(minutes=20))
            else:
                services.take_back_rewards(account_id=account.pk, milestone_id=one.pk, reason="Corrected", actor=make.ACTOR, now=at)

        for number, step in enumerate([*steps, *last]):
            do(step, NOW + timedelta(hours=number))

        reached = Progress.objects.get(pk=row.pk).state == "achieved"
        held = RewardClaim.objects.filter(state="held").count()
        assert has(account, unit="credits", currency="EUR") + 100 * held == (100 if reached else 0)
        assert [one for one in invariants.broken(NOW) if one["name"] != "event_waiting"] == []
        # Each example begins with an empty company.
        transaction.set_rollback(True)
