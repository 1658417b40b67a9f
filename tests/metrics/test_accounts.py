"""An account's own figures: now, on a past day, day by day."""

from datetime import datetime, timedelta

import pytest

from apps.churn.models import Prediction
from apps.metrics import accounts
from apps.metrics.accounts import UnknownFigure
from tests import make

pytestmark = pytest.mark.django_db


def test_every_figure_is_read_for_all_accounts_now_and_on_a_past_day(now: datetime) -> None:
    account = make.account(started_on=now.date() - timedelta(days=100), seats=10, seats_used=4, renews_on=now.date() + timedelta(days=9))
    make.contact(account, role="sponsor", last_two_way_at=now - timedelta(days=12))
    make.story(account, now=now)
    make.risk(account, now=now)
    for metric in accounts.account_figures():
        for day in (None, now.date() - timedelta(days=2)):
            values = dict(accounts.of_accounts(metric.key, None, now=now, as_of=day))
            assert set(values) <= {account.pk}
            assert len(accounts.daily(metric.key, [account.pk], start=now.date() - timedelta(days=3), end=now.date())[account.pk]) == 4


def test_figures_say_what_is_so(now: datetime) -> None:
    account = make.account(started_on=now.date() - timedelta(days=100), seats=10, seats_used=4, renews_on=now.date() + timedelta(days=9))
    make.contact(account, role="sponsor", last_two_way_at=now - timedelta(days=12))
    make.activity(account, now - timedelta(days=3), now, now)

    def told(key: str, back: int = 0) -> float | None:
        day = now.date() - timedelta(days=back) if back else None
        return dict(accounts.of_accounts(key, [account.pk], now=now, as_of=day)).get(account.pk)

    assert (told("usage"), told("usage", 1), told("usage", 3)) == (2, 0, 1)
    assert (told("usage_7"), told("days_silent"), told("days_silent", 1)) == (3, 0, 2)
    assert (told("days_since_sponsor"), told("days_since_sponsor", 2)) == (12, 10)
    assert (told("seats_share"), told("days_to_renewal"), told("days_to_renewal", 5)) == (0.4, 9, 14)
    assert told("seats_share", 5) is None, "How many seats were in use then is on no record."
    assert told("nps_last") is None


def test_a_sponsor_who_never_said_anything_is_silent_since_they_came(now: datetime) -> None:
    account = make.account(started_on=now.date() - timedelta(days=50))
    make.contact(account, role="sponsor")
    other = make.account(started_on=now.date() - timedelta(days=50))
    values = dict(accounts.of_accounts("days_since_sponsor", [account.pk, other.pk], now=now))
    assert values == {account.pk: 50}


def test_who_left_has_no_figures_from_then_on(now: datetime) -> None:
    account = make.account(started_on=now.date() - timedelta(days=50), stage="churned", churned_on=now.date() - timedelta(days=5), arr=10)
    assert dict(accounts.of_accounts("days_silent", None, now=now)) == {}
    make.activity(account, now - timedelta(days=20))
    assert dict(accounts.of_accounts("days_silent", None, now=now, as_of=now.date() - timedelta(days=10))) == {account.pk: 10}


def test_days_without_activity_are_nought_and_days_before_the_account_are_unknown(now: datetime) -> None:
    account = make.account(started_on=now.date() - timedelta(days=2))
    make.activity(account, now - timedelta(days=1))
    points = accounts.daily("usage", [account.pk], start=now.date() - timedelta(days=3), end=now.date())[account.pk]
    assert [point.value for point in points] == [None, 0, 1, 0]


def test_a_risk_holds_until_the_next_word(now: datetime) -> None:
    account = make.account(started_on=now.date() - timedelta(days=90))
    risk = make.risk(account, now=now - timedelta(days=3), probability=0.2)
    Prediction.objects.create(
        account=account, model=risk.prediction.model, as_of=now - timedelta(days=1), probability=0.6, band="high", created_at=now
    )
    points = accounts.daily("risk", [account.pk], start=now.date() - timedelta(days=4), end=now.date())[account.pk]
    assert [point.value for point in points] == [None, 0.2, 0.2, 0.6, 0.6]


def test_one_statement_serves_any_number_of_accounts(now: datetime, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    made = [make.account() for _ in range(5)]
    with django_assert_num_queries(1):
        assert len(dict(accounts.of_accounts("usage", [one.pk for one in made], now=now))) == 5


def test_an_unknown_figure_is_refused(now: datetime) -> None:
    with pytest.raises(UnknownFigure):
        list(accounts.of_accounts("happiness", None, now=now))
