"""Sums that are kept from change to change are those of a count of everything, whatever happened in between and whoever worked at once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.accounts import services as accounts
from apps.accounts.models import Account
from apps.churn.models import AccountRisk, Prediction
from apps.core import clock
from apps.core.actor import Actor
from apps.events import services as events
from apps.metrics import selectors, services
from apps.metrics.keeping import DIFFERENCES
from apps.metrics.models import AccountTally, Moved, Recount, Tally
from tests import make

ACTOR = Actor.job("test")
Settle = Callable[[datetime], int]


def _differing() -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from ({DIFFERENCES}) found")  # noqa: S608
        return int(cursor.fetchone()[0])


def _counted() -> dict[tuple[Any, ...], Any]:
    """Every sum that is not nought."""
    names = ("measure", "dimension", "value", "owner_id", "currency")
    return {tuple(row[:5]): row[5] for row in Tally.objects.values_list(*names, "amount") if row[5]}


_CHANGE = st.tuples(
    st.integers(0, 5),
    st.sampled_from(["arr", "owner", "plan", "stage", "risk", "health", "active", "renewal", "delete", "currency"]),
    st.integers(0, 3),
)


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.lists(_CHANGE, max_size=6), max_size=5))
def test_after_any_changes_the_sums_are_those_of_a_count_from_nothing(changes: list[list[tuple[int, str, int]]], now: datetime) -> None:
    for table in (AccountTally, AccountRisk, Prediction, Account, Tally):
        table.objects.all().delete()  # type: ignore[attr-defined]
    owners = [None, make.user(), make.user()]
    rows: list[Account] = [make.account(arr=100 * n, owner=owners[n % 3]) for n in range(6)]
    while services.wake(now=now) or services.refresh(now=now, actor=ACTOR):
        pass
    for batch in changes:
        touched = set()
        for place, what, how in batch:
            account = rows[place]
            if what == "delete":
                AccountRisk.objects.filter(account=account).delete()
                Prediction.objects.filter(account=account).delete()
                account.delete()
                rows[place] = account = make.account(arr=how)
            _change(account, what, how, owners, now)
            touched.add(account.pk)
        services.mark_stale(sorted(touched), now=now)
        while services.refresh(now=now, actor=ACTOR):
            pass
    kept = _counted()
    assert _differing() == 0
    AccountTally.objects.all().delete()
    assert _counted() == {}
    while services.wake(now=now) or services.refresh(now=now, actor=ACTOR):
        pass
    assert _counted() == kept


def _change(account: Account, what: str, how: int, owners: list[Any], now: datetime) -> None:
    here = Account.objects.filter(pk=account.pk)
    if what == "arr":
        here.update(arr=how * 70)
    elif what == "owner":
        here.update(owner=owners[how % 3])
    elif what == "plan":
        here.update(plan=f"Plan {how}", segment=f"S{how % 2}")
    elif what == "currency":
        here.update(currency=("USD", "EUR", "GBP", "CHF")[how])
    elif what == "stage":
        here.update(stage="churned" if how % 2 else "active", churned_on=now.date() if how % 2 else None)
    elif what == "renewal":
        here.update(renews_on=now.date() + timedelta(days=31 * how))
    elif what == "active":
        make.activity(account, now - timedelta(days=5 * how))
    elif what == "risk":
        if not hasattr(Account.objects.get(pk=account.pk), "risk"):
            make.risk(account, now=now, probability=how / 4)
    elif what == "health":
        with connection.cursor() as cursor:
            cursor.execute(
                "insert into health_accounthealth (account_id, score, band, coverage, parts) values (%s, %s, %s, 100, '[]')"
                " on conflict (account_id) do update set score = excluded.score, band = excluded.band",
                [account.pk, how * 30, ("poor", "fair", "good", "unknown")[how]],
            )


@pytest.mark.django_db
def test_a_repeat_changes_nothing(now: datetime, settle: Settle) -> None:
    account = make.account(arr=100)
    settle(now)
    before = _counted()
    services.mark_stale([account.pk], now=now)
    assert settle(now) == 1
    assert _counted() == before


@pytest.mark.django_db
def test_a_pass_tells_once_which_figures_moved_and_nothing_where_none_did(now: datetime, settle: Settle) -> None:
    from apps.events.models import Event

    accounts_ = [make.account(arr=100) for _ in range(3)]
    settle(now)
    told = Event.objects.filter(type="metrics.moved")
    assert told.count() == 1
    assert {"arr", "customers"} <= set(told.get().payload["keys"])
    services.mark_stale([one.pk for one in accounts_], now=now)
    settle(now)
    assert told.count() == 1


@pytest.mark.django_db
def test_deleting_an_account_takes_its_part_out_of_the_sums(now: datetime, settle: Settle) -> None:
    account = make.account(arr=100)
    make.account(arr=50)
    settle(now)
    account.delete()
    assert selectors.figure(None, "arr", now=now).value == 50
    assert _differing() == 0


@pytest.mark.django_db
def test_a_recount_finds_nothing_and_puts_right_what_nobody_told(now: datetime, settle: Settle) -> None:
    account = make.account(arr=100)
    settle(now)
    services.recount(now=now, actor=ACTOR)
    assert [(row.accounts, row.differing, row.tallies) for row in Recount.objects.all()] == [(1, 0, 0)]
    Account.objects.filter(pk=account.pk).update(arr=70)
    Tally.objects.filter(measure="customers", dimension="").update(amount=7)
    found = services.recount(now=now, actor=ACTOR)
    assert (found.differing, found.examples, found.tallies) == (1, [account.pk], 1)
    assert selectors.figure(None, "arr", now=now).value == 70
    assert selectors.figure(None, "customers", now=now).value == 1


@pytest.mark.django_db(transaction=True)
def test_several_workers_share_the_marks_and_lose_nothing(now: datetime) -> None:
    owners = [make.user() for _ in range(3)]
    rows = [make.account(arr=10 + n, owner=owners[n % 3]) for n in range(40)]
    services.wake(now=now)

    def work(number: int) -> None:
        for turn in range(6):
            services.mark_stale([one.pk for one in rows[number::2]], now=now)
            Account.objects.filter(pk=rows[(number * 7 + turn) % 40].pk).update(arr=number * 100 + turn)
            services.mark_stale([rows[(number * 7 + turn) % 40].pk], now=now)
            services.refresh(now=now, actor=ACTOR, limit=7)

    make.at_once(work, threads=4)
    while services.refresh(now=now, actor=ACTOR):
        pass
    assert _differing() == 0
    assert selectors.figure(None, "arr", now=now).value == sum(Account.objects.values_list("arr", flat=True))


@pytest.mark.django_db
def test_what_is_announced_moves_the_figures(now: datetime, settle: Settle) -> None:
    account = make.account(arr=100, owner=make.user())
    settle(now)
    accounts.edit(account, changes={"plan": "Enterprise"}, actor=ACTOR, now=now, source="user")
    _deliver(now)
    settle(clock.now())
    assert [part.value for part in selectors.parts(None, "arr", "plan", now=now)] == ["Enterprise"]
    accounts.mark_churned(account, on=now.date(), actor=ACTOR, now=now)
    _deliver(now)
    settle(clock.now())
    assert selectors.figure(None, "customers", now=now).value == 0
    assert selectors.figure(None, "customers_left_28", now=now).value == 1


@pytest.mark.django_db
def test_activity_is_counted_by_the_hour_of_who_looks_after_the_account(now: datetime, settle: Settle) -> None:
    ann = make.user()
    mine, other = make.account(owner=ann), make.account()
    settle(now)
    make.activity(mine, now - timedelta(hours=1), now - timedelta(hours=1), now - timedelta(days=1))
    make.activity(other, now)
    _deliver(now)
    assert selectors.figure(None, "activity", now=now).value == 3
    assert selectors.figure(ann, "activity", now=now).value == 2
    assert selectors.figure(ann, "activity_7", now=now).value == 3
    assert selectors.hours(None, "activity", day=now.date())[10:14] == [0, 2, 1, 0]
    assert services.recount_activity(now=now) == 0
    assert list(Moved.objects.values_list("measure", flat=True)) == ["activity"]
    assert services.tell_moved(now=now, actor=ACTOR) == 1
    assert services.tell_moved(now=now, actor=ACTOR) == 0
    rows, whole = selectors.rows(None, "activity", now=now)
    assert ([(row.account_id, row.value) for row in rows], whole) == ([(mine.pk, 2), (other.pk, 1)], 2)


@pytest.mark.django_db
def test_activity_counted_wrongly_becomes_what_the_rollups_say(now: datetime, settle: Settle) -> None:
    account = make.account()
    make.activity(account, now, now)
    assert services.recount_activity(now=now) == 0, "What waits to be counted is left to whoever counts it."
    _deliver(now)
    with connection.cursor() as cursor:
        cursor.execute("update metrics_hourtally set amount = 9")
    assert services.recount_activity(now=now) == 1
    assert selectors.figure(None, "activity", now=now).value == 2
    assert selectors.hours(None, "activity", day=now.date()) == [None] * 24


def _deliver(now: datetime) -> None:
    while events.sweep(now=now + timedelta(seconds=1)):
        pass
