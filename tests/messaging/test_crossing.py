"""A customer's no meets the sender of their messages at random moments: whatever the order, nothing is handed over after the no is committed.

INTERLEAVINGS says how many meetings; `make faults` has a thousand. The provider is a real mail server that notes the moment at which it is given each
mail; the moment of the no is taken after its commit, so a mail that came later was certainly handed over after it.
"""

import os
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.test import Client

from apps.core.actor import Actor
from apps.messaging import answers, crossing, dispatch, selectors, services
from apps.messaging.models import Consent, Message, Suppression
from tests import make
from tests.messaging.crowd import at_once

pytestmark = pytest.mark.django_db(transaction=True)
MEETINGS = int(os.environ.get("INTERLEAVINGS", "40"))


# One for all: each new client looks for all static files.
browser = Client(enforce_csrf_checks=True)


def one_click(message: Message, now) -> None:
    answer = browser.post(f"/c/unsubscribe/{selectors.unsubscribe_token(message)}", {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200


def preferences(message: Message, now) -> None:
    assert browser.post(f"/c/preferences/{selectors.preferences_token(message.contact_id)}", {"want": []}).status_code == 200


def by_staff(message: Message, now) -> None:
    services.unsubscribe(token_or_contact=message.contact, channel=message.channel, source="staff", now=now)


def barred(message: Message, now) -> None:
    services.bar(channel=message.channel, address=message.address, reason="They asked us to.", actor=Actor.job("test"), now=now)


WAYS: tuple[Callable[[Message, object], None], ...] = (one_click, preferences, by_staff, barred)


@contextmanager
def quick_switches() -> Iterator[None]:
    """Threads take turns a hundred times as often as usual."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(5e-5)
    yield
    sys.setswitchinterval(before)


def test_nothing_is_handed_over_after_the_commit_of_a_no(now, peer, settings):
    """Each meeting is one person with one message, a sender and a no. Who begins how much earlier follows who came first before, so that the meetings
    stay where either may come first, with some chance added."""
    settings.EMAIL_TIMEOUT = 5
    dice = random.Random(11)
    account = make.account()
    # Each is due a second after the other, so that a sender who comes too late for one does not take the next.
    rows = [make.message(make.contact(account), now=now, due_at=now + timedelta(seconds=place)) for place in range(MEETINGS)]
    chances = [dice.uniform(-0.03, 0.03) for _ in rows]
    lead = [0.0]
    clocks = [partial(getattr, row, "due_at") for row in rows]
    said: dict[str, float] = {}
    arrived: dict[str, float] = {}
    store = peer._store
    # The mail server notes when it has been given a mail.
    peer._store = lambda mail, name, to: (arrived.setdefault(to, time.monotonic()), store(mail, name, to))
    meeting = threading.Barrier(2)

    def work(number: int) -> None:
        for place, row in enumerate(rows):
            meeting.wait(30)
            head_start = lead[0] + chances[place]
            if number == 0:
                time.sleep(max(0, head_start))
                dispatch.one_round("email", owner=f"w{place}", clock=clocks[place], limit=1)
            else:
                time.sleep(max(0, -head_start))
                WAYS[place % len(WAYS)](row, now)
                said[row.address] = time.monotonic()
            # The next person's message is looked at only when this one's sender is done.
            meeting.wait(30)
            if number == 0:
                lead[0] += 0.01 if row.address in arrived else -0.01

    with quick_switches():
        assert at_once(2, work) == []
    late = {address: arrived[address] - said[address] for address in arrived if arrived[address] > said[address]}
    assert late == {}
    assert len(said) == MEETINGS
    for row in rows:
        row.refresh_from_db()
        assert (row.state == "sent") == (row.address in arrived)
    # Each came first often enough for the meetings to mean something.
    assert MEETINGS / 10 < len(arrived) < MEETINGS * 9 / 10


def test_a_no_waits_for_the_message_that_is_being_handed_over_and_stops_the_next(now, peer, settings):
    settings.EMAIL_TIMEOUT = 5
    first = make.message(make.contact(make.account(), email="sam+slow@x.test"), now=now)
    ended: dict[str, float] = {}
    begun = threading.Event()
    store = peer._store
    peer._store = lambda mail, name, to: (begun.set(), store(mail, name, to))

    def work(number: int) -> None:
        if number == 0:
            dispatch.one_round("email", owner="w", clock=lambda: now)
            ended["sender"] = time.monotonic()
        else:
            begun.wait(10)
            one_click(first, now)
            ended["no"] = time.monotonic()

    assert at_once(2, work) == []
    assert abs(ended["no"] - ended["sender"]) < 1
    second = make.message(first.contact, now=now)
    dispatch.one_round("email", owner="w", clock=lambda: now)
    second.refresh_from_db()
    assert (second.state, len(peer.mails)) == ("suppressed", 1)


def test_a_provider_that_hangs_keeps_the_customer_waiting_no_longer_than_our_patience(now, monkeypatch):
    monkeypatch.setattr(crossing, "PATIENCE_MS", 300)
    message = make.message(make.contact(make.account()), now=now)
    held, done = threading.Event(), threading.Event()

    def work(number: int) -> None:
        if number == 0:
            with crossing.handing_over(message.contact_id, until_commit=False):
                held.set()
                done.wait(10)
        else:
            held.wait(10)
            one_click(message, now)
            done.set()

    assert at_once(2, work) == []
    assert Consent.objects.get().allowed is False


def test_the_lock_is_given_back_whatever_happens_in_between(now):
    with pytest.raises(RuntimeError), crossing.handing_over(7, until_commit=False):
        raise RuntimeError
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()")
        assert cursor.fetchone() == (0,)


def test_stop_by_sms_is_no_slower_to_count_than_a_click(now):
    person = make.contact(make.account(), phone="+15550001111")
    message = make.message(person, now=now, channel="sms", address=person.phone)
    dispatch.claim("sms", owner="w", now=now)
    Message.objects.filter(pk=message.pk).update(state="queued")
    answers.receive(provider="console", event_id="1", channel="sms", sender=person.phone, text="STOP ", raw={}, now=now)
    message.refresh_from_db()
    assert (message.state, Suppression.objects.get().address) == ("cancelled", person.phone)
