from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from apps.accounts import selectors
from apps.accounts.types import Role
from tests import make

pytestmark = pytest.mark.django_db


def test_weekly_activity_is_oldest_first_and_ends_with_the_day_asked(now, django_assert_num_queries):
    busy, quiet = make.account(), make.account()
    make.activity(busy, now, now - timedelta(days=6), now - timedelta(days=7), now - timedelta(days=20), now - timedelta(days=21))
    make.activity(busy, now + timedelta(days=1), name="export")

    with django_assert_num_queries(1):
        found = selectors.weekly_activity([busy.pk, quiet.pk], until=now, weeks=3)

    assert found == {busy.pk: [1.0, 1.0, 2.0], quiet.pk: [0.0, 0.0, 0.0]}
    assert selectors.weekly_activity([], until=now) == {}


def test_last_activity_is_the_last_day_of_each_and_of_all(now):
    busy, quiet = make.account(), make.account()
    assert selectors.last_activity_of_all() is None
    make.activity(busy, now, now - timedelta(days=6))
    assert selectors.last_activity([busy.pk, quiet.pk]) == {busy.pk: date(2026, 3, 11)}
    assert selectors.last_activity_of_all() == date(2026, 3, 11)


def test_search_finds_by_every_name_a_customer_has():
    reader = make.user(Role.VIEWER)
    dental = make.account(name="Riverside Dental", external_id="R-77", domain="river.test")
    make.contact(dental, name="Ada Lovelace", email="ada@elsewhere.test")
    other = make.account(name="New Riverside", external_id="N-1")

    def found(words: str) -> list[str]:
        return [account.name for account in selectors.search(reader, words)]

    assert found("riverside") == [dental.name, other.name]
    assert found("river") == [dental.name, other.name]
    assert found("r-77") == [dental.name]
    assert found("river.test") == [dental.name]
    assert found("ADA@else") == [dental.name]
    assert found("lovelace river") == [dental.name]
    assert found("ada new") == []
    assert found("  \0") == []
    assert found("100%") == []
    assert [account.name for account in selectors.search(reader, "river", limit=1)] == [dental.name]


def test_search_stays_inside_the_book():
    csm = make.user(Role.CSM)
    make.account(name="Mine", owner=csm)
    make.account(name="Mine too, but somebody else's")
    assert [account.name for account in selectors.search(csm, "mine")] == ["Mine"]
    assert selectors.search(AnonymousUser(), "mine") == []
