"""Who was cared for or held back, and what learning does with it."""

from datetime import UTC, datetime, time, timedelta

import numpy as np
import pytest

from apps.churn import dataset, handlers, services
from apps.churn.models import Care
from apps.core.actor import Actor
from apps.events import services as events
from apps.events.vocabulary import MessageSent, PlayEnded, PlayEntered
from apps.interventions import services as interventions
from tests import make
from tests.churn import worlds

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")
DAY = timedelta(days=1)


def hear(event, now, *, times=1):
    row = events.publish(event, actor=ACTOR, now=now)
    reaction = {PlayEntered: handlers.note_care, PlayEnded: handlers.note_end_of_care, MessageSent: handlers.note_message}[type(event)]
    for _ in range(times):
        reaction(event, row)
    return row


def entered(account, arm, run=1):
    return PlayEntered(account_id=account.pk, enrolment_id=run, play_key="save", arm=arm)


def ended(account, run=1):
    return PlayEnded(account_id=account.pk, enrolment_id=run, play_key="save", reason="timeout", outcome="none")


def told():
    return list(Care.objects.order_by("account").values_list("account", "kind", "since", "until"))


def test_a_run_of_a_play_is_care_from_its_entry_to_its_end_and_being_held_out_is_kept_too(now):
    first, second = make.account(), make.account()
    hear(entered(first, "treated"), now, times=2)
    hear(entered(second, "held_out", run=2), now)
    assert told() == [(first.pk, "treated", now, None), (second.pk, "held_out", now, None)]

    hear(ended(first), now + DAY, times=2)
    hear(ended(second, run=2), now + 30 * DAY)

    assert told() == [(first.pk, "treated", now, now + DAY), (second.pk, "held_out", now, now + 30 * DAY)]


def test_news_in_the_wrong_order_ends_the_same(now):
    account = make.account()
    hear(ended(account), now + DAY)
    assert told() == []
    beginning = entered(account, "treated")
    hear(beginning, now)
    assert told() == [(account.pk, "treated", now, now + DAY)]


def test_a_message_of_a_save_play_is_care_and_a_newsletter_is_not(now):
    contact = make.contact(make.account())
    save, other = make.message(contact, now=now, lane="save"), make.message(contact, now=now)
    for message in (save, other):
        hear(MessageSent(account_id=contact.account_id, message_id=message.pk, channel="email"), now, times=2)
    assert told() == [(contact.account_id, "treated", now, now)]


def test_the_wired_story_of_a_play_leaves_care_once(now, django_capture_on_commit_callbacks):
    account = make.account(started_on=now.date() - 90 * DAY)
    run = interventions.enrol(make.play(), account_id=account.pk, actor=ACTOR, now=now)
    events.sweep(now=now)
    assert told() == [(account.pk, "treated", now, None)]
    interventions.stop(run, actor=ACTOR, now=now + DAY)
    events.sweep(now=now + DAY)
    assert told() == [(account.pk, "treated", now, now + DAY)]


def test_rows_know_the_care_of_their_window_and_of_the_month_before_and_the_held_out_weigh_more(now):
    accounts = worlds.company(now.date(), accounts=40, leavers=0)
    definition = services.define(name="leaving", kind="cancelled", horizon_days=30, now=now)
    last = now.date() - 30 * DAY
    moment = datetime.combine(last, time(), UTC)

    def care(place, kind, since, until):
        Care.objects.create(account=accounts[place], kind=kind, since=moment + since * DAY, until=None if until is None else moment + until * DAY)

    care(0, "treated", 29, 29)
    care(1, "treated", -60, -27)
    care(2, "treated", -60, -29)
    care(3, "treated", 31, None)
    care(4, "held_out", 5, None)
    care(5, "held_out", 5, None)
    care(5, "treated", 6, 7)

    data = dataset.gather(definition, as_of=now)

    of_last = data.when == len(data.dates) - 1
    assert set(data.accounts[of_last & data.treated]) == {accounts[0].pk, accounts[1].pk, accounts[5].pk}
    assert set(data.accounts[of_last & data.held_out]) == {accounts[4].pk}
    assert set(data.weights[data.held_out]) == {5.0}
    assert set(data.weights[~data.held_out]) == {1.0}
    assert np.array_equal(data.table["cared"], data.treated.astype(float))


def test_where_nobody_was_cared_for_there_is_no_such_column(now):
    worlds.company(now.date(), accounts=40, leavers=0)
    data = dataset.gather(services.define(name="leaving", kind="cancelled", horizon_days=30, now=now), as_of=now)
    assert "cared" not in data.table
    assert not data.treated.any()
