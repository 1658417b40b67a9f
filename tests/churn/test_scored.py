"""The path from a mark to a stored, announced risk."""

from datetime import timedelta

import pytest

from apps.churn import services
from apps.churn.models import AccountRisk, Prediction
from apps.core.actor import Actor
from apps.events.models import Event
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")


def test_a_fading_account_is_scored_by_the_rule_and_its_rise_is_announced_once(now):
    account = make.account(started_on=now.date() - timedelta(days=400))
    make.weeks_of_use(account, until=now - timedelta(days=35), weeks=12, per_week=5)
    services.mark_stale([account.pk], now=now)

    assert services.score_stale(now=now, actor=ACTOR) == 1
    assert services.score_stale(now=now, actor=ACTOR) == 0

    risk = AccountRisk.objects.get()
    assert (risk.band, risk.source, risk.as_of, risk.stale_since) == ("high", "rule v1", now, None)
    assert risk.reasons[0]["words"] == "Activity down 100 % against its own pattern"
    assert any(reason["words"] == "No activity for 35 days" for reason in risk.reasons)
    raised = Event.objects.get(type="risk.raised")
    assert raised.payload["from_band"] == "low"
    assert raised.payload["to_band"] == "high"
    assert raised.payload["prediction_id"] == Prediction.objects.get().pk == risk.prediction_id
