from collections import Counter

import pytest

from apps.events.models import Event
from apps.messaging import dispatch, services
from apps.messaging.models import Message
from tests import make
from tests.messaging.crowd import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_four_claimers_share_500_messages_and_none_gets_one_twice(now):
    account = make.account()
    people = [make.contact(account) for _ in range(500)]
    for person in people:
        make.message(person, now=now)
    claimed: Counter[int] = Counter()

    def work(number: int) -> None:
        while (claim := dispatch.claim("email", owner=f"w{number}", now=now, limit=7)).looked_at:
            claimed.update(row.pk for row in claim.sending)

    assert at_once(4, work) == []
    assert len(claimed) == 500
    assert set(claimed.values()) == {1}
    assert Message.objects.filter(state="sending", attempt=1).count() == 500


def test_eight_workers_together_keep_to_a_contacts_caps(now):
    account = make.account()
    people = [make.contact(account) for _ in range(3)]
    for _ in range(8):
        for person in people:
            make.message(person, now=now)

    def work(number: int) -> None:
        while dispatch.claim("email", owner=f"w{number}", now=now, limit=1).looked_at:
            pass

    assert at_once(8, work) == []
    for person in people:
        assert Message.objects.filter(contact=person, state="sending").count() == 2
        assert Message.objects.filter(contact=person, state="held").count() == 6


def test_eight_workers_on_two_channels_together_keep_to_the_caps_over_all_channels(now):
    account = make.account()
    people = [make.contact(account, phone=f"+1555000{number:04}") for number in range(3)]
    for number in range(10):
        for person in people:
            make.message(person, now=now, **({"channel": "sms", "address": person.phone} if number % 2 else {}))

    def work(number: int) -> None:
        while dispatch.claim(("email", "sms")[number % 2], owner=f"w{number}", now=now, limit=1 + number % 3).looked_at:
            pass

    assert at_once(8, work) == []
    for person in people:
        assert Message.objects.filter(contact=person, state="sending").count() == 2
        assert Message.objects.filter(contact=person, state="held").count() == 8


def test_nothing_is_claimed_after_a_no_was_committed_whoever_comes_first(now):
    """Claims and refusals meet at random; each message is either claimed before the no, or not at all, and nobody waits in a ring."""
    account = make.account()
    people = [make.contact(account) for _ in range(60)]
    for person in people:
        for _ in range(3):
            make.message(person, now=now)
    after_the_no: list[int] = []

    def work(number: int) -> None:
        if number < 3:
            while dispatch.claim("email", owner=f"w{number}", now=now, limit=5).looked_at:
                pass
            return
        for person in people[number - 3 :: 2]:
            services.record_consent(contact=person, channel="email", topic="success", allowed=False, source="test", now=now)
            after_the_no.extend(Message.objects.filter(contact=person, state__in=["queued", "held"]).values_list("pk", flat=True))

    assert at_once(5, work) == []
    assert after_the_no == []
    assert not Message.objects.filter(state__in=["queued", "held"]).exists()
    assert Event.objects.filter(type="consent.changed").count() == 60


def test_the_same_cause_at_the_same_moment_makes_one_message(now):
    services.ensure_templates(now)
    person = make.contact(make.account())
    made: list[int] = []

    def work(number: int) -> None:
        message = services.compose(
            contact=person,
            channel="email",
            template_key="save-fading",
            lane="save",
            idem_key="same",
            context={},
            due_at=now,
            expires_at=now,
            actor=services.Actor.job("test"),
            now=now,
        )
        made.append(message.pk)

    assert at_once(6, work) == []
    assert len(set(made)) == 1
    assert Message.objects.count() == 1
