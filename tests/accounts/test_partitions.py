"""The months of the activity table, on the database itself."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from apps.accounts import partitions, rollups, services
from apps.accounts.activity import record
from apps.accounts.models import ActivityEvent, DailyRollup, EventName
from apps.accounts.types import ActivityItem
from tests import make


def where(message_id):
    with connection.cursor() as cursor:
        cursor.execute("select tableoid::regclass::text from accounts_activityevent where message_id = %s", [message_id])
        return [row[0] for row in cursor.fetchall()]


def keys():
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from accounts_messagekey")
        return cursor.fetchone()[0]


@pytest.mark.django_db
def test_an_event_lies_in_its_month_and_waits_in_the_default_for_one(now):
    # Months that no other test's demo or import has made already.
    account = make.account()
    assert partitions.ensure([date(1996, 3, 31)]) == ["accounts_activityevent_1996_03"]
    soon, late = datetime(1996, 3, 11, tzinfo=UTC), datetime(1996, 2, 29, 23, 59, 59, 999_999, tzinfo=UTC)
    items = [ActivityItem(key, "login", at, account=account.external_id) for key, at in (("march", soon), ("feb", late))]
    record(items, source="web", now=now)
    assert (where("march"), where("feb")) == (["accounts_activityevent_1996_03"], ["accounts_activityevent_default"])

    assert partitions.ensure([date(1996, 2, 1), date(1996, 3, 1)]) == ["accounts_activityevent_1996_02"]
    assert where("feb") == ["accounts_activityevent_1996_02"]
    assert ActivityEvent.objects.count() == keys() == 2


@pytest.mark.django_db
def test_the_present_and_next_two_months_and_crowded_ones_are_made(now, monkeypatch):
    monkeypatch.setattr(partitions, "WORTH", 3)
    account = make.account()
    make.activity(account, *[datetime(2019, 5, day, tzinfo=UTC) for day in (1, 2, 3)])
    make.activity(account, *[datetime(2018, 5, day, tzinfo=UTC) for day in (1, 2)])
    made = partitions.keep(now=datetime(2031, 11, 30, 23, 0, tzinfo=UTC))
    assert [name.removeprefix("accounts_activityevent_") for name in made] == ["2019_05", "2031_11", "2031_12", "2032_01"]
    assert partitions.keep(now=datetime(2031, 11, 30, 23, 0, tzinfo=UTC)) == []
    assert rollups.differences() == 0


@pytest.mark.django_db
def test_a_deleted_event_takes_its_key_along_and_may_come_again(now):
    account = make.account()
    items = [ActivityItem(name, "login", now, account=account.external_id) for name in ("m1", "m2")]
    record(items, source="web", now=now)
    ActivityEvent.objects.filter(message_id="m1").delete()
    assert keys() == 1
    assert len(record(items, source="web", now=now).accepted) == 1
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate; truncate accounts_activityevent")
    assert keys() == 0


def test_activity_survives_the_migration_both_ways(scratch, now):
    newest = [place for place in MigrationLoader(None).graph.leaf_nodes() if place[0] in ("accounts", "events")]
    with scratch():
        MigrationExecutor(connection).migrate(newest)
        account, person = make.account(), make.contact(make.account(), external_id="u1")
        moments = [now - timedelta(days=40 * number) for number in range(4)]
        make.activity(account, *moments, value=0.1)
        make.activity(person.account, now, name="export")
        fields = ("id", "account", "contact", "source", "message_id", "name", "at", "received_at", "value")
        before = list(ActivityEvent.objects.order_by("id").values(*fields))
        MigrationExecutor(connection).migrate([("accounts", "0008_versions_and_fields")])
        with connection.cursor() as cursor:
            cursor.execute("select count(*), count(distinct message_id) from accounts_activityevent")
            assert cursor.fetchone() == (5, 5)
        MigrationExecutor(connection).migrate(newest)
        assert list(ActivityEvent.objects.order_by("id").values(*fields)) == before
        assert keys() == 5
        assert set(DailyRollup.objects.filter(account=account).values_list("value", flat=True)) == {Decimal("0.1")}
        assert rollups.differences() == 0
        make.activity(account, now)
        assert ActivityEvent.objects.latest("id").pk > before[-1]["id"]


@pytest.mark.django_db
def test_sums_are_the_same_in_whatever_order_and_batches_the_events_came(now):
    first, second = make.account(), make.account()
    values = [0.1, 1e15, 0.2, -1e15, 1e-7, 0.3]
    make.activity(first, *[now] * 6, value=0.1)
    for account, order in ((first, values), (second, list(reversed(values)))):
        for number, value in enumerate(order):
            items = [ActivityItem(f"{account.pk}-{number}", "paid", now, account=account.external_id, value=value)]
            record(items, source="web", now=now)
    sums = list(DailyRollup.objects.filter(name="paid").values_list("value", flat=True))
    assert sums == [Decimal("0.6000001")] * 2
    call_command("rebuild_rollups", "--check")


@pytest.mark.django_db
def test_rebuilding_finds_and_mends_every_kind_of_difference(now, capsys):
    account = make.account()
    make.activity(account, now, now, name="a")
    make.activity(account, now, name="b")
    DailyRollup.objects.filter(name="a").update(count=7)
    DailyRollup.objects.filter(name="b").delete()
    DailyRollup.objects.create(account=account, day=now.date(), name="c", count=1, value=1)
    with pytest.raises(CommandError):
        call_command("rebuild_rollups", "--check", "--json")
    call_command("rebuild_rollups")
    call_command("rebuild_rollups", "--check", "--json")
    told = capsys.readouterr().out.splitlines()
    assert told == ['{"differences": 3, "rebuilt": false}', "3 rollups were wrong and are right now.", '{"differences": 0, "rebuilt": false}']
    assert list(DailyRollup.objects.order_by("name").values_list("name", "count")) == [("a", 2), ("b", 1)]


@pytest.mark.django_db
def test_the_catalogue_tells_how_often_a_name_came_lately_and_when_last(now):
    first, second = make.account(), make.account()
    make.activity(first, now, now - timedelta(days=1), now - timedelta(days=28))
    make.activity(second, now - timedelta(days=27))
    make.activity(second, now - timedelta(days=90), name="export")
    assert services.count_names(now=now) == 2
    figures = EventName.objects.order_by("name").values_list("name", "events_28", "accounts_28", "last_seen_on")
    assert list(figures) == [("export", 0, 0, (now - timedelta(days=90)).date()), ("login", 3, 2, now.date())]
    assert services.count_names(now=now) == 0
