"""The one SQL statement: its figures against plain Python, and that nothing later than its moment can reach it."""

import random
from datetime import UTC, datetime, timedelta
from statistics import mean

import pytest
from django.db import connection

from apps.accounts.models import Account, ActivityEvent, Contact, DailyRollup, Invoice, Note, Pulse, SurveyResponse, Ticket
from apps.health import measured
from apps.health.registry import MEASURES
from apps.milestones.models import Milestone, Progress
from tests import make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NAMES = {"login": "engagement", "report": "core", "sync": "core", "click": "other", "ticket": "support", "refused": "payment", "invoice": "billing"}
USE = ("login", "report", "sync", "click")


def row(account, moment):
    return next((row for row in measured.rows(as_of=moment) if row["id"] == account.pk), None)


def values(account, moment):
    found = row(account, moment)
    return {measure.key: found[measure.key] for measure in MEASURES}


def half_up(number):
    return int(number + 0.5)


def naive(account, moment):
    """Use and adoption, event by event."""
    last = moment.date()
    days = [(event.at.date(), event.name) for event in ActivityEvent.objects.filter(account=account, at__lte=moment)]

    def within(back, names, until=0):
        return [(day, name) for day, name in days if name in names and last - back * DAY < day <= last - until * DAY]

    first = min((day for day, _ in within(112, USE)), default=None)
    before = within(112, USE, 28)
    known = min(84, (last - 27 * DAY - max(account.started_on, first)).days) if first else 0
    kinds = {name for _, name in before}
    core = within(28, ("report", "sync"))
    return {
        "uses_own": min(300, half_up(100 * len(within(28, USE)) * known / (28 * len(before)))) if before and known >= 28 else None,
        "active_days_28": len({day for day, _ in within(28, USE)}),
        "kinds_own": half_up(100 * len(kinds & {name for _, name in within(28, USE)}) / len(kinds)) if kinds else None,
        "core_28": len(core),
        "core_breadth": half_up(100 * len({name for _, name in within(56, ("report", "sync"))}) / 2),
        "core_weeks": len({(last - day).days // 7 for day, _ in within(84, ("report", "sync"))}) if (last - account.started_on).days >= 84 else None,
        "payment_90": len(within(90, ("refused",))),
    }


def test_use_and_adoption_say_what_plain_python_says(now):
    draw = random.Random(3)
    make.meanings(**NAMES)
    for number in range(25):
        account = make.account(started_on=now.date() - draw.randint(0, 200) * DAY)
        reach = draw.choice([30, 90, 150])
        for name in draw.sample(list(NAMES), draw.randint(1, 7)):
            make.activity(account, *[now - timedelta(seconds=draw.randint(0, reach * 86_400)) for _ in range(draw.randint(1, 25))], name=name)
        found = values(account, now)
        assert {key: found[key] for key in naive(account, now)} == naive(account, now), f"account {number}"


def test_the_story_of_an_account_in_figures(now):
    account = make.account(started_on=now.date() - 100 * DAY, renews_on=now.date() + 45 * DAY)
    hour = timedelta(hours=1)
    make.contact(account, role="sponsor")
    make.contact(account, role="champion", departed_on=now.date() - 3 * DAY)
    make.contact(account)
    ticket = {"account": account, "source": "t"}
    Ticket.objects.create(**ticket, external_id="1", opened_at=now - 9 * DAY, answered_at=now - 9 * DAY + 5 * hour)
    Ticket.objects.create(
        **ticket, external_id="2", opened_at=now - 40 * DAY, answered_at=now - 40 * DAY + 2 * hour, solved_at=now - DAY, state="solved"
    )
    Ticket.objects.create(**ticket, external_id="3", opened_at=now - 2 * hour)
    for number, (kind, score) in enumerate([("nps", 8), ("csat", 5), ("ces", 4)]):
        SurveyResponse.objects.create(account=account, source="s", external_id=str(number), kind=kind, score=score, at=now - 30 * DAY)
    Note.objects.create(account=account, kind="note", body="Alone", at=now, created_at=now)
    Note.objects.create(account=account, kind="call", body="Together", at=now - 12 * DAY, created_at=now)
    bill = {"account": account, "amount": 10, "currency": "USD", "issued_on": now.date() - 60 * DAY}
    Invoice.objects.create(**bill, external_id="i1", due_on=now.date() - 20 * DAY)
    Invoice.objects.create(**bill, external_id="i2", due_on=now.date() - 30 * DAY, state="paid", paid_on=now.date() - 10 * DAY)
    Invoice.objects.create(**bill, external_id="i3", due_on=now.date() - 50 * DAY, state="void")
    Invoice.objects.create(**bill, external_id="i4", due_on=now.date() - 5 * DAY, state="failed")
    Pulse.objects.create(account=account, value=30, at=now - 20 * DAY)
    Pulse.objects.create(account=account, value=86, at=now - 5 * DAY)
    found = values(account, now)
    assert {key: float(value) for key, value in found.items() if value is not None and key not in ("active_days_28",)} == {
        "tickets_open": 2,
        "ticket_age": 9,
        "trouble_28": 2,
        "answer_hours": 2.0,
        "two_way_days": 12,
        "people": 2,
        "sponsors": 1,
        "survey": round(mean([80, 100, 50]), 2),
        "pulse": 82.0,
        "overdue_days": 20,
        "payment_90": 1,
        "renewal_days": 45,
    }


def test_what_no_source_tells_is_not_known_rather_than_good(now):
    account = make.account(started_on=now.date() - 100 * DAY)
    assert {key for key, value in values(account, now).items() if value is not None} == set()
    make.story(make.account(), now=now)
    known = {key for key, value in values(account, now).items() if value is not None}
    assert known == {"tickets_open", "ticket_age", "trouble_28", "overdue_days", "payment_90"}


def everything_later(account, moment):
    """One of everything that could tell about the time after a moment."""
    later = moment + timedelta(hours=1)
    make.activity(account, *[later + n * DAY for n in range(20)], name="report")
    make.activity(account, *[later] * 9, name="refused")
    make.story(account, now=later)
    Ticket.objects.filter(account=account, solved_at=None, opened_at__lte=moment).update(solved_at=later, answered_at=later, state="solved")
    Contact.objects.filter(account=account).update(departed_on=(later + DAY).date(), last_two_way_at=later)
    Invoice.objects.filter(account=account, paid_on=None).update(paid_on=(later + DAY).date(), state="paid")
    Note.objects.create(account=account, kind="call", body="Later", at=later, created_at=later)
    Account.objects.filter(pk=account.pk).update(churned_on=(later + 30 * DAY).date(), stage="churned")


@pytest.mark.parametrize("clock", [(12, 0), (0, 0), (23, 59)])
def test_nothing_later_than_the_moment_reaches_it(now, clock):
    make.meanings(**NAMES)
    moment = datetime(2026, 1, 20, *clock, tzinfo=UTC)
    account = make.account(started_on=moment.date() - 200 * DAY, renews_on=moment.date() + 100 * DAY)
    make.weeks_of_use(account, until=moment - timedelta(minutes=1), weeks=16, per_week=4, name="report")
    make.contact(account, role="sponsor")
    make.story(account, now=moment - 3 * DAY)
    Note.objects.create(account=account, kind="call", body="Before", at=moment - 9 * DAY, created_at=moment)
    before = row(account, moment)
    everything_later(account, moment)
    assert row(account, moment) == before


def test_who_left_or_has_not_begun_is_no_customer_at_the_moment(now):
    left = make.account(started_on=now.date() - 300 * DAY, churned_on=now.date() - 10 * DAY, stage="churned")
    new = make.account(started_on=now.date() - 5 * DAY)
    unknown_day = make.account(started_on=now.date() - 300 * DAY, stage="churned")
    assert [found["id"] for found in measured.rows(as_of=now)] == [new.pk]
    assert [found["id"] for found in measured.rows(as_of=now - 20 * DAY)] == [left.pk]
    assert unknown_day.pk not in {found["id"] for found in measured.rows(as_of=now - 100 * DAY)}


def test_some_accounts_are_told_as_among_all(now):
    make.meanings(**NAMES)
    accounts = [make.account(started_on=now.date() - 200 * DAY) for _ in range(6)]
    for number, account in enumerate(accounts):
        make.weeks_of_use(account, until=now, weeks=12, per_week=number + 1, name="report")
        make.story(account, now=now - number * DAY)
    everybody = measured.rows(as_of=now)
    assert measured.rows(as_of=now, account_ids=[accounts[1].pk, accounts[4].pk]) == [everybody[1], everybody[4]]


def test_it_is_one_statement_however_many_accounts(now, django_assert_num_queries):
    for _ in range(3):
        make.account(started_on=now.date() - 10 * DAY)
    with django_assert_num_queries(1):
        assert len(measured.rows(as_of=now)) == 3
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    assert DailyRollup.objects.count() == 0


def test_milestones_are_due_when_reached_or_when_most_others_had_them(now):
    account = make.account(started_on=now.date() - 200 * DAY)
    marks = [Milestone.objects.create(key=key, name=key, state="live") for key in ("first", "second", "third")]
    assert values(account, now)["milestones_due"] is None
    reached = {"state": "achieved", "via": "rule", "achieved_at": now - 40 * DAY, "noticed_at": now - 38 * DAY, "behind_at": now - 45 * DAY}
    Progress.objects.create(account=account, milestone=marks[0], opened_at=now - 60 * DAY, **reached)
    Progress.objects.create(account=account, milestone=marks[1], state="open", opened_at=now - 40 * DAY, behind_at=now - 20 * DAY)
    Progress.objects.create(account=account, milestone=marks[2], state="open", opened_at=now - 5 * DAY, behind_at=now + 20 * DAY)
    assert values(account, now)["milestones_due"] == 50
    assert values(account, now - 21 * DAY)["milestones_due"] == 100
    # Reached, and nobody knew yet; by then others had it.
    assert values(account, now - 39 * DAY)["milestones_due"] == 0
