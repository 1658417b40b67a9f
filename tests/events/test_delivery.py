import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from apps.core.actor import Actor
from apps.events import selectors, services, switchboard
from apps.events.models import Delivery, Event
from apps.events.services import NotInTransaction
from apps.events.types import DeliveryState
from apps.events.vocabulary import AccountChurned, ConsentChanged
from tests import make

ACTOR = Actor.job("test")
EVENT = AccountChurned(account_id=7, on="2026-03-11")


@pytest.fixture
def heard(monkeypatch):
    """Two handlers on AccountChurned, in place of the product's; what they heard is collected."""
    heard: list[tuple[str, object, Event]] = []

    def first(event, row):
        heard.append(("first", event, row))

    def second(event, row):
        heard.append(("second", event, row))

    for handler in (first, second):
        handler.__module__ = "apps.testing.handlers"
    monkeypatch.setattr(switchboard, "_table", {})
    switchboard.connect({AccountChurned: (first, second)})
    return heard


def replace_handler(name, handler):
    switchboard._table["account.churned"][name] = handler


@pytest.mark.django_db
def test_publishing_writes_one_event_and_one_delivery_per_handler_in_one_statement(heard, now, django_assert_num_queries):
    with transaction.atomic(), django_assert_num_queries(1):
        row = services.publish(EVENT, actor=ACTOR, now=now)
    assert (row.type, row.subject, row.payload, row.actor, row.at) == (
        "account.churned",
        "account:7",
        {"account_id": 7, "on": "2026-03-11"},
        "job:test",
        now,
    )
    assert list(row.deliveries.order_by("id").values_list("handler", "state")) == [("testing.first", "pending"), ("testing.second", "pending")]


@pytest.mark.django_db
def test_many_events_keep_their_order_and_the_wiring_its_own(heard, now):
    said = [AccountChurned(account_id=number, on="2026-03-11") for number in (9, 3, 7)]
    with transaction.atomic():
        keys = services.publish_all(said, actor=ACTOR, now=now)
        assert services.publish_all([], actor=ACTOR, now=now) == []
    assert list(zip(("account:9", "account:3", "account:7"), keys, strict=True)) == list(Event.objects.order_by("pk").values_list("subject", "pk"))
    assert list(Delivery.objects.order_by("pk").values_list("event", "handler")) == [
        (key, handler) for key in keys for handler in ("testing.first", "testing.second")
    ]


@pytest.mark.django_db(transaction=True)
def test_publishing_outside_a_transaction_is_refused_and_writes_nothing(heard, now):
    with pytest.raises(NotInTransaction):
        services.publish(EVENT, actor=ACTOR, now=now)
    assert Event.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_change_that_rolls_back_takes_its_event_with_it(heard, now):
    def change():
        with transaction.atomic():
            services.publish(EVENT, actor=ACTOR, now=now)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change()
    assert (Event.objects.count(), Delivery.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_a_delivery_runs_its_handler_once_with_the_typed_event(heard, now):
    with transaction.atomic():
        row = services.publish(EVENT, actor=ACTOR, now=now)
    delivery = row.deliveries.get(handler="testing.first")
    assert services.deliver(delivery.pk, now=now) is True
    assert services.deliver(delivery.pk, now=now) is False
    assert heard == [("first", EVENT, row)]


@pytest.mark.django_db(transaction=True)
def test_a_failing_handler_keeps_its_error_and_leaves_its_sibling_alone(heard, now):
    def broken(event, row):
        make.account(external_id="half-done")
        raise ValueError("no such thing")

    replace_handler("testing.first", broken)
    with transaction.atomic():
        row = services.publish(EVENT, actor=ACTOR, now=now)

    assert services.sweep(now=now) == 1

    first, second = row.deliveries.order_by("id")
    assert (first.state, first.attempts, first.last_error, first.due_at) == ("pending", 1, "ValueError('no such thing')", now + timedelta(seconds=2))
    assert second.state == "done"
    from apps.accounts.models import Account

    assert not Account.objects.filter(external_id="half-done").exists()


@pytest.mark.django_db(transaction=True)
def test_a_handler_that_keeps_failing_is_given_up_and_can_be_tried_again_by_a_person(heard, now):
    def broken(event, row):
        raise ValueError

    replace_handler("testing.first", broken)
    with transaction.atomic():
        row = services.publish(EVENT, actor=ACTOR, now=now)
    moment = now
    for _ in range(services.MAX_ATTEMPTS):
        moment += timedelta(hours=1)
        services.sweep(now=moment)
    first = row.deliveries.get(handler="testing.first")
    assert (first.state, first.attempts, selectors.given_up()) == ("failed", 8, 1)

    replace_handler("testing.first", lambda event, row: heard.append(("mended", event, row)))
    services.retry(first, actor=ACTOR, now=moment)
    services.sweep(now=moment)

    first.refresh_from_db()
    assert (first.state, heard[-1][0], selectors.given_up()) == ("done", "mended", 0)


@pytest.mark.django_db(transaction=True)
def test_four_workers_deliver_one_row_once(heard, now):
    with transaction.atomic():
        row = services.publish(EVENT, actor=ACTOR, now=now)
    key = row.deliveries.get(handler="testing.first").pk
    barrier, results = threading.Barrier(4), []

    def work():
        barrier.wait()
        results.append(services.deliver(key, now=now))
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False, False, False, True]
    assert len(heard) == 1


@pytest.mark.django_db
def test_the_lag_is_the_age_of_the_oldest_waiting_delivery(heard, now):
    assert selectors.oldest_waiting_seconds(now) == 0
    with transaction.atomic():
        services.publish(EVENT, actor=ACTOR, now=now)
    assert selectors.oldest_waiting_seconds(now + timedelta(seconds=9)) == 9


@pytest.mark.django_db
def test_an_event_keeps_its_chain_of_causes(heard, now):
    with transaction.atomic():
        first = services.publish(EVENT, actor=ACTOR, now=now)
        second = services.publish(ConsentChanged(account_id=7, contact_id=1, channel="email", allowed=False), actor=ACTOR, now=now, cause=first)
    assert selectors.chain(second) == [first, second]
    assert selectors.effects(first) == [second]


@pytest.mark.django_db
def test_a_payload_with_a_field_that_is_gone_still_revives(now):
    row = Event(type="account.churned", payload={"account_id": 7, "on": "2026-03-11", "mood": "gone"})
    assert switchboard.revive(row) == EVENT


@pytest.mark.django_db
def test_jobs_record_their_last_success_and_failure(now):
    services.record_start("events.sweep", now=now)
    services.record_success("events.sweep", now=now, seconds=0.5, result="3")
    services.record_failure("events.sweep", now=now + timedelta(seconds=2), error="ValueError()")
    from apps.events.models import JobRun

    job = JobRun.objects.get(name="events.sweep")
    assert (job.last_success_at, job.seconds, job.last_result, job.last_failure_at, job.last_error, job.runs) == (
        now,
        0.5,
        "3",
        now + timedelta(seconds=2),
        "ValueError()",
        2,
    )
    assert DeliveryState.FAILED.label == "given up"
