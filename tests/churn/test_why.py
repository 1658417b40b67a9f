"""From a reason of a risk down to the rows that were counted: exactly those, and none that came in later."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.accounts.models import Account, ActivityEvent, Invoice, Note, SurveyResponse, Ticket
from apps.churn import features, services
from apps.churn.models import AccountRisk
from apps.churn.registry import COUNTED, describe
from apps.churn.selectors import shifts, why
from apps.core.actor import Actor
from apps.core.reading import read
from apps.events.models import Change
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")
DAY = timedelta(days=1)
NOON = datetime(2026, 3, 18, 12, tzinfo=UTC)


@pytest.fixture
def busy():
    """A customer with a long pattern, a falling month, trouble of each kind and something today."""
    account = make.account(started_on=NOON.date() - 500 * DAY)
    make.meanings(**{"ticket.opened": "support", "charge.failed": "payment", "cancel.seen": "leaving", "invoice.paid": "billing"})
    make.weeks_of_use(account, until=NOON - 30 * DAY, weeks=20, per_week=6)
    make.weeks_of_use(account, until=NOON - 5 * DAY, weeks=3, per_week=2)
    make.activity(account, NOON - timedelta(hours=2), NOON - 3 * DAY, name="ticket.opened")
    make.activity(account, NOON - 40 * DAY, name="charge.failed")
    make.activity(account, NOON - 2 * DAY, name="cancel.seen")
    make.activity(account, NOON - 2 * DAY, name="invoice.paid")
    return account


def rows_of(account, key, as_of=NOON, **more):
    return read(why.behind(account, key, as_of=as_of, **more))


@pytest.mark.parametrize("as_of", [NOON, NOON.replace(hour=0), NOON - 9 * DAY], ids=["noon", "midnight", "earlier"])
@pytest.mark.parametrize("key", ["n_7", "n_28", "n_28_before", "n_112", "n_year", "support_28", "payment_56", "leaving_28", "name:login"])
def test_as_many_rows_are_found_as_the_figure_counted(busy, key, as_of):
    (row,) = features.rows(as_of=as_of, account_ids=[busy.pk], names=["login"])
    found = rows_of(busy, key, as_of, known=NOON, limit=1_000)
    assert len(found.facts) == row[key]
    assert all(fact.at <= as_of for fact in found.facts)
    assert [fact.at for fact in found.facts] == sorted((fact.at for fact in found.facts), reverse=True)
    assert sum(name.count for name in found.names) == row[key]


def test_silence_is_told_by_the_last_activity_before_it(busy):
    (row,) = features.rows(as_of=NOON, account_ids=[busy.pk])
    found = rows_of(busy, "since")
    assert (NOON.date() - found.facts[0].at.date()).days == row["since"]
    assert found.facts[0].title == "login"


def test_a_trend_is_told_beside_what_is_usual(busy):
    (login,) = rows_of(busy, "trend_28").names
    (row,) = features.rows(as_of=NOON, account_ids=[busy.pk])
    assert login.count == row["n_28"]
    assert login.usual == pytest.approx(row["n_28"] and 24, abs=4)


def test_what_came_in_after_the_score_did_not_count_and_is_said_to_be_late(busy):
    late = make.account(started_on=NOON.date() - 500 * DAY)
    make.activity(late, NOON - 3 * DAY)
    ActivityEvent.objects.filter(account=late).update(received_at=NOON + 2 * DAY)
    make.activity(late, NOON - 4 * DAY)
    found = rows_of(late, "n_28")
    assert ([fact.at for fact in found.facts], found.late) == ([NOON - 4 * DAY], 1)
    assert rows_of(late, "n_28", known=NOON + 3 * DAY).late == 0


def test_later_events_change_nothing_that_was_told(busy):
    before = [rows_of(busy, feature.key) for feature in COUNTED]
    make.activity(busy, NOON + DAY, NOON + 2 * DAY)
    make.activity(busy, NOON + timedelta(hours=1), name="ticket.opened")
    Change.objects.create(
        subject=f"account:{busy.pk}", field="renews_on", before=None, after="2027-01-01", actor="user:1", source="staff", at=NOON + DAY
    )
    Account.objects.filter(pk=busy.pk).update(renews_on="2027-01-01")
    busy.refresh_from_db()
    assert [rows_of(busy, feature.key) for feature in COUNTED] == before


def test_the_rows_come_in_pages_that_neither_overlap_nor_skip(busy):
    whole = [fact.key for fact in rows_of(busy, "n_year", limit=1_000).facts]
    told, before = [], ""
    for _ in range(100):
        page = rows_of(busy, "n_year", before=before, limit=7)
        told += [fact.key for fact in page.facts]
        before = page.older
        if not before:
            break
    assert told == whole
    assert len(whole) > 50
    assert rows_of(busy, "n_year", before="nonsense~1").facts == rows_of(busy, "n_year").facts


def test_tickets_and_invoices_stand_beside_in_the_state_of_then(busy):
    Ticket.objects.create(
        account=busy, source="desk", external_id="1", subject="Sync fails", opened_at=NOON - 90 * DAY, state="solved", solved_at=NOON + DAY
    )
    Ticket.objects.create(account=busy, source="desk", external_id="2", subject="Later", opened_at=NOON + DAY)
    Invoice.objects.create(
        account=busy,
        external_id="i1",
        number="R-7",
        amount=1200,
        currency="EUR",
        issued_on=NOON.date() - 20 * DAY,
        due_on=NOON.date() - 6 * DAY,
        state="paid",
        paid_on=NOON.date() + DAY,
    )
    (ticket,) = rows_of(busy, "support_28").beside
    assert (ticket.kind, ticket.title, ticket.detail.endswith("open")) == ("ticket", "Sync fails", True)
    (invoice,) = rows_of(busy, "payment_56").beside
    assert (invoice.title, invoice.detail) == ("Invoice R-7 over 1,200.00 EUR", "due 12 Mar 2026 · overdue")


@pytest.mark.parametrize("as_of", [NOON, NOON - 5 * DAY], ids=["noon", "earlier"])
@pytest.mark.parametrize("key", ["tickets_open", "tickets_severe", "tickets_28", "tickets_90", "invoices_overdue", "failed_56"])
def test_as_many_records_are_found_as_the_figure_counted(busy, key, as_of):
    for number in range(8):
        opened = NOON - (13 * number + 1) * DAY
        solved = opened + 9 * DAY if number % 2 else None
        fields = {"state": "solved" if solved else "open", "solved_at": solved, "priority": "p1" if number % 3 else "p3"}
        Ticket.objects.create(account=busy, source="desk", external_id=str(number), subject=f"T{number}", opened_at=opened, **fields)
        due, paid = opened.date(), (opened + 9 * DAY).date() if number % 2 else None
        billed = {"amount": 10, "currency": "EUR", "issued_on": due - 14 * DAY, "due_on": due, "paid_on": paid}
        Invoice.objects.create(account=busy, external_id=f"i{number}", state="failed" if number % 3 == 0 else "open", **billed)
    reopened = Ticket.objects.get(external_id="0")
    about = {"subject": f"ticket:{reopened.pk}", "actor": "user:1", "source": "staff", "at": NOON - 2 * DAY}
    Change.objects.create(**about, field="priority", before="p1", after="p3")
    (row,) = features.rows(as_of=as_of, account_ids=[busy.pk])
    found = rows_of(busy, key, as_of, limit=100)
    assert len(found.facts) == row[key] > 0
    assert {fact.kind for fact in found.facts} <= {"ticket", "invoice"}


def test_the_last_answers_stand_behind_a_survey(busy):
    for back, score in ((20, 3), (2, 9), (-1, 1)):
        SurveyResponse.objects.create(account=busy, source="s", external_id=str(back), kind="nps", score=score, comment="Slow", at=NOON - back * DAY)
    found = rows_of(busy, "nps")
    assert [(fact.title, fact.detail) for fact in found.facts] == [("NPS 9", "Slow"), ("NPS 3", "Slow")]


def test_people_words_messages_and_health_are_told_as_they_were(busy):
    Account.objects.filter(pk=busy.pk).update(created_at=NOON - 500 * DAY)
    busy.refresh_from_db()
    boss = make.contact(busy, name="Ada Boss", role="sponsor", departed_on=NOON.date() - 9 * DAY)
    stays = make.contact(busy, name="Sam Reed", role="champion", departed_on=NOON.date() + 9 * DAY)
    Note.objects.create(account=busy, kind="call", body="They plan a second site.", at=NOON - 4 * DAY, created_at=NOON - 4 * DAY)
    Note.objects.create(account=busy, kind="call", body="Later", at=NOON + DAY, created_at=NOON + DAY)
    sent = make.message(stays, now=NOON - 3 * DAY, sent_at=NOON - 3 * DAY, replied_at=NOON - 2 * DAY, reply="Yes", subject="Hello")
    make.message(stays, now=NOON - 3 * DAY, sent_at=NOON - 3 * DAY, lane="save")
    (row,) = features.rows(as_of=NOON, account_ids=[busy.pk])
    for key in ("people", "leads", "leads_left_90", "sent_28", "opened_28", "replied_28"):
        assert len(rows_of(busy, key).facts) == row[key], key
    assert [fact.title for fact in rows_of(busy, "leads_left_90").facts] == [str(boss)]
    assert [fact.title for fact in rows_of(busy, "leads").facts] == [str(stays)]
    assert [(fact.kind, fact.key) for fact in rows_of(busy, "replied_28").facts] == [("message", sent.pk)]
    told = rows_of(busy, "two_way_days").facts
    assert [fact.kind for fact in told] == ["message", "note"]
    assert (NOON.date() - told[0].at.date()).days == row["two_way_days"]
    assert rows_of(busy, "health").facts == ()


def test_a_field_is_told_as_it_stood_with_the_changes_until_then():
    account = make.account(renews_on=NOON.date() + 300 * DAY, plan="Gold", traits={"Contract": "yearly", "signed": "2025-01-01"})
    about = {"subject": f"account:{account.pk}", "actor": "user:1", "source": "staff"}
    Change.objects.create(**about, field="plan", before="Silver", after="Bronze", at=NOON - DAY)
    Change.objects.create(**about, field="plan", before="Bronze", after="Gold", at=NOON + DAY)
    assert [fact.title for fact in rows_of(account, "plan").facts] == ["The record said: Bronze", "Became Bronze"]
    assert [fact.title for fact in rows_of(account, "plan", NOON + 2 * DAY).facts] == ["The record said: Gold", "Became Gold", "Became Bronze"]
    assert rows_of(account, "trait:Contract").facts[0].title == "The record said: yearly"
    assert rows_of(account, "dated:signed").facts[0].title == "The record said: 2025-01-01"
    assert rows_of(account, "renewal").facts[0].title == f"The record said: {account.renews_on:%-d %b %Y}"


def test_every_figure_of_the_registry_has_its_rows_and_one_that_is_counted_no_more_has_none(busy):
    for key in [*(feature.key for feature in COUNTED), "arr", "seats", "plan", "name:login", "trait:x", "dated:x"]:
        assert rows_of(busy, key).family == describe(key).family
    assert rows_of(busy, "recency") == why.Behind("recency", "recency")


def test_every_reason_of_a_stored_score_leads_to_rows(busy, now):
    make.weeks_of_use(busy, until=now - 30 * DAY, weeks=12, per_week=5)
    services.ensure_default(now=now)
    services.score_all(as_of=now, now=now, actor=ACTOR)
    risk = AccountRisk.objects.get(account=busy)
    assert len(risk.reasons) >= 3
    for reason in risk.reasons:
        found = rows_of(busy, reason["feature"], risk.prediction.as_of, known=risk.prediction.created_at)
        assert found.facts or reason["value"] in (0, None), reason


def test_reasons_are_compared_by_family_the_largest_move_first():
    now = [
        {"feature": "n_28", "words": "Only 3 actions", "value": 3, "contribution": 0.9},
        {"feature": "tenure", "words": "Customer for 2 years", "value": 700, "contribution": -0.2},
    ]
    before = [
        {"feature": "n_7", "words": "9 actions", "value": 9, "contribution": 0.1},
        {"feature": "support_28", "words": "3 support problems", "value": 3, "contribution": 0.3},
        {"feature": "tenure", "words": "Customer for 2 years", "value": 693, "contribution": -0.2},
    ]
    found = [(shift.words, round(shift.change, 6)) for shift in shifts(now, before)]
    assert found == [("Only 3 actions", 0.8), ("No longer: 3 support problems", -0.3), ("Customer for 2 years", 0.0)]
