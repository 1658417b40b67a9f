"""Taking back what has not been handed over, and drafts that leave at their hour unless somebody stops them."""

import random
import time
from collections import Counter
from datetime import timedelta

import pytest
import time_machine

from apps.accounts.types import Role
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events.models import Event
from apps.messaging import dispatch, services
from apps.messaging.models import Message
from tests import make
from tests.api.conftest import Caller, make_key
from tests.messaging.crowd import at_once

HOUR = timedelta(hours=1)
ME = Actor.job("test")


def compose(person, *, now, **given) -> Message:
    services.ensure_templates(now)
    fields = {"channel": "email", "template_key": "save-fading", "lane": "save", "idem_key": "x", "context": {}, "due_at": now}
    return services.compose(contact=person, actor=ME, now=now, **{**fields, "expires_at": now + 72 * HOUR, **given})


def draft(now, **given) -> Message:
    owner = make.user(time_zone="Europe/Berlin")
    return compose(make.contact(make.account(owner=owner)), now=now, approver=owner, due_at=now + 4 * HOUR, **given)


def seen(message: Message) -> Message:
    message.refresh_from_db()
    return message


def sends(now) -> int:
    return dispatch.one_round("email", owner="w", clock=lambda: now)


@pytest.mark.django_db
def test_a_draft_leaves_at_its_hour_unless_somebody_stops_it_and_says_so(now, peer):
    message = draft(now)
    assert (message.state, message.due_at) == ("held", now + 4 * HOUR)
    assert message.reason == f"Sends Wed 11 Mar 17:00 (Europe/Berlin) unless {message.approver} stops it."
    assert message.is_draft
    assert sends(now + 3 * HOUR) == 0
    assert sends(now + 4 * HOUR) == 1
    assert (seen(message).state, len(peer.mails)) == ("sent", 1)
    assert not message.is_draft


@pytest.mark.django_db
def test_a_draft_that_is_stopped_never_leaves_and_the_stop_has_its_actor_and_reason(now, peer):
    message = draft(now)
    services.recall(message=message, reason="They called already.", actor=ME, now=now + HOUR)
    assert sends(now + 5 * HOUR) == 0
    assert (seen(message).state, message.reason, peer.mails) == ("cancelled", "They called already.", [])
    event = Event.objects.get(type="message.not_sent")
    assert (event.actor, event.at, event.payload["reason"]) == ("job:test", now + HOUR, "They called already.")


@pytest.mark.django_db
def test_a_draft_that_is_approved_leaves_now_through_the_governor(now, peer):
    message = draft(now)
    services.approve(message=message, actor=Actor.user(message.approver), now=now + HOUR)
    assert (seen(message).approved_by, message.approved_at) == (f"user:{message.approver_id}", now + HOUR)
    assert sends(now + HOUR) == 1
    assert len(peer.mails) == 1
    for _ in range(2):
        with pytest.raises(Refused) as refusal:
            services.approve(message=message, actor=ME, now=now + HOUR)
        assert refusal.value.code == "no_draft"


@pytest.mark.django_db
def test_without_time_left_to_stop_it_a_message_is_no_draft(now):
    owner = make.user()
    message = compose(make.contact(make.account(owner=owner)), now=now, approver=owner)
    assert (message.state, message.approver) == ("queued", None)


@pytest.mark.django_db
def test_what_a_worker_has_claimed_but_not_begun_can_be_taken_back_and_is_not_sent(now, peer):
    message = make.message(make.contact(make.account()), now=now)
    [claimed] = dispatch.claim("email", owner="w", now=now).sending
    services.recall(message=message, reason="", actor=ME, now=now)
    assert (seen(message).state, message.reason, message.owner) == ("cancelled", "Recalled by job:test.", "")
    assert dispatch.send(claimed, now=now) is None
    assert (seen(message).state, peer.mails, message.attempts.count()) == ("cancelled", [], 0)


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["sent", "delivered", "replied", "unknown", "failed", "cancelled", "merged", "expired"])
def test_what_left_or_ended_is_too_late_and_stays_as_it_is(now, state):
    message = make.message(make.contact(make.account()), now=now, state=state, reason="as it was")
    with pytest.raises(Refused) as refusal:
        services.recall(message=message, reason="x", actor=ME, now=now)
    assert refusal.value.code == "too_late"
    assert (seen(message).state, message.reason) == (state, "as it was")


@pytest.mark.django_db(transaction=True)
def test_a_recall_that_meets_the_sender_wins_or_says_that_it_was_too_late(now, peer):
    """Sixty meetings at random moments: taken back and never in a mailbox, or too late and there. The first two have no moment to choose."""
    account = make.account()
    told: dict[int, bool] = {}
    early, late = make.message(make.contact(account), now=now, due_at=now + timedelta(hours=1)), make.message(make.contact(account), now=now)
    dispatch.one_round("email", owner="w", clock=lambda: now, limit=1)
    services.recall(message=early, reason="x", actor=ME, now=now)
    with pytest.raises(Refused, match="can be taken back"):
        services.recall(message=late, reason="x", actor=ME, now=now)
    rows = [make.message(make.contact(account), now=now) for _ in range(60)]
    dice = random.Random(7)
    waits = [dice.uniform(0, 0.02) for _ in rows]

    def work(number: int) -> None:
        if number == 0:
            for _ in rows:
                dispatch.one_round("email", owner="w", clock=lambda: now, limit=1)
            return
        for row, wait in zip(rows, waits, strict=True):
            time.sleep(wait)
            try:
                services.recall(message=row, reason="x", actor=ME, now=now)
                told[row.pk] = True
            except Refused as refusal:
                told[row.pk] = refusal.code != "too_late"

    assert at_once(2, work) == []
    arrived = Counter(peer.recipients)
    for row in rows:
        assert arrived[row.address] == (0 if told[row.pk] else 1)
        assert seen(row).state == ("cancelled" if told[row.pk] else "sent")
    assert (arrived[early.address], arrived[late.address]) == (0, 1)


@pytest.mark.django_db
def test_the_api_takes_back_and_approves_within_the_own_book(now):
    mine = draft(now)
    csm = mine.approver
    csm.groups.add(make.Group.objects.get_or_create(name=Role.CSM.value)[0])
    mine.account.owner = csm
    mine.account.save()
    other = make.message(make.contact(make.account()), now=now)
    with time_machine.travel(now, tick=False):
        caller = Caller(make_key("hand", "messages:read", "messages:write", now=now, owner=csm))
        rows = caller.get("messages/?draft=true").json()["results"]
        assert [(row["id"], row["approver"], row["due_at"]) for row in rows] == [(mine.pk, csm.email, "2026-03-11T16:00:00Z")]
        assert caller.post(f"messages/{other.pk}/recall/", {}).status_code == 404
        answer = caller.post(f"messages/{mine.pk}/approve/", {})
        assert (answer.status_code, answer.json()["approved_by"]) == (200, "key:hand")
        answer = caller.post(f"messages/{mine.pk}/recall/", {"reason": "Not now."})
        assert (answer.status_code, answer.json()["state"], answer.json()["reason"]) == (200, "cancelled", "Not now.")
        answer = caller.post(f"messages/{mine.pk}/recall/", {"reason": "Not now."})
        assert (answer.status_code, answer.json()["code"]) == (409, "too_late")
    assert seen(other).state == "queued"
