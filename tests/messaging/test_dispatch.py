from datetime import timedelta

import pytest

from apps.events.models import Event
from apps.messaging import dispatch, policy, services
from apps.messaging.models import Message, MessageAttempt
from apps.messaging.types import MessageState
from tests import make

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def email_to(account=None, *, now, name="sam", **fields) -> Message:
    person = make.contact(account or make.account(), email=f"{name}@customer.test")
    return make.message(person, now=now, **fields)


def take(now, limit=5, owner="w1") -> dispatch.Claim:
    return dispatch.claim("email", owner=owner, now=now, limit=limit)


def seen(message: Message) -> Message:
    message.refresh_from_db()
    return message


def said(kind: str) -> list[dict]:
    return [event.payload for event in Event.objects.filter(type=kind).order_by("id")]


def test_a_claim_takes_what_is_due_and_marks_it_with_owner_lease_and_attempt(now, settings):
    message = email_to(now=now)
    later = email_to(now=now, due_at=now + MINUTE)

    claim = take(now)

    assert [taken.pk for taken in claim.sending] == [message.pk]
    row = seen(message)
    assert (row.state, row.owner, row.attempt, row.claimed_at) == ("sending", "w1", 1, now)
    assert row.lease_until == now + timedelta(seconds=settings.MESSAGE_LEASE_SECONDS)
    assert seen(later).state == "queued"
    assert take(now, owner="w2") == dispatch.Claim([], 0)


def test_the_important_lane_leaves_first(now):
    nurture = email_to(now=now, due_at=now - MINUTE)
    save = email_to(now=now, lane="save", lane_rank=1)
    urgent = email_to(now=now, lane="transactional", lane_rank=0)

    assert [row.pk for row in take(now, limit=2).sending] == [urgent.pk, save.pk]
    assert seen(nurture).state == "queued"


def test_a_sent_message_is_recorded_once_with_its_attempt_and_announced(now, peer):
    message = email_to(now=now)

    assert dispatch.one_round("email", owner="w1", clock=lambda: now) == 1

    row = seen(message)
    assert (row.state, row.owner, row.lease_until, row.reason) == ("sent", "", None, "")
    assert row.sent_at >= now
    assert row.provider_message_id == str(peer.mails[0]["Message-ID"])
    attempt = MessageAttempt.objects.get()
    assert (attempt.number, attempt.owner, attempt.started_at, attempt.outcome) == (1, "w1", now, "ok")
    assert said("message.sent") == [{"account_id": row.account_id, "message_id": row.pk, "channel": "email"}]


def test_the_governor_holds_and_the_claim_writes_until_when_and_why(now):
    person = make.contact(make.account(), time_zone="America/Los_Angeles")
    message = make.message(person, now=now)

    claim = take(now)

    assert (claim.sending, claim.looked_at) == ([], 1)
    assert (seen(message).state, message.due_at, message.attempt) == ("held", now.replace(hour=15), 0)
    assert message.reason == "Quiet hours until Wed 11 Mar 08:00 (America/Los_Angeles)."
    assert not Event.objects.exists()


def test_a_held_message_leaves_when_its_time_comes(now):
    message = email_to(now=now, state="held", due_at=now, reason="Quiet hours.")
    assert [row.pk for row in take(now).sending] == [message.pk]
    assert seen(message).reason == ""


def test_too_late_is_expired_and_announced(now):
    message = email_to(now=now, expires_at=now)
    take(now)
    assert seen(message).state == "expired"
    assert [(told["state"], told["reason"]) for told in said("message.not_sent")] == [("expired", message.reason)]


def test_a_no_between_enqueue_and_claim_is_heard(now, peer):
    message = email_to(now=now)
    make.message(message.contact, now=now, topic="invoices")
    services.record_consent(contact=message.contact, channel="email", topic="success", allowed=False, source="test", now=now)
    # One that slipped in behind the no, as a play running at the same moment may write it.
    late = make.message(message.contact, now=now)

    dispatch.one_round("email", owner="w1", clock=lambda: now)

    assert seen(message).state == "cancelled"
    assert seen(late).state == "suppressed"
    assert late.reason == f"{late.contact} does not want “success” by email."
    assert len(peer.mails) == 1


