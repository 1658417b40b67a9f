"""What to do next: the same facts give the same list, and each reason opens what shows it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from apps.accounts.models import ActivityEvent, Promise
from apps.coaching import selectors
from apps.coaching.next_actions.ranked import Facts, Tipped, ranked
from apps.coaching.types import Evidence
from tests import make

FACTS = Facts(
    arr=24_000.0,
    currency="USD",
    chance=0.4,
    prediction=7,
    reasons=(("No activity for 23 days", 0.9), ("Customer for 3 years", -0.2)),
    newest=(11, 10),
    promises=((3, "Send the offer", 2),),
    tickets=((5, "Invoices do not reach clients", 70),),
    renewal=(9, 41),
    tips=(Tipped(21, "Book the next visit", "They are behind in days of use.", 0.3, 10, (Evidence("Gap", "gap", (11,)),)),),
)


def test_the_list_is_ranked_by_worth_and_says_how_it_is_reckoned():
    found = ranked(FACTS)
    assert [(one.key, one.worth) for one in found] == [
        ("call", 1440.0),
        ("ticket:5", 1152.0),
        ("promise:3", 960.0),
        ("renewal", 960.0),
        ("tip:21", 288.0),
    ]
    assert found[0].why == "ARR 24,000 USD × 40% that they leave × 15.0% that a call keeps (an assumption) = 1,440 USD."
    assert [(one.words, one.about, one.events) for one in found[0].evidence] == [("No activity for 23 days", "prediction:7", (11, 10))]


def test_without_a_score_the_assumption_is_told_and_nobody_is_called_for_it():
    found = ranked(Facts(arr=10_000.0, currency="EUR", chance=None, promises=((1, "Call back", 0),)))
    assert [one.key for one in found] == ["promise:1"]
    assert found[0].why == "ARR 10,000 EUR × 5% that they leave (assumed: no score yet) × 10.0% that a kept promise keeps (an assumption) = 50 EUR."
    assert found[0].evidence[0].words == "Promised: Call back (due today)"


@given(
    some.permutations([(key, f"Words {key}", 2) for key in range(4)]),
    some.permutations([(key, f"Question {key}", 60) for key in range(4)]),
)
def test_the_order_in_which_facts_arrive_makes_no_difference(promises, tickets):
    facts = Facts(arr=5_000.0, currency="USD", chance=0.2, promises=tuple(promises), tickets=tuple(tickets))
    sorted_facts = Facts(arr=5_000.0, currency="USD", chance=0.2, promises=tuple(sorted(promises)), tickets=tuple(sorted(tickets)))
    assert ranked(facts) == ranked(sorted_facts)
    assert ranked(facts) == ranked(facts)


@pytest.mark.django_db
def test_every_reason_of_a_real_account_opens_events_or_a_record(now):
    account = make.account(started_on=now.date() - timedelta(days=300))
    make.activity(account, *[now - timedelta(days=day) for day in range(2, 9)], name="login")
    make.risk(account, now=now)
    make.ticket(account, now - timedelta(days=3))
    Promise.objects.create(account=account, text="Send the offer", due_on=now.date(), created_at=now)
    make.recommendation(account, now=now)
    one, two = selectors.next_actions(account, now=now), selectors.next_actions(account, now=now)
    assert one == two
    assert {act.key.split(":")[0] for act in one} == {"call", "ticket", "promise", "tip"}
    facts = [fact for act in one for fact in act.evidence]
    assert facts
    assert all(fact.events or ":" in fact.about for fact in facts)
    cited = {key for fact in facts for key in fact.events}
    assert cited
    assert ActivityEvent.objects.filter(account=account, pk__in=cited).count() == len(cited)
