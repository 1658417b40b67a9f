from collections import Counter
from datetime import UTC, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

import pytest

from cs_platform.demo.model import Company, imagine
from cs_platform.demo.streams import MEANINGS, Happening, happenings

UNTIL = datetime(2026, 3, 11, 14, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def company() -> Company:
    return imagine(accounts=300, seed=11, until=UNTIL)


@pytest.fixture(scope="module")
def lived(company: Company) -> list[Happening]:
    return list(happenings(company, 11))


def test_the_same_seed_and_moment_give_the_same_company():
    once, again, other = (imagine(accounts=40, seed=seed, until=UNTIL) for seed in (5, 5, 6))
    assert once.customers == again.customers
    assert list(happenings(once, 5)) == list(happenings(again, 5))
    assert [customer.name for customer in once.customers] != [customer.name for customer in other.customers]


def test_a_company_of_nobody_is_refused():
    with pytest.raises(ValueError, match="at least 1"):
        imagine(accounts=0, seed=1, until=UNTIL)


def test_names_and_addresses_are_unique_and_invented(company):
    names = [customer.name for customer in company.customers]
    assert len(set(names)) == len(names) == 300
    addresses = [person.email for customer in company.customers for person in customer.people]
    assert len(set(addresses)) == len(addresses)
    assert {address.rsplit(".", 1)[1] for address in addresses} == {"example"}
    assert all(address.isascii() and " " not in address and "&" not in address for address in addresses)


def test_every_time_zone_is_real_and_several_are_used(company):
    zones = {customer.time_zone for customer in company.customers}
    assert all(ZoneInfo(zone) for zone in zones)
    assert len(zones) > 10


def test_about_a_quarter_left_within_two_years(company):
    left = [customer for customer in company.customers if customer.churned_on]
    assert 0.15 < len(left) / 300 < 0.42
    assert all(customer.started_on < customer.churned_on <= UNTIL.date() for customer in left)
    months = company.lives.alive.sum() / 30.4
    assert 0.015 < len(left) / months < 0.035


def test_nothing_happens_before_the_sign_up_after_leaving_or_after_the_present(company, lived):
    for happening in lived:
        customer = company.customers[happening.customer]
        assert customer.started_on - timedelta(days=1) <= happening.at.date()
        assert happening.at < UNTIL
        if customer.churned_on:
            assert happening.at.date() < customer.churned_on


def test_everything_happens_within_the_opening_hours_of_the_accounts_own_zone(company, lived):
    for happening in lived:
        customer = company.customers[happening.customer]
        hour = happening.at.astimezone(ZoneInfo(customer.time_zone)).hour
        assert customer.trade.opens <= hour <= customer.trade.opens + customer.trade.hours


def test_weekdays_are_busier_than_sundays(company, lived):
    days = Counter(happening.at.astimezone(ZoneInfo(company.customers[happening.customer].time_zone)).weekday() for happening in lived)
    assert days[2] > 3 * days[6]


def test_every_event_name_has_a_meaning_and_each_is_used(lived):
    assert {happening.name for happening in lived} == set(MEANINGS)
    assert min(happening.value for happening in lived) == 1


def test_people_who_left_their_company_do_nothing_afterwards(company, lived):
    departures = 0
    for happening in lived:
        if happening.person is not None:
            person = company.customers[happening.customer].people[happening.person]
            assert person.departed_on is None or happening.at.date() < person.departed_on
            assert person.joined_on is None or happening.at.date() >= person.joined_on
    for customer in company.customers:
        departures += any(person.departed_on for person in customer.people)
    assert departures > 20


def test_leavers_fade_in_the_weeks_before_and_those_who_stay_do_not(company, lived):
    by_account: dict[int, list] = {}
    for happening in lived:
        if MEANINGS[happening.name] in ("engagement", "core"):
            by_account.setdefault(happening.customer, []).append(happening.at.date())

    def change(place: int, end) -> float | None:
        days = by_account.get(place, [])
        late = sum(end - timedelta(days=28) <= day < end for day in days)
        early = sum(end - timedelta(days=140) <= day < end - timedelta(days=84) for day in days) / 2
        return late / early if early >= 8 else None

    left, stayed = [], []
    for place, customer in enumerate(company.customers):
        end = customer.churned_on or UNTIL.date() - timedelta(days=60)
        share = change(place, end)
        if share is not None:
            (left if customer.churned_on else stayed).append(share)
    assert len(left) > 30
    assert median(left) < 0.7 * median(stayed)
    assert sum(share > 0.8 for share in left) / len(left) > 0.1, "some leave without a sign"


def test_yearly_contracts_renew_on_the_return_of_their_start(company):
    yearly = [customer for customer in company.customers if customer.contract == "yearly"]
    assert yearly
    for customer in yearly:
        assert (customer.renews_on.month, customer.renews_on.day) == (customer.started_on.month, min(customer.started_on.day, 28))
        assert customer.renews_on >= (customer.churned_on or UNTIL.date())
    assert {customer.renews_on for customer in company.customers if customer.contract == "monthly"} == {None}
