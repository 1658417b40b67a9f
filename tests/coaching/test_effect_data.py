"""The units of an effect, counted from rollups."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from apps.accounts.models import DailyRollup
from apps.accounts.types import Role
from apps.coaching import effect_data
from apps.coaching.effect_data import Unit
from tests import make

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 11, 12, tzinfo=UTC)


def rolled(account, days, name="login"):
    DailyRollup.objects.bulk_create(
        DailyRollup(account=account, day=AT.date() + timedelta(days=day), name=name, count=count, value=1) for day, count in days
    )


def test_each_day_falls_into_its_period_and_the_day_itself_into_none():
    account = make.account()
    rolled(
        account,
        [
            (-85, 1000),
            (-84, 1),
            (-57, 2),
            (-56, 4),
            (-29, 8),
            (-28, 16),
            (-1, 32),
            (0, 1000),
            (1, 64),
            (7, 1),
            (8, 128),
            (28, 2),
            (29, 1000),
            (57, 1000),
        ],
    )
    rolled(account, [(-1, 5)], name="report.viewed")
    found = effect_data.counted([Unit(account.pk, AT, "login", True)], now=AT + timedelta(days=80))
    counts = [np.exp(found.cohort.earlier[0]), *np.exp(found.cohort.before[0]), np.exp(found.cohort.after[0])]
    assert np.round(np.array(counts) * 4 - 0.5).tolist() == [3, 12, 48, 195]
    assert np.round(np.exp(found.after[0]) - 0.5).tolist() == [65, 128, 0, 2, 1000, 0, 0, 0]


def test_several_activities_are_counted_together_and_no_name_means_all():
    account = make.account()
    for name, count in (("login", 1), ("report.viewed", 10), ("export.run", 100)):
        rolled(account, [(-3, count)], name=name)
    units = [Unit(account.pk, AT, name, True) for name in ("", "login", f"login{chr(31)}export.run")]
    found = effect_data.counted(units, now=AT + timedelta(days=80))
    assert np.round(np.exp(found.cohort.before[:, 1]) * 4 - 0.5).tolist() == [111, 1, 101]


def test_a_week_that_is_not_over_is_unknown():
    account = make.account()
    found = effect_data.counted([Unit(account.pk, AT, "", True)], now=AT + timedelta(days=15))
    assert np.isnan(found.after[0]).tolist() == [False, False, True, True, True, True, True, True]


def test_nobody_who_was_coached_stands_for_those_who_were_not_and_books_stay_apart():
    csm = make.user(Role.CSM)
    now = AT + timedelta(days=60)
    coached, lately, alone, new, elsewhere = (make.account(owner=csm) for _ in range(4)), None, None, None, make.account(owner=make.user(Role.CSM))
    coached, lately, alone, new = list(coached)
    new.started_on = AT.date() - timedelta(days=20)
    new.save()
    for account, at in ((coached, AT), (lately, now - timedelta(days=2)), (elsewhere, AT)):
        make.session(account, now=now, begun_at=at, ended_at=at, starts_at=at, proposed_at=at)
    found = effect_data.of_sessions(csm, since=AT - timedelta(days=100), now=now)
    assert [(unit.account, unit.treated, unit.way) for unit in found.units] == [(coached.pk, True, "teach"), (alone.pk, False, "")]
    assert found.units[1].at == AT


def test_of_several_sessions_the_first_counts():
    now = AT + timedelta(days=70)
    lead = make.user(None, is_superuser=True)
    account = make.account()
    for days in (0, 20):
        at = AT + timedelta(days=days)
        make.session(account, now=now, begun_at=at, ended_at=at, starts_at=at, proposed_at=at)
    found = effect_data.of_sessions(lead, since=AT - timedelta(days=1), now=now)
    assert [(unit.account, unit.at) for unit in found.units] == [(account.pk, AT)]


def test_nobody_coached_is_an_empty_cohort():
    found = effect_data.of_sessions(make.user(None, is_superuser=True), since=AT, now=AT)
    assert (len(found.units), found.cohort.n_treated, found.after.shape) == (0, 0, (0, 8))
