"""The one SQL statement: what it says, and that nothing later than its moment can reach it."""

import math
import random
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.accounts.models import Account, DailyRollup, EventName
from apps.churn import features
from tests import make

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
MEANINGS = {
    "login": "engagement",
    "report": "core",
    "click": "other",
    "ticket": "support",
    "refused": "payment",
    "farewell": "leaving",
    "invoice": "billing",
}
USES = ("login", "report", "click")


def naive(account: Account, cut: date) -> dict[str, float | None]:
    """The same figures, account by account, in plain Python."""
    rolled = [row for row in DailyRollup.objects.filter(account=account) if cut - 366 * DAY <= row.day < cut]
    used = [row for row in rolled if row.name in USES]

    def count(rows, back, until=0, value=False):
        return float(sum(row.value if value else row.count for row in rows if cut - back * DAY <= row.day < cut - until * DAY))

    def days(back, until=0):
        return float(len({row.day for row in used if cut - back * DAY <= row.day < cut - until * DAY}))

    first, last = min((row.day for row in used), default=None), max((row.day for row in used), default=None)
    began = max(account.started_on, first) if first else account.started_on

    def own(figure, window, smooth):
        known = min(56, (cut - began).days - window)
        if known < 14:
            return None
        before, year = figure(window + 56, window), figure(366, window)
        pattern = before / known if before else year / ((cut - began).days - window)
        return math.log((figure(window) + smooth) / (pattern * window + smooth))

    def uses(back, until=0):
        return count(used, back, until)

    def trouble(name, back):
        return count([row for row in rolled if row.name == name], back)

    tenure = max((cut - account.started_on).days, 0)
    since = max((cut - last).days, 1) if last else None
    return {
        "n_7": uses(7),
        "n_28": uses(28),
        "n_28_before": uses(56, 28),
        "n_112": uses(112),
        "n_year": uses(366),
        "trend_28": own(uses, 28, 1.0),
        "trend_7": own(uses, 7, 0.5),
        "trend_days": own(days, 28, 0.5),
        "active_7": days(7),
        "active_28": days(28),
        "active_year": days(366),
        "names_28": float(len({row.name for row in used if row.day >= cut - 28 * DAY})),
        "since": float(since if since is not None else min(tenure, 367)),
        "since_usual": since * days(366) / max((cut - began).days, 1) if since is not None else None,
        "tenure": float(tenure),
        "renewal": float((account.renews_on - cut).days % 365) if account.renews_on else None,
        "support_28": trouble("ticket", 28),
        "payment_56": trouble("refused", 56),
        "leaving_28": trouble("farewell", 28),
        "worth_28": count(used, 28, value=True),
        "worth_year": count(used, 366, value=True),
    }


def random_company(seed: int, cut: date) -> list[Account]:
    draw = random.Random(seed)
    EventName.objects.bulk_create([EventName(name=name, meaning=meaning) for name, meaning in MEANINGS.items()])
    accounts = []
    for _ in range(12):
        account = make.account(
            started_on=cut - draw.randint(1, 900) * DAY,
            renews_on=draw.choice([None, cut + draw.randint(-500, 500) * DAY]),
            seats=draw.choice([None, 5]),
            traits={"tier": draw.choice(["a", "b"]), "size": draw.randint(1, 9)},
        )
        spread = draw.choice([3, 40, 200, 500])
        rows = {(cut - draw.randint(-20, spread) * DAY, draw.choice(list(MEANINGS))) for _ in range(draw.randint(0, 60))}
        DailyRollup.objects.bulk_create(
            [DailyRollup(account=account, day=day, name=name, count=draw.randint(1, 9), value=draw.uniform(0, 50)) for day, name in rows]
        )
        accounts.append(account)
    return accounts


@pytest.mark.parametrize("seed", range(5))
def test_features_equal_a_plain_python_computation_per_account(seed, now):
    cut = now.date()
    accounts = random_company(seed, cut)

    rows = {row["id"]: row for row in features.rows(as_of=datetime.combine(cut, time(), UTC))}

    assert set(rows) == {account.pk for account in accounts}
    for account in accounts:
        expected = naive(account, cut)
        for key, value in expected.items():
            assert rows[account.pk][key] == (None if value is None else pytest.approx(value, abs=1e-9)), key
        assert rows[account.pk]["trait:tier"] == account.traits["tier"]


