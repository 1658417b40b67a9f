from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts import services as accounts
from apps.accounts.models import Invoice, Note, Promise, Pulse, SurveyResponse, Ticket
from apps.accounts.types import Role
from apps.core.actor import Actor
from apps.core.reading import read
from apps.dashboards.models import AccountVisit
from apps.dashboards.selectors import record, timeline
from apps.dashboards.types import Kind
from apps.events import services as events
from apps.events.vocabulary import AccountChurned, RiskRaised
from apps.interventions.models import StepRecord
from tests import make

pytestmark = pytest.mark.django_db


def titles(account, before, kind=""):
    return [moment.title for moment in read(timeline.page(account, before=before, kind=kind))[0]]


@pytest.fixture
def riverside(csm, now):
    """An account with one of everything."""
    account = make.account(owner=csm, name="Riverside Dental")
    person = make.contact(account, name="Sam Reed")
    make.risk(account, now=now, probability=0.62)
    make.activity(account, now - timedelta(days=2), now - timedelta(days=2), now - timedelta(days=3))
    make.activity(account, now - timedelta(days=2), name="export")
    events.publish(
        RiskRaised(account_id=account.pk, prediction_id=1, from_band="medium", to_band="high", probability=0.62),
        actor=Actor.job("test"),
        now=now - timedelta(hours=9),
    )
    alert = make.alert(
        account, now=now - timedelta(hours=8), state="resolved", acknowledged_at=now - timedelta(hours=7), resolved_at=now - timedelta(hours=6)
    )
    run = make.enrolment(
        account, now=now - timedelta(hours=5), of=make.play(name="Save it"), state="ended", exit_reason="replied", ended_at=now - timedelta(hours=1)
    )
    StepRecord.objects.create(enrolment=run, position=0, kind="message", at=now - timedelta(hours=4), what="Email “Can we help?” to Sam Reed")
    make.message(
        person, now=now - timedelta(hours=4), subject="Can we help?", state="replied", replied_at=now - timedelta(hours=2), reply="Yes please"
    )
    make.task(account, now=now - timedelta(hours=3), title="Call Sam", state="done", closed_at=now - timedelta(minutes=30), outcome="They stay")
    return account, alert, run


def test_the_story_tells_everything_newest_first(riverside, now):
    account, alert, _ = riverside
    told = titles(account, now)
    expected = [
        "Task done",
        "“Save it” ended",
        "Sam Reed replied",
        "Task: Call Sam",
        "Can we help?",
        "Email “Can we help?” to Sam Reed",
        "Play “Save it” began",
        "Alert resolved",
        "Alert acknowledged",
        f"Alert: {alert.title}",
        "Risk rose to high",
        "3 actions in the product",
        "1 action in the product",
    ]
    assert sorted(told) == sorted(expected)
    moments, older = read(timeline.page(account, before=now))
    assert [moment.at for moment in moments] == sorted((moment.at for moment in moments), reverse=True)
    assert older is None


@pytest.mark.parametrize(("kind", "count"), [(Kind.ACTIVITY, 2), (Kind.MESSAGE, 2), (Kind.ALERT, 3), (Kind.PLAY, 3), (Kind.TASK, 2), (Kind.RISK, 1)])
def test_the_story_narrows_to_one_kind(riverside, now, kind, count):
    moments, _ = read(timeline.page(riverside[0], before=now, kind=kind))
    assert (len(moments), {moment.kind for moment in moments}) == (count, {kind})


def test_activity_of_a_day_is_one_moment_with_a_count_per_name(riverside, now):
    moments, _ = read(timeline.page(riverside[0], before=now, kind=Kind.ACTIVITY))
    assert moments[0].chips == (("login", 2), ("export", 1))


def test_a_long_story_is_told_in_pages_that_neither_overlap_nor_skip(csm, now):
    account = make.account(owner=csm)
    for number in range(95):
        make.alert(account, now=now - timedelta(minutes=number + 1), title=f"{number}")
    told, before = [], now
    while before is not None:
        moments, older = read(timeline.page(account, before=before))
        told += [moment.title for moment in moments]
        before = older
    assert told == [f"Alert: {number}" for number in range(95)]


