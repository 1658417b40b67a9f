"""Profiles of accounts: measured as of a moment, kept over re-fits."""

from datetime import timedelta

import numpy as np
import pytest

from apps.accounts.models import Account, DailyRollup
from apps.coaching import services
from apps.coaching.models import CoachingProfile, Pattern, ProfileFit
from apps.coaching.profiles.measured import behaviours
from tests import make
from tests.coaching.conftest import days


def values(account: Account, now) -> dict[str, float | None]:
    (row,) = behaviours(as_of=now, account_ids=[account.pk])
    return row.values


@pytest.fixture
def account(db: None, now) -> Account:
    make.meanings(**{"appointment.booked": "core", "login": "engagement", "ticket.opened": "support", "invoice.paid": "billing"})
    return make.account(started_on=now.date() - timedelta(days=400))


def test_behaviours_have_exact_values(account, now):
    first, _ = make.contact(account), make.contact(account)
    make.activity_of(first, *days(now, 2, 3, 4), name="login")
    make.activity(account, *days(now, 2, 30, 31), name="appointment.booked")
    make.activity(account, *days(now, 5), name="ticket.opened")
    make.activity(account, *days(now, 6), name="invoice.paid")
    assert values(account, now) == {
        "frequency": 3.0,
        "intensity": pytest.approx(4 / 3),
        "breadth": 2.0,
        "depth": 0.5,
        "regularity": 2.0,
        "people": 0.5,
        "momentum": pytest.approx(9 / 7 - 1),
        "help": pytest.approx(100 / 11),
    }


def test_nothing_of_today_or_later_reaches_a_profile(account, now):
    make.activity(account, *days(now, 3), name="login")
    before = values(account, now)
    make.activity(account, now - timedelta(hours=1), now + timedelta(days=2), name="appointment.booked")
    assert values(account, now) == before


def test_an_account_that_did_nothing_is_measured_too(account, now):
    found = values(account, now)
    assert (found["frequency"], found["depth"], found["people"], found["momentum"]) == (0.0, None, None, 0.0)


def test_few_accounts_are_told_apart_by_rule_with_gaps_in_words(company, now):
    fit = services.refit(now=now)
    assert (fit.kind, fit.accounts, fit.stability) == ("rules", 12, [])
    assert CoachingProfile.objects.get(account=company[0]).pattern.key == "explorers"
    lazy = CoachingProfile.objects.get(account=company[7])
    assert lazy.pattern.key == "occasional"
    assert [gap["behaviour"] for gap in lazy.gaps][:1] == ["frequency"]
    words = "Days of use: 2 of 28 days; half of all accounts come to 8 of 28 days or more. 25 of 100 accounts come to less."
    assert lazy.gaps[0]["words"] == words


def test_since_stays_while_the_pattern_does(company, now):
    services.refit(now=now)
    services.refit(now=now + timedelta(days=7))
    profile = CoachingProfile.objects.get(account=company[0])
    assert (profile.since, profile.as_of, ProfileFit.objects.count()) == (now, now + timedelta(days=7), 2)


def test_a_new_account_is_placed_by_the_fit_in_force(company, now):
    services.refit(now=now)
    late = make.account(started_on=now.date() - timedelta(days=9))
    assert services.place([late.pk], now=now) == 1
    assert CoachingProfile.objects.get(account=late).pattern.key == "silent"
    assert ProfileFit.objects.count() == 1


def test_two_hundred_accounts_are_grouped_and_names_last_over_a_refit(db, now):
    """One statement per kind of account instead of 240 batches keeps it quick."""
    make.meanings(**{"appointment.booked": "core", "login": "engagement", "report.viewed": "engagement"})
    accounts = [make.account(started_on=now.date() - timedelta(days=300)) for _ in range(240)]
    draw = np.random.default_rng(3)
    rows = []
    for number, account in enumerate(accounts):
        often, names = [(0.9, ("login", "appointment.booked", "report.viewed", "export.run")), (0.12, ("login",))][number % 2]
        for day in range(1, 57):
            for name in names:
                if draw.random() < often:
                    rows.append(
                        DailyRollup(account=account, day=now.date() - timedelta(days=day), name=name, count=1 + draw.poisson(2 * often), value=1)
                    )
    DailyRollup.objects.bulk_create(rows)
    fit = services.refit(now=now)
    assert fit.kind == "learned"
    assert fit.patterns >= 2
    assert len(fit.stability) == 7
    best = next(one for one in fit.stability if one["k"] == fit.patterns)
    assert best["ari"] >= 0.85
    assert best["smallest"] >= 0.05
    groups = {CoachingProfile.objects.get(account=account).pattern_id for account in accounts[0:10:2]}
    assert len(groups) == 1
    assert groups.isdisjoint({CoachingProfile.objects.get(account=account).pattern_id for account in accounts[1:11:2]})
    Pattern.objects.filter(pk__in=groups).update(name="Our best", named_by_hand=True)
    again = services.refit(now=now + timedelta(days=1))
    assert set(again.centres) == set(fit.centres)
    assert CoachingProfile.objects.get(account=accounts[0]).pattern.name == "Our best"
