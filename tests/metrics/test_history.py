"""How figures stood on past days: kept, told back from what is on record, and never made up."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from apps.accounts.services import ledger
from apps.core.actor import Actor
from apps.metrics import selectors, services
from apps.metrics.models import DayTally
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")
Settle = Callable[[datetime], int]


def test_a_day_is_kept_as_it_stood_when_it_ended(now: datetime, settle: Settle) -> None:
    account = make.account(arr=100, plan="Team")
    settle(now)
    services.close_day(now=now)
    later = now + timedelta(days=1)
    type(account).objects.filter(pk=account.pk).update(arr=70)
    services.mark_stale([account.pk], now=later)
    settle(later)
    services.close_day(now=later)
    assert selectors.figure(None, "arr", now=later, as_of=now.date()).value == 100
    assert selectors.figure(None, "arr", now=later, as_of=now.date(), filters={"plan": "Team"}).value == 100
    assert selectors.figure(None, "arr", now=later).value == 70
    line = selectors.series(None, "arr", start=now.date() - timedelta(days=1), end=later.date(), now=later)[0]
    assert [point.value for point in line.points] == [None, 100, 70]
    assert line.since == now.date()


def test_a_day_that_was_not_kept_is_not_known(now: datetime, settle: Settle) -> None:
    make.account(arr=100)
    settle(now)
    told = selectors.figure(None, "open_tickets", now=now, as_of=now.date() - timedelta(days=3))
    assert (told.value, told.words) == (None, "It was not kept for that day.")


def test_keeping_a_day_again_changes_nothing(now: datetime, settle: Settle) -> None:
    make.account(arr=100)
    settle(now)
    assert services.close_day(now=now) > 0
    assert services.close_day(now=now) == 0


def test_what_left_the_sums_leaves_the_day(now: datetime, settle: Settle) -> None:
    account = make.account(arr=100)
    settle(now)
    services.close_day(now=now)
    account.delete()
    services.close_day(now=now)
    assert not DayTally.objects.filter(measure="arr").exists()


def test_the_past_is_told_from_the_ledger(now: datetime, settle: Settle) -> None:
    ann = make.user()
    account = make.account(owner=ann, arr=0, plan="Team", started_on=now.date() - timedelta(days=40))
    for back, amount in ((40, 100), (10, 50), (5, -30)):
        ledger.record(account, amount=amount, effective_on=now.date() - timedelta(days=back), reason="x", source="test", actor=ACTOR, now=now)
    settle(now)
    assert services.tell_back(now=now) > 0
    days = [now.date() - timedelta(days=back) for back in (41, 40, 11, 10, 5, 1)]
    found = {point.day: point.value for point in selectors.series(ann, "arr", start=days[0], end=now.date(), now=now)[0].points}
    assert [found[day] for day in days] == [None, 100, 100, 150, 120, 120]
    assert found[now.date()] == 120
    assert selectors.figure(None, "arr", now=now, as_of=days[2], filters={"plan": "Team"}).value == 100
    rows, whole = selectors.rows(None, "arr", now=now, as_of=days[2])
    assert ([(row.account_id, row.value) for row in rows], whole) == ([(account.pk, 100)], 1)
    assert services.tell_back(now=now) == 0, "It is told once."


def test_the_past_of_risk_is_told_from_predictions(now: datetime, settle: Settle) -> None:
    account = make.account()
    make.risk(account, now=now - timedelta(days=5), probability=0.9)
    settle(now)
    services.tell_back(now=now)
    line = selectors.series(None, "at_risk", start=now.date() - timedelta(days=6), end=now.date(), now=now)[0]
    assert [point.value for point in line.points] == [None, 1, 1, 1, 1, 1, 1]


def test_nrr_is_that_of_the_revenue_page(now: datetime, settle: Settle) -> None:
    from apps.accounts.selectors import revenue
    from apps.metrics.reckoning import EVERYBODY

    ann = make.user()
    for owner, moves in ((ann, ((400, 100), (100, 40))), (None, ((500, 200), (30, -200))), (ann, ((390, 300), (20, -60)))):
        account = make.account(owner=owner, arr=0, started_on=now.date() - timedelta(days=500))
        for back, amount in moves:
            ledger.record(account, amount=amount, effective_on=now.date() - timedelta(days=back), reason="x", source="t", actor=ACTOR, now=now)
    services.reckon_sums(now=now, actor=ACTOR)
    assert services.reckon_sums(now=now, actor=ACTOR) == []
    end = now.date() + timedelta(days=1)
    whole = revenue.total(EVERYBODY, revenue.Period(end - timedelta(days=365), end), known_at=now)
    told = selectors.figures(None, ["nrr", "grr", "logo_churn"], now=now)
    assert told["nrr"].value == pytest.approx(float(whole.nrr)) == pytest.approx(380 / 600)
    assert told["grr"].value == pytest.approx(float(whole.grr))
    assert (told["logo_churn"].value, told["logo_churn"].of) == (pytest.approx(1 / 3), 3)
    assert selectors.figure(ann, "nrr", now=now).value == pytest.approx(380 / 400)


def test_figures_of_the_house_are_reckoned_and_say_why_they_cannot_be_told(now: datetime) -> None:
    services.reckon_house(now=now, actor=ACTOR)
    assert services.reckon_house(now=now, actor=ACTOR) == 0
    for key in ("intervention_effect", "viral_k", "campaign_effect", "coaching_effect"):
        told = selectors.figure(None, key, now=now)
        assert told.value is None
        assert told.words


def test_what_happened_before_it_was_counted_is_counted_from_the_record(now: datetime, settle: Settle) -> None:
    from django.db import transaction

    from apps.events import services as events
    from apps.events.models import Delivery
    from apps.events.vocabulary import AccountChurned

    account = make.account()
    with transaction.atomic():
        events.publish(AccountChurned(account_id=account.pk, on=str(now.date())), actor=ACTOR, now=now - timedelta(days=2))
    Delivery.objects.all().delete()
    services.tell_back(now=now)
    assert selectors.figure(None, "customers_left_28", now=now).value == 1
    services.tell_back(now=now)
    assert selectors.figure(None, "customers_left_28", now=now).value == 1