def test_days_are_the_readers_days(csm):
    account = make.account(owner=csm)
    late = datetime(2026, 3, 11, 23, 30, tzinfo=ZoneInfo("UTC"))
    make.alert(account, now=late)
    moments, _ = read(timeline.page(account, before=late + timedelta(hours=1)))
    assert [day.isoformat() for day, _ in timeline.by_day(moments, ZoneInfo("Europe/Berlin"))] == ["2026-03-12"]


def test_a_customer_who_left_is_told(csm, now):
    account = make.account(owner=csm)
    events.publish(AccountChurned(account_id=account.pk, on="2026-03-01"), actor=Actor.job("test"), now=now - timedelta(minutes=1))
    assert titles(account, now) == ["The customer left"]


def test_a_held_out_run_says_that_nothing_is_sent(staff, csm, now):
    account = make.account(owner=csm)
    make.enrolment(account, now=now, arm="held_out", of=make.play(name="Save it"))
    text = staff.get(reverse("account", args=[account.pk])).content.decode()
    assert "Nothing is sent." in text
    assert "Held out of “Save it”" in text


@pytest.mark.parametrize(
    ("position", "words"),
    [
        (0, "Email message: “save fading”"),
        (1, "Wait 5 minutes"),
        (2, "In-app message: “save fading”"),
        (3, "Task for the success manager: Call"),
        (4, "Watch for the goal until its window ends"),
        (5, "Watch for the goal until the window ends"),
    ],
)
def test_a_running_play_says_what_comes_next(csm, now, position, words):
    account = make.account(owner=csm)
    steps = [
        {"kind": "message", "channel": "email", "template": "save-fading"},
        {"kind": "wait", "minutes": 5},
        {"kind": "message", "channel": "in_app", "template": "save-fading"},
        {"kind": "task", "title": "Call"},
        {"kind": "watch"},
    ]
    make.enrolment(account, now=now, of=make.play(says={"steps": steps}), position=position)
    (run,) = read(record.record(csm, account, now=now)).runs
    assert run.step == words


def test_the_risk_card_says_what_the_number_is(csm, now):
    account, other = make.account(owner=csm), make.account(owner=csm)
    make.risk(account, now=now, probability=0.62)
    make.risk(other, now=now, probability=0.62, source="logistic v3")
    ruled, modelled = (read(record.record(csm, each, now=now)) for each in (account, other))
    assert (ruled.risk.shown, modelled.risk.shown) == ("62", "62 %")
    assert "not a probability" in ruled.meaning
    assert modelled.meaning == "Of 100 accounts that look like this one, about 62 leave within 90 days."
    assert [(why.words, why.raises, why.share) for why in ruled.risk.whys] == [
        ("No activity for 23 days", True, 100),
        ("Customer for 3 years", False, 22),
    ]


def test_the_page_tells_the_health_of_the_data(staff, csm, now):
    account = make.account(owner=csm)
    silent = staff.get(reverse("account", args=[account.pk])).content.decode()
    assert "no activity was ever received" in silent
    assert "no contact with an email address" in silent

    make.contact(account, email="")
    make.contact(account)
    make.activity(account, now, name="strange.event")
    told = staff.get(reverse("account", args=[account.pk])).content.decode()
    for words in ["activity last received", "1 event name", "1 waits for a meaning", "1 of 2 people reachable by email"]:
        assert words in told, words


@pytest.mark.parametrize("part", ["head", "side", "story"])
def test_parts_are_fetched_alone_and_only_from_the_own_book(staff, csm, riverside, part):
    theirs = make.account(owner=make.user())
    mine = staff.get(reverse("account", args=[riverside[0].pk]) + f"?part={part}", HTTP_HX_REQUEST="true")
    assert mine.status_code == 200
    assert "<html" not in mine.content.decode()
    assert staff.get(reverse("account", args=[theirs.pk]) + f"?part={part}", HTTP_HX_REQUEST="true").status_code == 404


def test_older_days_are_asked_for_by_the_moment_they_end(staff, csm, now):
    account = make.account(owner=csm)
    make.alert(account, now=now - timedelta(days=1), title="new one")
    make.alert(account, now=now - timedelta(days=9), title="old one")
    answer = staff.get(
        reverse("account", args=[account.pk]), {"part": "older", "before": (now - timedelta(days=5)).isoformat()}, HTTP_HX_REQUEST="true"
    )
    assert "old one" in answer.content.decode()
    assert "new one" not in answer.content.decode()
    assert staff.get(reverse("account", args=[account.pk]) + "?before=nonsense").status_code == 200


