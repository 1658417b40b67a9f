"""Two plays and three campaigns want the same people while eight workers poll: caps hold, what saves goes first, what sells stops."""

import random
import threading

import pytest
from django.db import connection

from apps.campaigns.models import Recipient
from apps.campaigns.services import campaigns
from apps.interventions import services as interventions
from apps.interventions import steps
from apps.interventions.models import Enrolment
from apps.messaging import dispatch
from apps.messaging.models import Hold, Message
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS, PEOPLE = 8, 12


def a_play(lane):
    steps_ = [{"kind": "message", "channel": "email", "template": "news"}, {"kind": "watch"}]
    return make.play(says={"steps": steps_, "lane": lane})


def polled(now, *more):
    """Eight workers, each of whom plans, hands over and claims in an order of its own, until nobody finds anything."""
    make.open_channels()

    def work(number):
        draw = random.Random(number)
        ways = [
            lambda: campaigns.advance(now=now, rounds=1, batch=5),
            lambda: campaigns.hand_over(now=now, rounds=1, size=3),
            lambda: steps.advance(now=now),
            lambda: dispatch.claim("email", owner=f"w{number}", now=now, limit=draw.choice((1, 2, 5))).looked_at,
            *more,
        ]
        for _ in range(12):
            for way in draw.sample(ways, len(ways)):
                way()
        while dispatch.claim("email", owner=f"w{number}", now=now, limit=3).looked_at:
            pass
        connection.close()

    make.at_once(work, WORKERS)


def test_caps_are_never_passed_and_what_saves_goes_first(now):
    make.news()
    people = [make.contact(make.account()) for _ in range(PEOPLE)]
    save, nurture = a_play("save"), a_play("nurture")
    for person in people:
        interventions.start_by_hand(save, account_id=person.account_id, actor=make.ACTOR, now=now)
    steps.advance(now=now)
    for person in people:
        interventions.start_by_hand(nurture, account_id=person.account_id, actor=make.ACTOR, now=now)
    for lane in ("broadcast", "nurture", "broadcast"):
        campaigns.start_by_hand(make.campaign(says={"lane": lane}, live_at=now), actor=make.ACTOR, now=now)

    polled(now)

    assert Message.objects.count() == PEOPLE * 5
    assert Recipient.objects.filter(state="handed").count() == PEOPLE * 3
    for person in people:
        # The standard: two in 24 hours.
        sending = Message.objects.filter(contact=person, state="sending")
        assert sending.count() == 2
        assert sending.filter(lane="save").count() == 1
        assert Message.objects.filter(contact=person, state="held").count() == 3
    assert not Message.objects.filter(state="held", reason="").exists()


def test_no_promotion_is_claimed_after_a_save_was_committed(now):
    """Saves begin while workers claim promotions; each promotion was claimed before the commit, or it never is."""
    make.news()
    people = [make.contact(make.account()) for _ in range(40)]
    for _ in range(2):
        campaigns.start_by_hand(make.campaign(says={"promotion": True}, live_at=now), actor=make.ACTOR, now=now)
        campaigns.advance(now=now)
    assert Message.objects.filter(promotion=True).count() == 80
    save, lock, late = a_play("save"), threading.Lock(), []
    waiting = list(people)

    def claim(number):
        held = set(Hold.objects.values_list("account_id", flat=True))
        taken = dispatch.claim("email", owner=f"w{number}", now=now, limit=3)
        late.extend(row.pk for row in taken.sending if row.promotion and row.account_id in held)
        return taken.looked_at

    def work(number):
        while True:
            if number < 3:
                with lock:
                    person = waiting.pop() if waiting else None
                if person is None:
                    break
                interventions.start_by_hand(save, account_id=person.account_id, actor=make.ACTOR, now=now)
            elif not claim(number):
                break
        connection.close()

    make.at_once(work, WORKERS)

    assert late == []
    assert Enrolment.objects.filter(play=save).count() == 40
    while claim(0):
        pass
    assert late == []
    left = Message.objects.filter(promotion=True).exclude(state="sending")
    assert set(left.values_list("state", flat=True)) <= {"suppressed"}
    assert all(reason.startswith("No promotions: the save play") for reason in left.values_list("reason", flat=True))