def test_the_newest_word_counts(now):
    message = email_to(now=now, due_at=now + 2 * MINUTE)
    for minute, allowed in enumerate([False, True]):
        services.record_consent(contact=message.contact, channel="email", topic="success", allowed=allowed, source="test", now=now + minute * MINUTE)
    again = make.message(message.contact, now=now)
    assert [row.pk for row in take(now + MINUTE).sending] == [again.pk]


def test_a_no_between_claim_and_call_stops_the_call(now, peer):
    message = email_to(now=now)
    claimed = take(now).sending[0]
    services.record_consent(contact=message.contact, channel="email", topic="success", allowed=False, source="test", now=now)

    assert dispatch.send(claimed, now=now) == MessageState.SUPPRESSED

    assert seen(message).state == "suppressed"
    assert peer.mails == []
    assert not MessageAttempt.objects.exists()
    assert [told["state"] for told in said("message.not_sent")] == ["suppressed"]


def test_a_second_message_in_the_same_claim_counts_the_first(now):
    person = make.contact(make.account())
    messages = [make.message(person, now=now, lane="save", lane_rank=1) for _ in range(4)]
    claim = take(now)
    assert [row.pk for row in claim.sending] == [messages[0].pk, messages[1].pk]
    assert [seen(message).state for message in messages] == ["sending", "sending", "held", "held"]
    assert messages[2].reason == "Already 2 messages in 24 hours; free from Thu 12 Mar 12:00 UTC."


def test_an_unknown_message_counts_because_it_may_have_arrived(now):
    person = make.contact(make.account())
    for state in ("unknown", "sent", "failed"):
        make.message(person, now=now, state=state, claimed_at=now - MINUTE)
    third = make.message(person, now=now)
    take(now)
    assert seen(third).state == "held"


# The fence.


def test_a_worker_that_lost_its_lease_before_the_call_sends_nothing(now, peer):
    message = email_to(now=now)
    slow = take(now).sending[0]
    assert dispatch.sweep(now=now + 5 * MINUTE) == 1
    assert (seen(message).state, message.reason) == ("queued", "The worker stopped before it began to send.")

    assert dispatch.send(slow, now=now + 5 * MINUTE) is None

    assert peer.mails == []
    assert seen(message).state == "queued"
    assert not MessageAttempt.objects.exists()


def test_a_worker_whose_claim_was_taken_over_writes_nothing(now, peer):
    email_to(now=now)
    slow = take(now).sending[0]
    dispatch.sweep(now=now + 5 * MINUTE)
    other = take(now + 5 * MINUTE, owner="w2").sending[0]

    assert dispatch.send(slow, now=now + 5 * MINUTE) is None
    assert dispatch.send(other, now=now + 5 * MINUTE) == MessageState.SENT

    assert len(peer.mails) == 1
    assert [(row.number, row.owner) for row in MessageAttempt.objects.all()] == [(2, "w2")]


def test_a_result_that_comes_after_the_sweep_is_not_recorded(now, peer, monkeypatch):
    message = email_to(now=now)
    claimed = take(now).sending[0]
    real = dispatch.providers.of("smtp").deliver

    class SweptMeanwhile:
        can = dispatch.providers.of("smtp").can

        def deliver(self, row):
            dispatch.sweep(now=now + 5 * MINUTE)
            return real(row)

    monkeypatch.setattr(dispatch.providers, "of", lambda name: SweptMeanwhile())

    assert dispatch.send(claimed, now=now) is None

    assert len(peer.mails) == 1
    assert (seen(message).state, message.reason) == ("unknown", "The worker stopped while it was sending.")
    assert said("message.sent") == []
    assert [told["state"] for told in said("message.not_sent")] == ["unknown"]


