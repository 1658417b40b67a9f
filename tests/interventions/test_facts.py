"""Facts as they stood at a moment."""

from datetime import timedelta

import pytest

from apps.accounts import services as accounts
from apps.core.actor import Actor
from apps.interventions import facts
from apps.interventions.fact_list import FACTS
from apps.milestones.models import Milestone, Progress
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")


def told(account, now, *names):
    found = facts.of([account.pk], names=names or list(FACTS), now=now)[account.pk]
    return found[names[0]] if len(names) == 1 else found


def test_an_account_of_which_nothing_is_known_answers_every_fact(now):
    account = make.account()
    found = told(account, now)
    assert set(found) == set(FACTS)
    assert (found["stage"], found["open_tickets"], found["payment_failed"], found["contacts"]) == ("active", 0.0, False, 0.0)
    assert found["health"] is found["risk_percent"] is found["days_since_use"] is found["use_percent"] is found["last_nps"] is None


def test_use_is_counted_in_whole_days_and_trouble_is_no_use(now):
    account = make.account()
    make.meanings(**{"report.viewed": "engagement", "ticket.opened": "support"})
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for week in range(1, 9):
        make.activity(account, *[midnight - timedelta(days=7 * week + day + 1) for day in range(4)], name="report.viewed")
    make.activity(account, midnight - timedelta(days=2), name="report.viewed")
    make.activity(account, midnight - timedelta(days=1), name="ticket.opened")
    assert told(account, now, "uses_7_days", "use_percent", "days_since_use") == {"uses_7_days": 1.0, "use_percent": 25.0, "days_since_use": 2.0}
    make.activity(account, now - timedelta(minutes=1), name="report.viewed")
    assert told(account, now, "days_since_use") == 0.0
    assert told(account, now - timedelta(minutes=2), "days_since_use") == 2.0
    assert told(account, now - timedelta(days=3), "uses_7_days") == 3.0


def test_tickets_count_while_they_are_open(now):
    account = make.account()
    make.ticket(account, opened_at=now - timedelta(hours=50), solved_at=now - timedelta(hours=1), state="solved", priority="p1")
    make.ticket(account, opened_at=now - timedelta(hours=5), priority="p2")
    assert told(account, now, "open_tickets", "urgent_hours", "tickets_28_days") == {"open_tickets": 1.0, "urgent_hours": 5.0, "tickets_28_days": 2.0}
    earlier = now - timedelta(hours=2)
    assert told(account, earlier, "open_tickets", "urgent_hours") == {"open_tickets": 2.0, "urgent_hours": 48.0}


def test_who_left_later_was_a_customer_then(now):
    stayed, left = make.account(), make.account()
    accounts.mark_churned(left, on=now.date() - timedelta(days=10), actor=ACTOR, now=now - timedelta(days=10))
    assert told(left, now, "left_days", "stage") == {"left_days": 10.0, "stage": "churned"}
    assert told(left, now - timedelta(days=11), "left_days", "stage") == {"left_days": None, "stage": "active"}
    assert set(facts.of(None, names=["stage"], now=now)) == {stayed.pk}
    assert set(facts.of(None, names=["stage"], now=now - timedelta(days=11))) == {stayed.pk, left.pk}
    assert set(facts.of(None, names=["stage", "left_days"], now=now)) == {stayed.pk, left.pk}


def test_fields_are_told_as_they_stood(now):
    account = make.account(plan="Basic", started_on=now.date() - timedelta(days=400), renews_on=now.date() + timedelta(days=30))
    accounts.edit(account, changes={"plan": "Enterprise"}, actor=ACTOR, now=now - timedelta(days=5))
    assert told(account, now, "plan", "age_days", "renews_in_days") == {"plan": "Enterprise", "age_days": 400, "renews_in_days": 30}
    assert told(account, now - timedelta(days=6), "plan", "age_days", "renews_in_days") == {"plan": "Basic", "age_days": 394, "renews_in_days": 36}


def test_a_payment_is_failed_until_it_is_made_good(now):
    account = make.account()
    make.invoice(account, state="failed", issued_on=now.date() - timedelta(days=40), due_on=now.date() - timedelta(days=10))
    assert told(account, now, "overdue_days", "payment_failed") == {"overdue_days": 10.0, "payment_failed": True}


def test_a_sponsor_who_left_is_told_in_days(now):
    account = make.account()
    make.contact(account, role="sponsor", departed_on=now.date() - timedelta(days=3))
    make.contact(account, role="champion")
    assert told(account, now, "sponsor_left_days", "sponsors", "contacts") == {"sponsor_left_days": 3.0, "sponsors": 1.0, "contacts": 1.0}


def test_many_accounts_cost_as_many_statements_as_one(now, django_assert_num_queries):
    made = [make.account() for _ in range(30)]
    # The accounts, whether anything changed later, and the sources.
    with django_assert_num_queries(3):
        assert len(facts.of([account.pk for account in made], names=list(FACTS), now=now)) == 30


def test_the_way_to_milestones_is_told_as_it_stood(now):
    account, day = make.account(), timedelta(days=1)
    first, second = (Milestone.objects.create(key=key, name=key, state="live") for key in ("first", "second"))
    Progress.objects.create(
        account=account,
        milestone=first,
        state="achieved",
        via="rule",
        opened_at=now - 30 * day,
        behind_at=now - 16 * day,
        stuck_at=now - 2 * day,
        achieved_at=now - 10 * day,
        noticed_at=now - 9 * day,
    )
    Progress.objects.create(
        account=account, milestone=second, state="open", opened_at=now - 10 * day, behind_at=now - 4 * day, stuck_at=now - 3 * day
    )
    names = ("milestones_reached", "days_since_milestone", "milestone_pace", "stuck_days")
    found = told(account, now, *names)
    assert found == {"milestones_reached": 1.0, "days_since_milestone": 10.0, "milestone_pace": "stuck", "stuck_days": 3.0}
    found = told(account, now - 3.5 * day, *names)
    assert found == {"milestones_reached": 1.0, "days_since_milestone": 7.0, "milestone_pace": "behind", "stuck_days": None}
    # It had happened, and nobody knew yet.
    found = told(account, now - 9.5 * day, *names)
    assert found == {"milestones_reached": 0.0, "days_since_milestone": None, "milestone_pace": "behind", "stuck_days": None}
    assert told(account, now - 40 * day, "milestone_pace") is None