def test_what_customers_write_is_never_markup(staff, csm, now):
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    account = make.account(owner=csm, name=evil, plan=evil, traits={evil: evil})
    person = make.contact(account, name=evil)
    make.risk(account, now=now, probability=0.9)
    make.alert(account, now=now, title=evil, why=[evil])
    make.task(account, now=now, title=evil, why=evil)
    make.message(person, now=now, subject=evil, state="replied", replied_at=now, reply=evil)
    make.activity(account, now, name=evil)
    for path in ["/", "/portfolio/", "/alerts/", "/tasks/", "/board/", reverse("account", args=[account.pk])]:
        text = staff.get(path).content.decode()
        assert "<script>alert" not in text, path
        assert "<img src=x" not in text, path


def test_what_was_said_stands_in_the_story_and_nothing_later_than_asked(now):
    account = make.account()
    sam = make.contact(account, name="Sam Reed")
    day, today = timedelta(days=1), now.date()
    Note.objects.create(account=account, author=None, kind="call", body="They plan a second site.", at=now - day, created_at=now)
    Promise.objects.create(account=account, text="Send the offer", due_on=today, state="kept", created_at=now - 3 * day, settled_at=now - day)
    Pulse.objects.create(account=account, value=35, reason="New boss", at=now - 2 * day)
    Ticket.objects.create(
        account=account,
        contact=sam,
        source="desk",
        external_id="1",
        subject="Sync fails",
        priority="p1",
        opened_at=now - 5 * day,
        state="solved",
        solved_at=now - 4 * day,
    )
    SurveyResponse.objects.create(
        account=account, contact=sam, source="s", external_id="1", kind="nps", score=3, comment="Too slow", at=now - 6 * day
    )
    Invoice.objects.create(
        account=account, external_id="i1", number="R-7", amount=1200, currency="EUR", issued_on=today - 30 * day, due_on=today - 2 * day
    )

    assert titles(account, now) == [
        "Call by somebody who left",
        "Promise kept",
        "Pulse 35 of 100 by somebody who left",
        "We promised: Send the offer",
        "Ticket solved",
        "Ticket: Sync fails",
        "NPS 3 of 10 from Sam Reed",
        "Invoice R-7 over 1,200.00 EUR",
    ]
    assert titles(account, now, kind=Kind.TICKET) == ["Ticket solved", "Ticket: Sync fails"]
    assert titles(account, now - 4 * day) == ["Ticket: Sync fails", "NPS 3 of 10 from Sam Reed", "Invoice R-7 over 1,200.00 EUR"]
    (bill,) = read(timeline.page(account, before=now, kind=Kind.BILLING))[0]
    assert (bill.pill.word, bill.pill.tone, bill.whole_day) == ("overdue", "bad", True)
    (answer,) = read(timeline.page(account, before=now, kind=Kind.SURVEY))[0]
    assert (answer.detail, answer.pill.tone) == ("Too slow", "bad")


@pytest.mark.parametrize("tab", ["story", "risk", "people", "use", "money", "voice", "facts"])
def test_every_tab_costs_six_statements_at_most_also_when_much_is_new(staff, csm, riverside, now, tab):
    account = riverside[0]
    path, asked = reverse("account", args=[account.pk]), {"tab": tab}
    staff.get(path, asked)
    long_ago = now - timedelta(days=9)
    AccountVisit.objects.update(at=long_ago)
    accounts.edit(account, changes={"tier": "gold"}, actor=Actor.user(make.user(Role.CSM)), now=now - timedelta(hours=1))
    with CaptureQueriesContext(connection) as queries:
        page = staff.get(path, asked)
    assert page.context["since"].at == long_ago
    assert [step.after for step in page.context["since"].fields] == ["gold"]
    assert len(queries) <= 6
    with CaptureQueriesContext(connection) as queries:
        assert staff.get(path, asked | {"part": "tab"}, HTTP_HX_REQUEST="true").status_code == 200
    assert len(queries) <= 5
