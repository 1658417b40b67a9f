"""Who was cared for or held back, and what learning does with it."""

from datetime import UTC, datetime, time, timedelta

import numpy as np
import pytest

from apps.churn import care, dataset, handlers, services
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


def test_rows_know_the_care_of_their_window_and_of_the_month_before(now):
    accounts = worlds.company(now.date(), accounts=40, leavers=0)
    definition = services.define(name="leaving", kind="cancelled", horizon_days=30, now=now)
    last = now.date() - 30 * DAY
    moment = datetime.combine(last, time(), UTC)

    def cared(place, kind, since, until):
        Care.objects.create(account=accounts[place], kind=kind, since=moment + since * DAY, until=None if until is None else moment + until * DAY)

    cared(0, "treated", 29, 29)
    cared(1, "treated", -60, -27)
    cared(2, "treated", -60, -29)
    cared(3, "treated", 31, None)
    cared(4, "held_out", 5, None)
    cared(5, "held_out", 5, None)
    cared(5, "treated", 6, 7)

    data = dataset.gather(definition, as_of=now)

    of_last = data.when == len(data.dates) - 1
    assert set(data.accounts[of_last & data.treated]) == {accounts[0].pk, accounts[1].pk, accounts[5].pk}
    assert set(data.accounts[of_last & data.held_out]) == {accounts[4].pk}
    treated, held_out = (len(np.unique(data.accounts[marked])) for marked in (data.treated, data.held_out))
    assert set(data.weights[data.treated]) == {0.0}
    assert set(data.weights[data.held_out]) == {1 + treated / held_out}
    assert set(data.weights[~data.treated & ~data.held_out]) == {1.0}


@pytest.mark.parametrize(
    ("treated", "held_out", "weights", "said"),
    [
        (0, 0, (None, None), ""),
        (0, 5, (None, 1.0), ""),
        (90, 10, (0.0, 10.0), "teach nothing here: the 10 rows held out by lot stand for them"),
        (100, 4, (0.2, 21.0), "Only 4 rows were held out by lot. They stand for 80 of them"),
        (100, 0, (1.0, None), "Nobody was held out"),
    ],
)
def test_the_held_out_stand_for_the_treated_as_far_as_they_can(treated, held_out, weights, said):
    """Where too few were held out, the treated count after all: rows must remain to learn from, and the card says what that means."""
    data = rows(treated, held_out, 200)
    assert data.weights.sum() == pytest.approx(len(data.labels))
    assert data.weights[-1] == 1.0
    for part, weight in zip((data.treated, data.held_out), weights, strict=True):
        assert data.weights[part] == pytest.approx([] if weight is None else [weight] * part.sum())
    found = dataset.treated_in_words(data)
    assert (found["treated"], found["held_out"]) == (treated, held_out)
    assert said in found["words"]
    assert bool(found["words"]) == bool(treated)


def test_customers_whom_care_kept_are_not_more_cases_than_the_lot_made(now):
    """Nine treated stay for ten months, and the one who was held out left in the first: the lot was nine to one, not ninety."""
    accounts = np.concatenate([np.repeat(np.arange(9), 10), [9]])
    when = np.concatenate([np.tile(np.arange(10), 9), [0]])
    mixed = np.random.default_rng(0).permutation(len(accounts))
    cared = care.Cared(accounts[mixed] < 9, accounts[mixed] == 9, accounts[mixed], when[mixed])
    assert set(cared.weights[cared.held_out]) == {10.0}
    assert set(cared.weights[cared.treated]) == {0.0}


def test_a_second_time_is_a_case_of_its_own(now):
    """Treated, left alone, held out, treated again: three cases, whose lots were drawn one by one."""
    cared = care.Cared(np.array([True, False, False, True]), np.array([False, False, True, False]), np.zeros(4, int), np.arange(4))
    assert cared.weights.tolist() == [0.0, 1.0, 3.0, 0.0]


def rows(treated, held_out, others):
    """Rows of one date about which only the care is known."""
    place = np.arange(treated + held_out + others)
    return dataset.Dataset(
        table={},
        labels=np.zeros(len(place)),
        accounts=place,
        when=np.zeros(len(place), int),
        dates=[],
        window=30,
        names=[],
        treated=place < treated,
        held_out=(place >= treated) & (place < treated + held_out),
    )


def test_care_is_no_column_to_learn_from(now):
    accounts = worlds.company(now.date(), accounts=40, leavers=0)
    Care.objects.create(account=accounts[0], kind="treated", since=now - 100 * DAY)
    data = dataset.gather(services.define(name="leaving", kind="cancelled", horizon_days=30, now=now), as_of=now)
    assert data.treated.any()
    assert not [key for key in data.table if "care" in key]
