"""Tickets, surveys and invoices as features: what each says, that it says what was known then, and how it is told."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.accounts import services as accounts_services
from apps.accounts.models import Account, Contact, Invoice, SurveyResponse, Ticket
from apps.accounts.records import bring_records
from apps.accounts.services import edit_record
from apps.accounts.types import RecordFacts
from apps.churn import features
from apps.churn.models import AccountRisk
from apps.churn.registry import STORY, describe
from apps.churn.scoring import words
from apps.events import services
from apps.messaging import services as messaging
from tests import make
from tests.churn.told import reasons

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
ACTOR = make.ACTOR


def row_of(account: Account, as_of: datetime) -> dict[str, float | None]:
    (row,) = features.rows(as_of=as_of, account_ids=[account.pk])
    return row


def customer(now: datetime) -> Account:
    return make.account(started_on=now.date() - 400 * DAY)


def test_tickets_are_counted_as_they_stood_at_the_moment(now):
    account = customer(now)
    make.ticket(account, now - 100 * DAY, priority="p1")
    make.ticket(account, now - 40 * DAY, answered_at=now - 40 * DAY + timedelta(hours=3), solved_at=now - 2 * DAY)
    make.ticket(account, now - 20 * DAY, answered_at=now - 19 * DAY, priority="p2")
    make.ticket(account, now - 5 * DAY, answered_at=now - 5 * DAY + timedelta(hours=30))
    make.ticket(account, now + DAY, priority="p1")

    row = row_of(account, now)

    assert (row["tickets_open"], row["tickets_severe"], row["tickets_28"], row["tickets_90"], row["ticket_age"]) == (3, 2, 2, 3, 100)
    # Of 3, 24 and 30 hours the middle one.
    assert row["answer_hours"] == 24
    before = row_of(account, now - 3 * DAY)
    assert (before["tickets_open"], before["ticket_age"]) == (4, 97)
    long_before = row_of(account, now - 50 * DAY)
    assert (long_before["tickets_open"], long_before["answer_hours"]) == (1, None)


def test_the_last_answer_to_each_survey_counts_with_its_age(now):
    account = customer(now)
    make.response(account, now - 90 * DAY, score=9)
    make.response(account, now - 40 * DAY, score=3)
    make.response(account, now - 10 * DAY, kind="csat", score=2)
    make.response(account, now + DAY, score=10)

    row = row_of(account, now)

    assert (row["nps"], row["nps_age"], row["csat"], row["csat_age"]) == (3, 40, 2, 10)
    before = row_of(account, now - 41 * DAY)
    assert (before["nps"], before["nps_age"], before["csat"], before["csat_age"]) == (9, 49, None, None)


def test_invoices_are_overdue_from_the_day_after_they_were_due_until_they_are_paid(now):
    account, today = customer(now), now.date()
    make.invoice(account, today - 14 * DAY)
    make.invoice(account, today - 60 * DAY, state="paid", paid_on=today - 10 * DAY)
    make.invoice(account, today - 20 * DAY, state="failed")
    make.invoice(account, today - 200 * DAY, state="void")
    make.invoice(account, today, issued_on=today - 30 * DAY)

    row = row_of(account, now)

    assert (row["invoices_overdue"], row["overdue_days"], row["failed_56"]) == (2, 20, 1)
    before = row_of(account, now - 11 * DAY)
    assert (before["invoices_overdue"], before["overdue_days"]) == (3, 49)
    tomorrow = row_of(account, now + DAY)
    assert tomorrow["invoices_overdue"] == 3


def test_what_a_source_never_told_is_unknown_and_nothing_once_it_told_of_others(now):
    account, other = customer(now), customer(now)
    assert {row_of(account, now)[feature.key] for feature in STORY} == {None}
    make.ticket(other, now - 3 * DAY)
    make.invoice(other, now.date() - 3 * DAY)

    row = row_of(account, now)

    assert (row["tickets_open"], row["ticket_age"], row["invoices_overdue"], row["failed_56"], row["answer_hours"]) == (0, 0, 0, 0, None)
    assert row_of(account, now - 40 * DAY)["tickets_open"] is None


def test_a_change_of_a_record_is_undone_for_every_moment_before_it(now):
    account, today = customer(now), now.date()
    ticket = make.ticket(account, now - 20 * DAY)
    answer = make.response(account, now - 20 * DAY, score=9)
    bill = make.invoice(account, today - 20 * DAY)
    failing = make.invoice(account, today - 10 * DAY)
    for row, changes, at in (
        (ticket, {"priority": "p1"}, now - 5 * DAY),
        (answer, {"score": 2}, now - 5 * DAY),
        # Told today, of a payment a week ago.
        (bill, {"state": "paid", "paid_on": today - 7 * DAY}, now),
        (failing, {"state": "failed"}, now - 5 * DAY),
    ):
        edit_record(row, changes=changes, actor=ACTOR, now=at)

    then, present = row_of(account, now - 6 * DAY), row_of(account, now)

    assert (then["tickets_severe"], then["nps"], then["invoices_overdue"], then["failed_56"]) == (0, 9, 2, 0)
    assert (present["tickets_severe"], present["nps"], present["invoices_overdue"], present["failed_56"]) == (1, 2, 1, 1)
    assert row_of(account, now - DAY)["invoices_overdue"] == 2


LATE = st.sampled_from(
    ["open", "answer", "solve", "reopen", "raise", "survey", "correct", "bill", "pay", "fail", "void", "forgive"],
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    late=st.lists(
        st.tuples(LATE, st.integers(0, 3), st.timedeltas(min_value=timedelta(microseconds=1), max_value=timedelta(days=90))), min_size=1, max_size=12
    ),
    hour=st.sampled_from([0, 9]),
)
def test_nothing_that_is_written_later_changes_an_earlier_row(late, hour, now):
    as_of = now.replace(hour=hour)
    Account.objects.all().delete()
    accounts = [customer(now) for _ in range(3)]
    for account in accounts:
        make.ticket(account, as_of - 9 * DAY)
        make.ticket(account, as_of - 30 * DAY, solved_at=as_of - 3 * DAY, state="solved", priority="p2")
        make.response(account, as_of - 30 * DAY, score=6)
        make.invoice(account, as_of.date() - 9 * DAY)
        make.invoice(account, as_of.date() - 40 * DAY, state="failed")
    before = features.rows(as_of=as_of)

    for what, place, delay in sorted(late, key=lambda one: one[2]):
        _write_later(accounts[place % 3], what, as_of + delay)

    assert features.rows(as_of=as_of) == before


def _write_later(account: Account, what: str, at: datetime) -> None:
    ticket = Ticket.objects.filter(account=account).earliest("id")
    solved = Ticket.objects.filter(account=account).order_by("id")[1]
    bill = Invoice.objects.filter(account=account).earliest("id")
    answer = SurveyResponse.objects.filter(account=account).earliest("id")
    if what == "open":
        make.ticket(account, at, priority="p1")
    elif what == "survey":
        make.response(account, at, score=1)
    elif what == "bill":
        make.invoice(account, at.date() + DAY)
    else:
        row, changes = {
            "answer": (ticket, {"answered_at": at}),
            "solve": (ticket, {"state": "solved", "solved_at": at}),
            "reopen": (solved, {"state": "open", "solved_at": None}),
            "raise": (ticket, {"priority": "p1"}),
            "correct": (answer, {"score": 10}),
            # A payment is told later than it was made.
            "pay": (bill, {"state": "paid", "paid_on": at.date() - 8 * DAY}),
            "fail": (bill, {"state": "failed"}),
            "void": (bill, {"state": "void"}),
            "forgive": (bill, {"due_on": at.date() + 30 * DAY}),
        }[what]
        edit_record(row, changes=changes, actor=ACTOR, now=at)


def test_all_accounts_and_some_read_the_same_story_by_one_statement_each(now):
    accounts = [customer(now) for _ in range(4)]
    for place, account in enumerate(accounts):
        for back in range(place):
            make.ticket(account, now - back * 11 * DAY, answered_at=now - back * 11 * DAY + timedelta(hours=back))
            make.response(account, now - back * 9 * DAY, score=back)
            make.invoice(account, now.date() - back * 7 * DAY)
    every = {row["id"]: row for row in features.rows(as_of=now)}

    with CaptureQueriesContext(connection) as asked:
        some = features.rows(as_of=now, account_ids=[accounts[1].pk, accounts[3].pk])

    assert len(asked) == 1
    assert some == [every[accounts[1].pk], every[accounts[3].pk]]


@pytest.mark.parametrize(
    ("key", "row", "told"),
    [
        ("tickets_severe", {"tickets_severe": 2.0}, "2 severe tickets open"),
        ("tickets_severe", {"tickets_severe": 1.0}, "1 severe ticket open"),
        ("tickets_open", {"tickets_open": 0.0}, "No tickets open"),
        ("ticket_age", {"ticket_age": 12.0}, "Oldest open ticket waits for 12 days"),
        ("ticket_age", {"ticket_age": 0.0}, "No ticket waits"),
        ("overdue_days", {"overdue_days": 14.0}, "Invoice 14 days overdue"),
        ("overdue_days", {"overdue_days": None}, "No invoice has ever arrived"),
        ("nps", {"nps": 3.0, "nps_age": 40.0}, "Last NPS 3 of 10, 40 days ago"),
        ("nps", {"nps": 9.0, "nps_age": 0.0}, "Last NPS 9 of 10, today"),
        ("nps", {"nps": None, "nps_age": None}, "No NPS answer yet"),
        ("csat", {"csat": 5.0, "csat_age": 1.0}, "Last CSAT 5 of 5, 1 day ago"),
        ("answer_hours", {"answer_hours": 7.5}, "First answers to tickets after 7.5 hours"),
        ("failed_56", {"failed_56": 1.0}, "1 failed invoice in 8 weeks"),
    ],
)
def test_reasons_say_it_in_plain_words(key, row, told):
    (reason,) = reasons({key: 0.5}, row)
    assert reason.words == told


def test_every_feature_says_what_it_is_where_it_comes_from_and_what_its_absence_means():
    for feature in STORY:
        assert feature.unit
        assert feature.source in {"tickets", "surveys", "invoices"}
        assert describe(feature.key) is feature
        assert words.sentence(feature.key, None) == feature.missing != ""


@pytest.mark.parametrize("model", [Ticket, SurveyResponse, Invoice, Contact])
def test_news_of_a_record_waits_for_a_fresh_score(model, now):
    account = customer(now)
    day = now.date()
    values: dict[type, dict[str, object]] = {
        Ticket: {"opened_at": now},
        SurveyResponse: {"kind": "nps", "score": 2, "at": now},
        Invoice: {"amount": 10, "issued_on": day, "due_on": day},
        Contact: {},
    }

    bring_records(model, [RecordFacts("new", account.external_id, values=values[model])], source="desk", actor=ACTOR, now=now)
    services.sweep(now=now + DAY)

    assert AccountRisk.objects.get(account=account).stale_since is not None


def test_a_note_or_a_word_from_the_admin_waits_for_a_fresh_score(now):
    account = customer(now)

    accounts_services.tell([account.pk], what="ticket", actor=ACTOR, now=now)
    services.sweep(now=now + DAY)

    assert AccountRisk.objects.get(account=account).stale_since is not None


def test_a_reply_waits_for_a_fresh_score(now):
    account = customer(now)
    message = make.message(make.contact(account), now=now, state="sent", sent_at=now)

    messaging.record_reply(token=message.reply_token, text="Thank you", now=now)
    services.sweep(now=now + DAY)

    assert AccountRisk.objects.get(account=account).stale_since is not None
