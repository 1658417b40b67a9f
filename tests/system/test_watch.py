"""Alerts of the platform about itself, and what pages are told."""

import threading
from datetime import timedelta

import pytest
from django.db import connections

from apps.alerts.models import Alert
from apps.dashboards import alarms, vitals
from apps.events import services as events
from apps.events.models import Delivery, Event
from apps.events.types import ProcessKind

from .test_signs import all_live, lives

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody_looked():
    vitals.forget()
    yield
    vitals.forget()


def web_only(now, since):
    lives("web", ProcessKind.WEB, at=now, since=since)


def open_alerts():
    return sorted(Alert.objects.unresolved().filter(kind="system").values_list("dedup_key", flat=True))


def test_a_worker_that_has_been_gone_for_a_minute_raises_one_alert_per_queue_however_often_it_is_looked_at(now):
    all_live(now)
    for seconds in (30, 61, 75):
        later = now + timedelta(seconds=seconds)
        lives("web", ProcessKind.WEB, at=later, since=now - timedelta(hours=1))
        lives("beat", ProcessKind.BEAT, at=later, since=now - timedelta(hours=1))
        alarms.watch(later)
        if seconds == 30:
            assert open_alerts() == []
    assert open_alerts() == [f"system:workers-{queue}" for queue in ("celery", "messages", "rounds", "webhooks")]
    assert set(Alert.objects.values_list("seen", flat=True)) == {1}
    alert = Alert.objects.get(dedup_key="system:workers-celery")
    assert alert.title == "Stopped: workers for events, scores and plays"
    assert alert.severity == "urgent"
    assert alert.account is None


def test_the_alert_is_settled_when_the_worker_is_back(now):
    all_live(now)
    later = now + timedelta(minutes=2)
    web_only(later, now - timedelta(hours=1))
    alarms.watch(later)
    assert "system:beat" in open_alerts()
    all_live(later + timedelta(seconds=4), since=later)
    alarms.watch(later + timedelta(seconds=4))
    assert open_alerts() == []


def test_the_news_is_delivered_by_the_watch_itself_while_no_worker_could(now):
    all_live(now)
    later = now + timedelta(minutes=2)
    web_only(later, now - timedelta(hours=1))
    alarms.watch(later)
    news = Delivery.objects.filter(event__type="alert.opened")
    assert news.count() >= 5
    assert set(news.values_list("state", flat=True)) == {"done"}


def test_where_workers_are_gone_their_queues_are_not_told_of_as_well(now):
    all_live(now)
    event = Event.objects.create(type="x", subject="y", actor="z", at=now)
    Delivery.objects.create(event=event, handler="h", due_at=now - timedelta(hours=1))
    later = now + timedelta(minutes=2)
    web_only(later, now - timedelta(hours=1))
    lives("beat", ProcessKind.BEAT, at=later)
    alarms.watch(later)
    assert "system:deliveries" not in open_alerts()


def test_events_that_do_not_move_though_workers_live_raise_an_alert(now):
    all_live(now)
    event = Event.objects.create(type="x", subject="y", actor="z", at=now)
    Delivery.objects.create(event=event, handler="h", due_at=now - timedelta(hours=1))
    alarms.watch(now)
    assert open_alerts() == ["system:deliveries"]


def test_what_lay_still_while_everything_was_off_is_not_told_of_before_it_could_be_taken_up(now):
    all_live(now, since=now)
    event = Event.objects.create(type="x", subject="y", actor="z", at=now)
    Delivery.objects.create(event=event, handler="h", due_at=now - timedelta(hours=1))
    raised = {}
    for seconds in (15, 60, 100, 106):
        later = now + timedelta(seconds=seconds)
        all_live(later, since=now)
        alarms.watch(later)
        raised[seconds] = open_alerts()
    assert raised == {15: [], 60: [], 100: [], 106: ["system:deliveries"]}


@pytest.mark.django_db(transaction=True)
def test_of_two_web_processes_one_raises(now):
    all_live(now)
    later = now + timedelta(minutes=2)
    web_only(later, now - timedelta(hours=1))
    done = []

    def watch():
        done.append(alarms.watch(later))
        connections.close_all()

    threads = [threading.Thread(target=watch) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Alert.objects.filter(kind="system").count() == len(set(Alert.objects.filter(kind="system").values_list("dedup_key", flat=True)))
    assert sorted(done, reverse=True)[0] >= 5
    assert "system:beat" in open_alerts()


def test_the_banner_names_what_has_stopped_and_what_is_safe(now):
    all_live(now)
    assert vitals.look(now).stopped == ()
    assert vitals.state(now) == "ok"
    events.heartbeats.farewell("beat", now=now)
    event = Event.objects.create(type="x", subject="y", actor="z", at=now)
    Delivery.objects.create(event=event, handler="h", due_at=now)
    banner = vitals.look(now)
    assert [vital.key for vital in banner.stopped] == ["beat"]
    assert (banner.safe, banner.since) == ("Nothing is lost: 1 event waits.", now)
    assert vitals.state(now) == "beat"


def test_what_was_seen_too_long_ago_says_nothing(now):
    vitals.look(now)
    assert vitals.state(now + timedelta(minutes=1)) == "unknown"
    assert vitals.banner(now + timedelta(minutes=1)).stopped == ()