def test_a_worker_that_died_during_the_call_leaves_an_unknown_that_nobody_sends_again(now, peer):
    message = email_to(now=now)
    claimed = take(now).sending[0]
    dispatch._start(claimed, now, policy.STANDARD)

    assert dispatch.sweep(now=now + MINUTE) == 0
    assert dispatch.sweep(now=now + 5 * MINUTE) == 1
    assert dispatch.sweep(now=now + 9 * MINUTE) == 0

    assert seen(message).state == "unknown"
    attempt = MessageAttempt.objects.get()
    assert (attempt.outcome, attempt.code, attempt.ended_at) == ("ambiguous", "worker_died", now + 5 * MINUTE)
    assert take(now + 9 * MINUTE) == dispatch.Claim([], 0)
    assert peer.mails == []
    assert [(told["state"], told["message_id"]) for told in said("message.not_sent")] == [("unknown", message.pk)]


def test_our_own_fault_during_the_call_is_an_unknown_and_the_others_go_on(now, peer, monkeypatch):
    broken, fine = email_to(now=now), email_to(now=now, name="kim")
    real = dispatch.providers.of("smtp").deliver

    class Breaks:
        can = dispatch.providers.of("smtp").can

        def deliver(self, row):
            if row.pk == broken.pk:
                raise RuntimeError("a bug")
            return real(row)

    monkeypatch.setattr(dispatch.providers, "of", lambda name: Breaks())
    dispatch.one_round("email", owner="w1", clock=lambda: now)

    assert (seen(broken).state, seen(fine).state) == ("unknown", "sent")
    assert MessageAttempt.objects.get(message=broken).detail == "RuntimeError('a bug')"


# A person's verdict.


def unknown(now) -> Message:
    return email_to(now=now, state="unknown", claimed_at=now - 60 * MINUTE, attempt=1, owner="")


def test_a_person_says_it_arrived(now):
    message = unknown(now)
    services.settle_unknown(message=message, was_sent=True, actor=make_actor(), now=now)
    assert (seen(message).state, message.sent_at) == ("sent", now - 60 * MINUTE)
    assert len(said("message.sent")) == 1


def test_a_person_sends_it_again_with_the_same_message_id_and_key(now, peer):
    message = unknown(now)
    key, name = message.idem_key, dispatch.providers.email.message_id(message)
    services.settle_unknown(message=message, was_sent=False, actor=make_actor(), now=now)
    assert (seen(message).state, message.idem_key) == ("queued", key)
    dispatch.one_round("email", owner="w1", clock=lambda: now)
    assert seen(message).state == "sent"
    assert str(peer.mails[0]["Message-ID"]) == name


def test_only_an_unknown_message_can_be_settled(now):
    message = email_to(now=now)
    with pytest.raises(services.Refused) as refusal:
        services.settle_unknown(message=message, was_sent=True, actor=make_actor(), now=now)
    assert refusal.value.code == "not_unknown"
    assert seen(message).state == "queued"
    assert not Event.objects.exists()


def make_actor():
    return services.Actor.user(make.user())


def test_cancelling_takes_back_only_what_waits(now):
    waiting, gone = email_to(now=now), email_to(now=now, state="sent")
    assert services.cancel_waiting(message_ids=[waiting.pk, gone.pk], reason="The play ended.", actor=make_actor(), now=now) == 1
    assert (seen(waiting).state, waiting.reason, seen(gone).state) == ("cancelled", "The play ended.", "sent")
    assert [told["state"] for told in said("message.not_sent")] == ["cancelled"]


def test_a_claim_costs_the_same_whether_it_takes_one_message_or_twenty(now, django_assert_num_queries):
    account = make.account(owner=make.user())
    for count in (1, 20):
        for _ in range(count):
            email_to(account, now=now)
        with django_assert_num_queries(10):
            assert len(take(now, limit=20).sending) == count
