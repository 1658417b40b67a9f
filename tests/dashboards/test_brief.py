"""A call's brief against golden texts, the clock at Wednesday, 11 March 2026, 12:00 UTC; UPDATE_GOLDEN=1 writes them anew, for review."""

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.urls import reverse

from apps.accounts import services as accounts
from apps.accounts.models import Note, Promise, Pulse
from apps.accounts.types import PromiseState
from apps.core.errors import Refused
from apps.core.reading import read
from apps.dashboards.selectors import brief
from apps.events.models import Event
from apps.interventions import handlers
from apps.interventions import services as interventions
from apps.interventions.models import Task, TaskSource
from apps.interventions.types import TaskResult
from apps.messaging.models import Consent
from tests import make

pytestmark = pytest.mark.django_db
GOLDEN = Path(__file__).parent / "golden"
NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)


def told(account):
    found = type(account).objects.select_related("risk", "owner").get(pk=account.pk)
    return read(brief.brief(found, now=NOW))


def assert_golden(name, text):
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text)
    assert text == path.read_text()


@pytest.fixture
def owner():
    return make.user(email="dana@staff.test")


@pytest.fixture
def riverside(owner):
    """A customer of whom much is known; spoken with three weeks ago."""
    account = make.account(
        owner=owner, name="Riverside Dental", arr=24_000, renews_on=date(2026, 4, 21), time_zone="America/New_York", seats=20, seats_used=8
    )
    champion = make.contact(account, name="Ada Reed", role="champion", phone="+1 555 0100", influence=4)
    make.contact(account, name="Sam Ort", role="admin", phone="+1 555 0101", time_zone="Asia/Tokyo")
    make.contact(account, name="Kim Lee", role="sponsor", departed_on=date(2026, 3, 2), influence=5)
    talk = NOW - timedelta(days=21)
    make.risk(account, now=talk - timedelta(days=1), probability=0.44, source="logistic v3")
    Note.objects.create(account=account, author=owner, kind="call", body="A good call.", at=talk, created_at=talk)
    reasons = [
        {"feature": "recency", "words": "No activity for 9 days", "value": 9, "contribution": 0.9},
        {"feature": "tickets", "words": "2 tickets open", "value": 2, "contribution": 0.4},
        {"feature": "tenure", "words": "Customer for 3 years", "value": 1095, "contribution": -0.2},
    ]
    scored = make.prediction(account, now=NOW - timedelta(hours=2), probability=0.62, reasons=reasons)
    type(account.risk).objects.filter(account=account).update(prediction=scored, probability=0.62, band="high", reasons=reasons, as_of=scored.as_of)
    make.weeks_of_use(account, until=datetime(2026, 2, 16, tzinfo=UTC), weeks=8, per_week=40)
    make.activity(account, *[datetime(2026, 2, 25, 9, minute, tzinfo=UTC) for minute in range(12)])
    make.ticket(account, NOW - timedelta(days=5), subject="Calendar does not sync", priority="p1")
    make.ticket(account, NOW - timedelta(days=18), subject="Export is slow", solved_at=NOW - timedelta(days=10))
    make.invoice(account, date(2026, 2, 20), number="2026-041")
    make.response(account, NOW - timedelta(days=4), score=4, comment="Too many double bookings", contact=champion)
    message = make.message(
        champion, now=NOW - timedelta(days=6), state="replied", sent_at=NOW - timedelta(days=6), replied_at=NOW - timedelta(days=5)
    )
    type(message).objects.filter(pk=message.pk).update(subject="Is all well?", reply="Not really, call me.")
    champion.last_two_way_at = message.replied_at
    champion.save()
    Promise.objects.create(account=account, text="Send the training plan", due_on=date(2026, 3, 6), owner=owner, created_at=talk)
    Promise.objects.create(account=account, text="Name a new admin", due_on=date(2026, 3, 20), by_customer=True, owner=owner, created_at=talk)
    return account


def test_the_brief_of_a_customer_of_whom_much_is_known(riverside):
    assert_golden("brief_riverside", brief.as_text(told(riverside)))


def test_the_brief_of_a_customer_of_whom_nothing_is_known(owner):
    assert_golden("brief_empty", brief.as_text(told(make.account(owner=owner, name="Lakeside", arr=0))))


def test_the_same_signs_ask_the_same_three_questions_each_with_what_made_it(riverside):
    first, again = told(riverside), told(riverside)
    assert first.questions == again.questions
    assert len(first.questions) == 3
    assert all(question.because for question in first.questions)


