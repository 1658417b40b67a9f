"""Several workers choose tips for the same accounts, and several people answer the same tip."""

from datetime import timedelta

import pytest
from django.db import close_old_connections

from apps.coaching import services
from apps.coaching.models import Recommendation, Slate, TipAnswerRow
from apps.core.errors import Refused
from apps.events.models import Event
from apps.experiments.models import ArmCount, PolicyDecision
from tests import make
from tests.coaching.conftest import tip

pytestmark = pytest.mark.django_db(transaction=True)


def test_six_workers_give_every_account_one_slate(now):
    accounts = [make.account(started_on=now.date() - timedelta(days=100)) for _ in range(12)]
    for key in ("one", "two", "three", "four"):
        tip(key, now=now)
    ids = [account.pk for account in accounts]
    services.place(ids, now=now)

    def work(number: int) -> None:
        # Each begins elsewhere, as batches of different workers do.
        turned = ids[2 * number :] + ids[: 2 * number]
        services.recommend(turned, now=now, actor=make.ACTOR)
        close_old_connections()

    make.at_once(work, 6)
    # What a worker left to another that had it in hand is there too.
    assert sorted(Slate.objects.values_list("account_id", flat=True)) == ids
    assert Recommendation.objects.count() == 36
    assert Event.objects.filter(type="coaching.tips_recommended").count() == 12
    assert PolicyDecision.objects.count() == Recommendation.objects.filter(held_back=False).count()


def test_a_tip_that_six_people_answer_is_answered_once(now):
    account = make.account(started_on=now.date() - timedelta(days=100))
    row = make.recommendation(account, now=now)
    words = ["done", "not_useful"] * 3
    refused = []

    def work(number: int) -> None:
        try:
            services.answer(row.pk, words[number], now=now, actor=make.ACTOR)
        except Refused:
            refused.append(words[number])
        close_old_connections()

    make.at_once(work, 6)
    row.refresh_from_db()
    assert TipAnswerRow.objects.count() == 1
    assert len(refused) == 3
    count = ArmCount.objects.get()
    assert (count.successes, count.failures) == ((1.0, 0.0) if row.state == "done" else (0.0, 1.0))
