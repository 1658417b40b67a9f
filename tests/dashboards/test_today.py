from datetime import timedelta

import pytest

from apps.accounts import services as accounts
from apps.dashboards.selectors import today
from tests import make

pytestmark = pytest.mark.django_db


def listed(user, now):
    return [row.account.name for row in today.worklist(user, now=now).rows]


def test_accounts_are_ranked_by_what_is_at_stake(csm, now):
    for name, arr, probability in [("Small but sure", 2_000, 0.9), ("Large", 90_000, 0.6), ("Middle", 20_000, 0.7)]:
        make.risk(make.account(owner=csm, name=name, arr=arr), now=now, probability=probability)
    work = today.worklist(csm, now=now)
    assert [(row.rank, row.account.name, round(row.stake)) for row in work.rows] == [
        (1, "Large", 54_000),
        (2, "Middle", 14_000),
        (3, "Small but sure", 1_800),
    ]


def test_what_needs_nobody_is_not_listed(csm, now):
    quiet, handled, seen, snoozed = (make.account(owner=csm, name=name) for name in ("quiet", "handled", "seen", "snoozed"))
    make.risk(quiet, now=now, probability=0.1)
    for account in (handled, seen, snoozed):
        make.risk(account, now=now, probability=0.9)
    make.enrolment(handled, now=now)
    make.alert(seen, now=now, state="acknowledged")
    make.task(snoozed, now=now, due_at=now + timedelta(days=2))
    work = today.worklist(csm, now=now)
    assert (work.rows, work.total, work.handled) == ([], 0, 3)


def test_an_open_alert_or_a_task_due_by_tonight_brings_an_account_back(csm, now):
    first, second, later = (make.account(owner=csm, name=name, arr=arr) for name, arr in (("alert", 3), ("task", 2), ("later", 1)))
    make.alert(first, now=now)
    make.task(second, now=now, due_at=today.end_of_day(now) - timedelta(seconds=1), minutes=20)
    make.task(later, now=now, due_at=today.end_of_day(now))
    work = today.worklist(csm, now=now)
    assert ([row.account.name for row in work.rows], work.minutes) == (["alert", "task"], 20)


def test_a_row_carries_reasons_evidence_and_what_can_be_started(csm, now):
    account = make.account(owner=csm, renews_on=now.date() + timedelta(days=41))
    make.risk(account, now=now, probability=0.62, before=0.44)
    make.activity(account, now - timedelta(days=1), now - timedelta(days=60))
    play, running = make.play(name="A"), make.play(name="B")
    make.alert(account, now=now)
    make.enrolment(account, now=now, of=running)
    (row,) = today.worklist(csm, now=now).rows
    assert (row.risk.shown, row.risk.change, row.risk.raising, row.renews_in) == ("62", 18, ["No activity for 23 days"], 41)
    assert (len(row.spark.values), row.spark.values[-1], sum(row.spark.values)) == (12, 1.0, 2.0)
    assert row.startable == [play]


def test_without_a_score_the_reasons_come_from_the_alert_then_from_the_task(csm, now):
    account, other = make.account(owner=csm, arr=2), make.account(owner=csm, arr=1)
    make.alert(account, now=now, why=["Nobody knows whether it arrived"])
    make.task(other, now=now, why="They asked for a call.")
    assert [row.why for row in today.worklist(csm, now=now).rows] == [["Nobody knows whether it arrived"], ["They asked for a call."]]


def test_a_customer_who_left_needs_nobody(csm, now):
    account = make.account(owner=csm, stage="churned", churned_on=now.date())
    make.risk(account, now=now, probability=0.9)
    make.alert(account, now=now)
    assert listed(csm, now) == []


def test_beside_the_list_stand_due_promises_replies_and_what_the_governor_holds(csm, now):
    account = make.account(owner=csm)
    person = make.contact(account)
    promise = accounts.promise(account=account, text="Send the offer", due_on=now.date(), owner=csm, actor=make.ACTOR, now=now)
    accounts.promise(account=account, text="Later", due_on=now.date() + timedelta(days=2), owner=csm, actor=make.ACTOR, now=now)
    held = make.message(person, now=now, state="held", reason="quiet hours until 08:00")
    reply = make.message(person, now=now, state="replied", replied_at=now - timedelta(hours=1), reply="Call me")
    make.message(person, now=now, state="replied", replied_at=now - timedelta(days=4), reply="Old")
    aside = today.aside(csm, now=now)
    assert (aside.promises, aside.held, aside.held_total, aside.replies) == ([promise], [held], 1, [reply])


def test_the_page_says_how_it_ranks_and_what_to_do(staff, csm, now):
    account = make.account(owner=csm, name="Riverside Dental", arr=24_000)
    make.risk(account, now=now, probability=0.62)
    make.play(name="Save it")
    text = staff.get("/").content.decode()
    for words in [
        "1 account needs you",
        "Ranked by expected saved ARR per minute (ARR × risk × save rate)",
        "Riverside Dental",
        "$24.0k",
        "$14.9k",
        "No activity for 23 days",
        "Start “Save it”",
    ]:
        assert words in text, words


def test_an_empty_company_is_offered_the_first_step(staff, csm):
    assert "import_accounts" in staff.get("/").content.decode()


def test_a_quiet_book_is_told_apart_from_an_empty_company(staff, csm):
    make.account(owner=csm)
    text = staff.get("/").content.decode()
    assert "All quiet in your book" in text
    assert "import_accounts" not in text