def test_who_refuses_calls_is_not_the_one_to_call(riverside):
    champion = riverside.contacts.get(name="Ada Reed")
    assert str(told(riverside).callee.contact) == "Ada Reed"
    Consent.objects.create(contact=champion, channel="voice", allowed=False, source="test", at=NOW - timedelta(days=1))
    found = told(riverside)
    assert (str(found.callee.contact), [one.refuses for one in found.others]) == ("Sam Ort", [True])


def test_one_note_goes_to_the_story_the_promises_their_tasks_and_the_task_it_was_about(riverside, owner):
    task = make.task(riverside, now=NOW)
    promises = [
        accounts.Promised("Send the offer", date(2026, 3, 13)),
        accounts.Promised("Name an admin", date(2026, 3, 14), by_customer=True),
    ]
    note = interventions.capture(
        riverside, author=owner, body="They stay.", actor=make.ACTOR, now=NOW, task=task, result=TaskResult.SAVED, promises=promises, pulse=70
    )
    task.refresh_from_db()
    assert (task.state, task.result, task.outcome) == ("done", "saved", "They stay.")
    made = Task.objects.get(reason="promise")
    assert (made.title, made.owner, made.due_at, made.type) == ("Send the offer", owner, datetime(2026, 3, 13, 9, tzinfo=UTC), "activity")
    assert TaskSource.objects.get(task=made).key == f"note:{note.pk}"
    assert (note.promises.count(), Pulse.objects.get().value) == (2, 70)


def test_a_note_that_cannot_be_kept_closes_nothing(riverside, owner):
    task = make.task(riverside, now=NOW)
    with pytest.raises(Refused, match="The note is empty"):
        interventions.capture(riverside, author=owner, body=" ", actor=make.ACTOR, now=NOW, task=task)
    interventions.close_task(task, outcome="x", actor=make.ACTOR, now=NOW)
    notes = Note.objects.count()
    with pytest.raises(Refused, match="closed already"):
        interventions.capture(riverside, author=owner, body="Said.", actor=make.ACTOR, now=NOW, task=task)
    assert Note.objects.count() == notes


@pytest.mark.parametrize(("state", "closed"), [(PromiseState.KEPT, "done"), (PromiseState.DROPPED, "dropped")])
def test_a_settled_promise_closes_its_task(riverside, owner, state, closed):
    interventions.capture(
        riverside, author=owner, body="Said.", actor=make.ACTOR, now=NOW, promises=[accounts.Promised("Send it", date(2026, 3, 13))]
    )
    promise = Promise.objects.get(text="Send it")
    accounts.settle_promise(promise, state=state, actor=make.ACTOR, now=NOW)
    row = Event.objects.filter(type="story.changed", payload__what="promise").latest("id")
    handlers.close_promised(handlers.StoryChanged.revived(row.payload), row)
    assert Task.objects.get(reason="promise").state == closed


def test_the_page_opens_from_a_task_and_from_the_account_and_keeps_the_note(client, riverside, owner):
    client.force_login(owner)
    task = make.task(riverside, now=NOW, title="Call Ada")
    page = client.get(reverse("task_brief", args=[task.pk])).content.decode()
    for words in ("Riverside Dental", "Call Ada", "Ada Reed", "Save and close the task", "because:", "We promised"):
        assert words in page, words
    assert "Save and close" not in client.get(reverse("brief", args=[riverside.pk])).content.decode()
    assert client.get(reverse("brief", args=[riverside.pk]), {"as": "text"})["Content-Type"].startswith("text/plain")
    said = {
        "task": task.pk,
        "body": "She comes back on Monday.",
        "result": "reached",
        "promise": ["Send it"],
        "due": ["2026-03-20"],
        "whose": ["ours"],
    }
    answer = client.post(reverse("capture", args=[riverside.pk]), said)
    task.refresh_from_db()
    assert (answer["Location"], task.state, task.result) == ("/", "done", "reached")


def test_a_brief_of_another_book_is_not_there(client, riverside):
    client.force_login(make.user())
    task = make.task(riverside, now=NOW)
    paths = [reverse("task_brief", args=[task.pk]), reverse("brief", args=[riverside.pk])]
    assert [client.get(path).status_code for path in paths] == [404, 404]
    assert client.post(reverse("capture", args=[riverside.pk]), {"body": "x"}).status_code == 404
