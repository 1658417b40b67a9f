"""Figures are the sums of what accounts bring, read by whoever may see them."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from apps.accounts.models import Account, AccountRole
from apps.accounts.types import Role
from apps.metrics import selectors
from apps.metrics.declared import DECLARED
from tests import make

pytestmark = pytest.mark.django_db

Settle = Callable[[datetime], int]


def _world(now: datetime) -> dict[str, Account]:
    team = make.team("North")
    ann, ben = make.user(team=team), make.user()
    return {
        "a": make.account(owner=ann, arr=100, plan="Team", currency="USD", renews_on=now.date() + timedelta(days=20)),
        "b": make.account(owner=ann, arr=300, plan="Pro", currency="USD", renews_on=now.date() + timedelta(days=80)),
        "c": make.account(owner=ben, arr=50, plan="Team", currency="USD"),
        "gone": make.account(owner=ben, arr=999, stage="churned", churned_on=now.date() - timedelta(days=3)),
    }


def test_the_house_sees_sums_of_all_customers(now: datetime, settle: Settle) -> None:
    world = _world(now)
    make.risk(world["a"], now=now, probability=0.5)
    settle(now)
    found = selectors.figures(None, ["customers", "arr", "renewals_30", "renewals_90", "expected_loss", "arr_per_customer"], now=now)
    assert found["customers"].value == 3
    assert (found["arr"].value, found["arr"].currency) == (450, "USD")
    assert (found["renewals_30"].value, found["renewals_90"].value) == (1, 2)
    assert found["expected_loss"].value == 50
    assert found["arr_per_customer"].value == 150


def test_a_success_manager_sees_their_own_book_and_where_they_stand_in(now: datetime, settle: Settle) -> None:
    world = _world(now)
    ann = world["a"].owner
    settle(now)
    assert selectors.figure(ann, "arr", now=now).value == 400
    AccountRole.objects.create(account=world["c"], user=ann, role="backup")
    assert selectors.figure(ann, "arr", now=now).value == 450
    assert [part.label for part in selectors.parts(ann, "arr", "plan", now=now)] == ["Pro", "Team"]
    assert [part.figure.value for part in selectors.parts(ann, "arr", "plan", now=now)] == [300, 150]


def test_a_lead_sees_the_team_and_nobody_a_foreign_owner(now: datetime, settle: Settle) -> None:
    world = _world(now)
    lead = make.user(Role.TEAM_LEAD, team=world["a"].owner.team)
    settle(now)
    assert selectors.figure(lead, "customers", now=now).value == 2
    assert selectors.figure(lead, "customers", now=now, filters={"owner": str(world["c"].owner_id)}).value == 0
    assert selectors.figure(None, "customers", now=now, filters={"owner": str(world["c"].owner_id)}).value == 1


def test_figures_of_the_house_are_for_those_who_see_everything(now: datetime, settle: Settle) -> None:
    someone = make.user()
    told = selectors.figure(someone, "viral_k", now=now)
    assert (told.value, told.words) == (None, "Only who sees all accounts may read it.")
    assert "viral_k" not in [metric.key for metric in selectors.catalogue(someone)]
    assert "viral_k" in [metric.key for metric in selectors.catalogue(None)]


def test_several_filters_at_once_give_what_one_by_one_would_leave(now: datetime, settle: Settle) -> None:
    world = _world(now)
    make.risk(world["a"], now=now, probability=0.9)
    settle(now)
    band = world["a"].risk.band
    both = {"plan": "Team", "band": band}
    assert selectors.figure(None, "arr", now=now, filters=both).value == 100
    assert [part.value for part in selectors.parts(None, "arr", "plan", now=now, filters={"band": band})] == ["Team"]


def test_rows_behind_a_figure_add_up_to_it(now: datetime, settle: Settle) -> None:
    world = _world(now)
    settle(now)
    rows, whole = selectors.rows(None, "arr", now=now, limit=2)
    assert [(row.account_id, row.value) for row in rows] == [(world["b"].pk, 300), (world["a"].pk, 100)]
    assert whole == 3
    rest, _ = selectors.rows(None, "arr", now=now, limit=2, offset=2)
    assert [row.name for row in rest] == [world["c"].name]


def test_money_without_a_rate_is_named_and_left_out(now: datetime, settle: Settle) -> None:
    make.account(arr=100, currency="USD")
    make.account(arr=70, currency="EUR")
    settle(now)
    told = selectors.figure(None, "arr", now=now)
    assert (told.value, told.words) == (100, "What is in EUR is left out: there is no exchange rate.")
    in_euro = selectors.figure(None, "arr", now=now, filters={"currency": "EUR"})
    assert (in_euro.value, in_euro.currency) == (70, "EUR")


def test_nothing_known_is_not_nought(now: datetime, settle: Settle) -> None:
    make.account(arr=10)
    settle(now)
    assert selectors.figure(None, "at_risk", now=now).value is None
    assert selectors.figure(None, "engagement", now=now).value == 0
    assert selectors.figure(None, "nps", now=now).words == "Nobody answered within 90 days."


def test_every_figure_can_be_read_by_everybody_at_any_time(now: datetime, settle: Settle) -> None:
    _world(now)
    settle(now)
    lead = make.user(Role.TEAM_LEAD, team=make.team("South"))
    for user in (None, lead, make.user()):
        for key, one in DECLARED.items():
            for day in (None, now.date() - timedelta(days=40)):
                selectors.figure(user, key, now=now, as_of=day)
                selectors.rows(user, key, now=now, as_of=day)
                for dimension in one.metric.dimensions:
                    selectors.parts(user, key, dimension, now=now, as_of=day)
            selectors.series(user, key, start=now.date() - timedelta(days=40), end=now.date(), now=now, forecast_days=7)


def test_an_unknown_figure_is_refused_by_name(now: datetime) -> None:
    with pytest.raises(selectors.UnknownMetric) as told:
        selectors.figure(None, "happiness", now=now)
    assert told.value.code == "unknown_metric"


def test_what_time_alone_moves_moves_on_its_day(now: datetime, settle: Settle) -> None:
    make.account(renews_on=now.date() + timedelta(days=91))
    settle(now)
    assert selectors.figure(None, "renewals_90", now=now).value == 0
    later = now + timedelta(days=1)
    settle(later)
    assert selectors.figure(None, "renewals_90", now=later).value == 1


def test_money_keeps_its_cents(now: datetime, settle: Settle) -> None:
    make.account(arr=Decimal("0.10"), started_on=date(2025, 1, 1))
    make.account(arr=Decimal("0.20"), started_on=date(2025, 1, 1))
    settle(now)
    assert selectors.figure(None, "arr", now=now).value == Decimal("0.30")
