from datetime import timedelta

import pytest

from apps.accounts.activity import record
from apps.accounts.models import ActivityEvent, DailyRollup, EventName
from apps.accounts.types import ActivityItem
from apps.events.models import Event
from tests import make

pytestmark = pytest.mark.django_db


def test_a_batch_becomes_events_rollups_and_one_announcement(now):
    account = make.account()
    items = [ActivityItem(f"m{n}", "login", now - timedelta(minutes=n), account=account.external_id, value=2) for n in range(3)]

    stored = record(items, source="web", now=now)

    assert (stored.accepted, stored.duplicate, stored.unknown_account) == ([0, 1, 2], [], [])
    assert list(DailyRollup.objects.values_list("account", "day", "name", "count", "value")) == [(account.pk, now.date(), "login", 3, 6.0)]
    assert list(EventName.objects.values_list("name", "meaning")) == [("login", "other")]
    hour = int(now.timestamp()) // 3600
    hours = [[0, hour - 1, 2], [0, hour, 1]]
    said = {"account_ids": [account.pk], "count": 3, "last_at": now.isoformat(), "source": "web", "owner_hours": hours}
    assert [(event.type, event.subject, event.payload) for event in Event.objects.all()] == [("activity.received", "activity:web", said)]


def test_hours_are_told_by_who_looks_after_the_account_however_it_is_named(now):
    owner, other = make.user(), make.user()
    named, through = make.account(owner=owner), make.account(owner=other)
    make.contact(through, external_id="u1")
    items = [
        ActivityItem("m1", "login", now, account=named.external_id),
        ActivityItem("m2", "login", now, contact="u1"),
        ActivityItem("m3", "login", now, account=make.account().external_id),
        ActivityItem("m4", "login", now, account=make.account(owner=owner).external_id),
    ]

    record(items, source="web", now=now)

    hour = int(now.timestamp()) // 3600
    assert Event.objects.get().payload["owner_hours"] == [[0, hour, 1], [owner.pk, hour, 2], [other.pk, hour, 1]]


def test_a_batch_about_many_accounts_is_announced_once(now):
    accounts = [make.account() for _ in range(3)]
    items = [ActivityItem(f"m{n}", "login", now, account=account.external_id) for n, account in enumerate(reversed(accounts))]

    record(items, source="web", now=now)

    assert [event.payload["account_ids"] for event in Event.objects.all()] == [[account.pk for account in accounts]]


def test_a_repeated_batch_changes_nothing(now):
    account = make.account()
    items = [ActivityItem("m1", "login", now, account=account.external_id), ActivityItem("m1", "login", now, account=account.external_id)]

    first = record(items, source="web", now=now)
    second = record(items, source="web", now=now)

    assert (first.accepted, first.duplicate) == ([0], [1])
    assert (second.accepted, second.duplicate) == ([], [0, 1])
    assert ActivityEvent.objects.count() == 1
    assert DailyRollup.objects.get().count == 1


def test_the_same_message_id_of_two_sources_counts_twice(now):
    account = make.account()
    for source in ("web", "app"):
        record([ActivityItem("m1", "login", now, account=account.external_id)], source=source, now=now)
    assert DailyRollup.objects.get().count == 2


def test_a_person_names_the_account_and_strangers_are_reported(now):
    account = make.account()
    person = make.contact(account, external_id="u1")

    stored = record([ActivityItem("m1", "login", now, contact="u1"), ActivityItem("m2", "login", now, contact="nobody")], source="web", now=now)

    assert (stored.accepted, stored.unknown_account) == ([0], [1])
    assert ActivityEvent.objects.get().contact == person


def test_a_late_event_lands_on_its_own_day(now):
    account = make.account()
    record([ActivityItem("m1", "login", now - timedelta(days=40), account=account.external_id)], source="web", now=now)
    assert DailyRollup.objects.get().day == (now - timedelta(days=40)).date()
