"""One event of the customer's, through real processes: a milestone, its reward, a word of congratulation, the next milestone, and the open pages."""

import pytest
from django.core.management import call_command

from apps.core import clock
from apps.events.models import Event
from apps.integrations import services as integrations
from apps.messaging.models import Message
from apps.milestones.models import Progress, RewardMovement
from benchmarks import event_to_celebration as way
from cs_platform.invariants import broken
from tests.journeys.test_walk import post
from tests.product import running, wait_for

pytestmark = pytest.mark.django_db(transaction=True)


def chain(event: Event) -> list[str]:
    """The types of an event and of what caused it, newest first."""
    return [event.type, *(chain(event.cause) if event.cause else [])]


def test_one_event_becomes_a_milestone_a_reward_a_word_and_the_next_milestone(monkeypatch, peer):
    monkeypatch.setenv("CS_CLOCK_SHIFT", str(way.shift_to_noon()))
    call_command("prepare", quiet=True)
    account, other = way.customers(2)
    _, key = integrations.create_source(name="way", now=clock.now())
    with running(beat=True, CS_CLOCK_SHIFT=str(way.shift_to_noon())) as product, way.watch(product) as socket:
        steps = way.follow(product, key, account, way.Page(socket))
        assert set(steps) == set(way.STEPS)
        post(product, key, other, (way.SHARED,))
        wait_for(lambda: Message.objects.filter(account=other, state="sent").exists(), what="the other's word of congratulation")
        # More of the same, and nothing is reached, paid or said again.
        post(product, key, account, (way.SHARED,) * 3)
        wait_for(lambda: Progress.objects.get(account=account, milestone__key="bench-second").have == 4, what="the count of the next milestone")
    told = Event.objects.filter(subject=f"account:{account.pk}")
    assert [row.type for row in told.filter(type__in=("milestone.achieved", "reward.granted", "milestone.offered"), at__isnull=False)].count(
        "milestone.achieved"
    ) == 1
    assert chain(told.get(type="reward.granted")) == ["reward.granted", "milestone.achieved", "activity.received"]
    assert chain(told.get(type="milestone.offered", payload__key="bench-second"))[:2] == ["milestone.offered", "milestone.achieved"]
    movement = RewardMovement.objects.get(account=account)
    assert (movement.amount, movement.unit, movement.kind) == (50, "points", "grant")
    message = Message.objects.get(account=account)
    assert (message.state, message.channel, "50" in message.body) == ("sent", "in_app", True)
    assert broken(now=clock.now()) == []
