import pytest
from django.db import connections
from waffle.models import Switch

from apps.core import clock, flags
from apps.messaging import selectors, tasks
from apps.messaging.models import Message
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon_on_a_wednesday(now, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: now)


def people(count: int):
    account = make.account()
    return [make.contact(account) for _ in range(count)]


def send_all() -> int:
    return sum(tasks.send(channel) for channel in flags.CHANNELS)


def states() -> list[str]:
    return list(Message.objects.order_by("id").values_list("state", flat=True))


def test_one_nudge_sends_everything_that_is_due_on_every_open_channel(now, peer):
    make.open_channels()
    for person in people(12):
        make.message(person, now=now)
        make.message(person, now=now, channel="in_app")
    assert selectors.oldest_due_seconds(now) == 0.0
    assert send_all() == 24
    assert set(states()) == {"sent"}
    assert len(peer.mails) == 12
    assert send_all() == 0


def test_a_closed_channel_waits_and_the_other_goes_on(now, peer):
    make.open_channels()
    Switch.objects.get(name="channel.email").delete()
    Switch.objects.create(name="channel.email", active=False)
    [sam] = people(1)
    make.message(sam, now=now)
    make.message(sam, now=now, channel="in_app")
    assert send_all() == 1
    assert states() == ["queued", "sent"]


def test_a_kill_switch_turned_in_the_middle_stops_within_one_claim(now, peer, monkeypatch):
    make.open_channels()
    for person in people(40):
        make.message(person, now=now)
    real = tasks.sending.send

    def send_then_close(message, *, now, rules):
        if len(peer.mails) == 7:
            switch = Switch.objects.get(name="channel.email")
            switch.active = False
            switch.save()
            switch.flush()
        return real(message, now=now, rules=rules)

    monkeypatch.setattr(tasks.sending, "send", send_then_close)
    send_all()

    assert len(peer.mails) == 10
    assert states() == ["sent"] * 10 + ["queued"] * 30


def test_a_task_stops_when_its_time_is_up_and_the_next_goes_on(now, peer, monkeypatch):
    make.open_channels()
    for person in people(3):
        make.message(person, now=now)
    monkeypatch.setattr(tasks, "_SECONDS", 0.0)
    assert send_all() == 0
    monkeypatch.setattr(tasks, "_SECONDS", 5.0)
    assert send_all() == 3


def test_the_sweep_task_settles_what_a_dead_worker_left(now):
    [sam] = people(1)
    make.message(sam, now=now, state="sending", owner="dead", attempt=1, lease_until=now.replace(hour=11))
    assert tasks.sweep() == 1
    assert states() == ["queued"]


def test_the_lag_is_the_age_of_the_oldest_due_message(now):
    [sam] = people(1)
    make.message(sam, now=now, due_at=now.replace(minute=0, hour=11))
    make.message(sam, now=now, due_at=now.replace(hour=10), state="sent")
    make.message(sam, now=now, state="unknown")
    assert selectors.oldest_due_seconds(now) == 3600.0
    assert [message.state for message in selectors.waiting_for_a_person()] == ["unknown"]


def test_only_channels_with_something_due_are_woken(now):
    make.open_channels()
    [sam] = people(1)
    assert tasks.dispatch() == 0
    make.message(sam, now=now)
    make.message(sam, now=now, channel="in_app", due_at=now.replace(hour=13))
    make.message(sam, now=now, channel="sms", state="sent")
    assert (selectors.channels_due(now), tasks.dispatch()) == (["email"], 1)


@pytest.mark.django_db(transaction=True)
def test_two_senders_of_a_channel_are_enough_and_a_place_is_given_back(now):
    make.open_channels()
    held = connections.create_connection("default")
    try:
        with held.cursor() as cursor:
            for number in range(2):
                cursor.execute("select pg_try_advisory_lock(hashtext('messaging.send:in_app'), %s)", [number])
        [sam] = people(1)
        make.message(sam, now=now, channel="in_app")
        assert tasks.send("in_app") == 0
        # Closing the line gives them back as well, but only when the server has noticed.
        with held.cursor() as cursor:
            cursor.execute("select pg_advisory_unlock_all()")
    finally:
        held.close()
    assert tasks.send("in_app") == 1