def test_some_accounts_get_the_same_rows_as_all_by_one_statement_each(now):
    accounts = random_company(7, now.date())
    every = {row["id"]: row for row in features.rows(as_of=now, names=["login"])}

    with CaptureQueriesContext(connection) as asked:
        some = features.rows(as_of=now, account_ids=[accounts[3].pk, accounts[5].pk], names=["login"])

    assert len(asked) == 1
    for row, same in zip(some, [every[accounts[3].pk], every[accounts[5].pk]], strict=True):
        # Sums of amounts may be added up in another order.
        assert row == {key: pytest.approx(value) if isinstance(value, float) else value for key, value in same.items()}
    counted = DailyRollup.objects.filter(account=accounts[3], name="login", day__gte=now.date() - 28 * DAY, day__lt=now.date())
    assert some[0]["name:login"] == sum(row.count for row in counted)


def test_one_account_gets_the_same_row_as_all_by_a_statement_that_is_planned_once(now):
    with connection.cursor() as cursor:
        # Which plan looks cheaper hangs on what else the tables have held, so the kept one is asked for: that it can be kept, and says the same, is
        # the matter.
        cursor.execute("deallocate all")
        cursor.execute("set local plan_cache_mode = force_generic_plan")
    accounts = random_company(7, now.date())
    for as_of in (now, now - 30 * DAY, datetime.combine(now.date(), time(), UTC)):
        every = {row["id"]: row for row in features.rows(as_of=as_of, names=["login", "ticket"])}
        for account in accounts:
            alone = features.rows(as_of=as_of, account_ids=[account.pk], names=["login", "ticket"])
            same = [every[account.pk]] if account.pk in every else []
            for row, expected in zip(alone, same, strict=True):
                assert row == {key: pytest.approx(value) if isinstance(value, float) else value for key, value in expected.items()}

    with connection.cursor() as cursor:
        cursor.execute(
            "select sum(generic_plans) > 0 and sum(custom_plans) = 0, count(*) from pg_prepared_statements where statement like '%ledger%'"
        )
        assert cursor.fetchone() == (True, 1)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    late=st.lists(
        st.tuples(
            st.integers(0, 11), st.timedeltas(min_value=timedelta(microseconds=1), max_value=timedelta(days=90)), st.sampled_from(sorted(MEANINGS))
        ),
        min_size=1,
        max_size=12,
    ),
    hour=st.sampled_from([0, 9]),
)
def test_what_happens_later_never_changes_a_row(late, hour, now):
    as_of = now.replace(hour=hour)
    Account.objects.all().delete()
    EventName.objects.all().delete()
    accounts = random_company(3, now.date())
    make.activity(accounts[0], as_of - timedelta(hours=1))
    # Rollups of the present day are made by the events of this test only.
    DailyRollup.objects.filter(day__gte=as_of.date()).exclude(account=accounts[0]).delete()
    before = features.rows(as_of=as_of, names=["login", "ticket"])

    for place, delay, name in late:
        make.activity(accounts[place], as_of + delay, name=name, value=7.0)
    Account.objects.filter(pk=accounts[1].pk).update(stage="churned", churned_on=as_of.date() + 5 * DAY)
    make.account(started_on=as_of.date() + 2 * DAY)

    assert features.rows(as_of=as_of, names=["login", "ticket"]) == before


def test_who_has_not_started_or_has_left_has_no_row(now):
    midnight = now.replace(hour=0)
    today = now.date()
    here = make.account(started_on=today - DAY)
    starts_today = make.account(started_on=today)
    left_yesterday = make.account(started_on=today - 90 * DAY, stage="churned", churned_on=today - DAY)
    leaves_today = make.account(started_on=today - 90 * DAY, stage="churned", churned_on=today)
    make.account(started_on=today - 90 * DAY, stage="churned")

    assert [row["id"] for row in features.rows(as_of=midnight)] == [here.pk, leaves_today.pk]
    assert [row["id"] for row in features.rows(as_of=now)] == [here.pk, starts_today.pk]
    assert left_yesterday.pk in [row["id"] for row in features.rows(as_of=midnight - DAY)]


def test_an_account_without_a_start_begins_with_its_first_activity(now):
    account = make.account()
    make.activity(account, now - 30 * DAY)

    assert features.rows(as_of=now - 40 * DAY) == []
    assert features.rows(as_of=now)[0]["tenure"] == 30


def test_todays_activity_ends_silence_and_todays_trouble_counts_but_counts_of_use_wait_for_the_day_to_end(now):
    account = make.account(started_on=now.date() - 300 * DAY)
    make.activity(account, now - 20 * DAY)
    make.activity(account, now - timedelta(hours=2))
    make.activity(account, now - timedelta(hours=1), name="ticket")
    make.activity(account, now + timedelta(hours=1), name="ticket")
    make.meanings(ticket="support")

    (row,) = features.rows(as_of=now)

    assert (row["since"], row["n_28"], row["support_28"]) == (1, 1, 1)
    (evening,) = features.rows(as_of=features.end_of(now.date()))
    assert (evening["since"], evening["n_28"], evening["support_28"]) == (1, 2, 2)
