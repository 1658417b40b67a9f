"""One free slot, several who want it: the higher lane takes it, whoever asks first, on whatever channel."""

from datetime import timedelta

import pytest

from apps.messaging import dispatch
from apps.messaging.models import Message
from apps.messaging.types import LANE_RANKS, Lane
from tests import make
from tests.messaging.crowd import at_once

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def sam(now):
    """One slot is left of two in 24 hours."""
    person = make.contact(make.account(), phone="+15550001111")
    make.message(person, now=now, channel="in_app", address="", state="sent", claimed_at=now - HOUR, sent_at=now - HOUR)
    return person


def wants(person, lane: str, *, now, channel="email", **fields) -> Message:
    address = {"email": person.email, "sms": person.phone}.get(channel, "")
    return make.message(person, now=now, channel=channel, address=address, lane=lane, lane_rank=LANE_RANKS[Lane(lane)], **fields)


def claim(now, channel="email", **given) -> list[int]:
    return [message.pk for message in dispatch.claim(channel, owner="w", now=now, **given).sending]


def seen(message: Message) -> Message:
    message.refresh_from_db()
    return message


def test_the_lanes_stand_in_their_order():
    assert list(LANE_RANKS) == ["transactional", "save", "nurture", "broadcast"]
    assert list(LANE_RANKS.values()) == [0, 1, 2, 3]


@pytest.mark.django_db
@pytest.mark.parametrize(("low", "high"), [("broadcast", "nurture"), ("nurture", "save"), ("broadcast", "save"), ("save", "transactional")])
def test_the_higher_lane_takes_the_slot_though_it_was_due_later_and_asks_on_another_channel(now, sam, low, high):
    early = wants(sam, low, now=now, due_at=now - 3 * HOUR)
    late = wants(sam, high, now=now, channel="sms", due_at=now - MINUTE)

    assert claim(now) == []
    assert (seen(early).state, early.due_at) == ("held", now + MINUTE)
    assert early.reason == f"The slot goes to a {Lane(high).label} message (SMS) first."
    assert claim(now, "sms") == [late.pk]
    assert claim(now + MINUTE) == []
    assert seen(early).reason.startswith("Already 2 messages in 24 hours")


@pytest.mark.django_db
def test_the_slot_is_kept_for_something_important_that_is_due_within_the_hour_and_not_longer(now, sam):
    early = wants(sam, "nurture", now=now)
    soon = wants(sam, "save", now=now, channel="sms", due_at=now + 20 * MINUTE)
    assert claim(now) == []
    assert seen(early).due_at == now + 21 * MINUTE
    Message.objects.filter(pk=soon.pk).update(due_at=now + 3 * HOUR)
    assert claim(now + 21 * MINUTE) == [early.pk]


@pytest.mark.django_db
def test_with_room_for_both_nobody_waits(now):
    free = make.contact(make.account(), phone="+15550001111")
    wants(free, "save", now=now, channel="sms")
    first = wants(free, "nurture", now=now)
    assert claim(now) == [first.pk]


@pytest.mark.django_db
def test_equals_do_not_yield_to_each_other(now, sam):
    wants(sam, "nurture", now=now, channel="sms", due_at=now - HOUR)
    mine = wants(sam, "nurture", now=now)
    assert claim(now) == [mine.pk]


@pytest.mark.django_db
def test_nobody_waits_for_a_message_on_a_closed_channel_or_one_that_was_taken_back(now, sam):
    important = wants(sam, "save", now=now, channel="sms")
    mine = wants(sam, "nurture", now=now)
    assert claim(now, is_open=lambda channel: channel != "sms") == [mine.pk]
    Message.objects.filter(pk=mine.pk).update(state="queued")
    Message.objects.filter(pk=important.pk).update(state="cancelled")
    assert claim(now) == [mine.pk]


@pytest.mark.django_db(transaction=True)
def test_eight_claimers_on_two_channels_give_every_slot_to_the_save_play(now):
    account = make.account()
    people = [make.contact(account, phone=f"+1555000{number:04}") for number in range(12)]
    for person in people:
        make.message(person, now=now, channel="in_app", address="", state="sent", claimed_at=now - HOUR, sent_at=now - HOUR)
        wants(person, "broadcast", now=now, due_at=now - 2 * HOUR)
        wants(person, "nurture", now=now, due_at=now - HOUR)
        wants(person, "save", now=now, channel="sms")

    def work(number: int) -> None:
        while dispatch.claim(("email", "sms")[number % 2], owner=f"w{number}", now=now, limit=1 + number % 4).looked_at:
            pass

    assert at_once(8, work) == []
    assert set(Message.objects.filter(state="sending").values_list("lane", flat=True)) == {"save"}
    assert Message.objects.filter(state="sending").count() == len(people)
    assert Message.objects.filter(state="held").count() == 2 * len(people)
