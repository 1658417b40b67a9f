from datetime import timedelta

import pytest

from apps.dashboards.selectors import portfolio
from apps.dashboards.selectors.portfolio import Asked
from tests import make

pytestmark = pytest.mark.django_db


def names(user, now, **asked):
    return [row.account.name for row in portfolio.page(user, Asked(**asked), now=now)[1]]


@pytest.fixture
def book(csm, now):
    """Three accounts that differ in everything a list can sort or narrow by."""
    small = make.account(owner=csm, name="alder", arr=1_000, renews_on=now.date() + timedelta(days=20), domain="alder.example")
    middle = make.account(owner=csm, name="Birch", arr=5_000, renews_on=now.date() + timedelta(days=80), stage="onboarding")
    large = make.account(owner=csm, name="Cedar", arr=9_000, external_id="CRM-7")
    make.risk(small, now=now, probability=0.7, before=0.2)
    make.risk(middle, now=now, probability=0.3, before=0.4)
    make.activity(small, now - timedelta(days=3))
    make.activity(middle, now - timedelta(days=1))
    return small, middle, large


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("name", ["alder", "Birch", "Cedar"]),
        ("-name", ["Cedar", "Birch", "alder"]),
        ("-risk", ["alder", "Birch", "Cedar"]),
        ("risk", ["Birch", "alder", "Cedar"]),
        ("-change", ["alder", "Birch", "Cedar"]),
        ("change", ["Birch", "alder", "Cedar"]),
        ("arr", ["alder", "Birch", "Cedar"]),
        ("-arr", ["Cedar", "Birch", "alder"]),
        ("-stake", ["Birch", "alder", "Cedar"]),
        ("renewal", ["alder", "Birch", "Cedar"]),
        ("-activity", ["Birch", "alder", "Cedar"]),
        ("activity", ["alder", "Birch", "Cedar"]),
    ],
)
def test_every_column_sorts_both_ways_with_empty_values_last(book, csm, now, sort, expected):
    assert names(csm, now, sort=sort) == expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"band": "high"}, ["alder"]),
        ({"band": "low"}, []),
        ({"stage": "onboarding"}, ["Birch"]),
        ({"renewal": "30"}, ["alder"]),
        ({"renewal": "90"}, ["Birch", "alder"]),
        ({"words": "EDA"}, ["Cedar"]),
        ({"words": "alder.ex"}, ["alder"]),
        ({"words": "crm-7"}, ["Cedar"]),
        ({"words": "100%"}, []),
    ],
)
def test_filters_narrow_the_list(book, csm, now, asked, expected):
    assert names(csm, now, **asked) == expected


def test_customers_who_left_appear_only_when_asked_for(csm, now):
    make.account(owner=csm, name="Gone", stage="churned", churned_on=now.date())
    assert names(csm, now) == []
    assert names(csm, now, stage="churned") == ["Gone"]


def test_owner_narrows_to_one_person_or_to_nobody(now):
    admin = make.user(None, is_superuser=True)
    owner = make.user()
    make.account(owner=owner, name="Owned")
    make.account(name="Nobody's")
    assert names(admin, now, owner=str(owner.pk)) == ["Owned"]
    assert names(admin, now, owner="none") == ["Nobody's"]


def test_pages_neither_overlap_nor_skip_where_values_are_equal(csm, now):
    for _ in range(portfolio.PAGE_SIZE + 3):
        make.account(owner=csm)
    first = names(csm, now, sort="-arr", page=1)
    second = names(csm, now, sort="-arr", page=2)
    assert (len(first), len(second), len(set(first + second))) == (portfolio.PAGE_SIZE, 3, portfolio.PAGE_SIZE + 3)


def test_nonsense_in_the_address_means_no_filter():
    asked = Asked.read({"band": "purple", "stage": "x", "owner": "1 or 1=1", "renewal": "7", "sort": "-password", "page": "²", "q": "a\x00b "})
    assert asked == Asked(words="ab")


def test_a_row_shows_what_comes_next_a_task_before_a_play(book, csm, now):
    small, middle, _ = book
    make.enrolment(small, now=now)
    make.task(small, now=now, title="Call Sam")
    run = make.enrolment(middle, now=now)
    rows = {row.account.name: row.next_step for row in portfolio.page(csm, Asked(), now=now)[1]}
    assert rows == {"alder": "Call Sam", "Birch": f"Play: {run.play.name}", "Cedar": ""}


def test_the_list_alone_is_sent_when_htmx_asks_for_it(staff, book):
    whole, part = staff.get("/portfolio/"), staff.get("/portfolio/?part=list&band=high", HTTP_HX_REQUEST="true")
    assert "<html" in whole.content.decode()
    assert "<html" not in part.content.decode()
    assert "alder" in part.content.decode()
    assert "Birch" not in part.content.decode()
