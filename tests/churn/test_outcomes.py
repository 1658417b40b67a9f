"""What leaving means, kind by kind: who is in question at a day, and what came of them."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Invoice, Renewal
from apps.accounts.services import ledger, mark_churned
from apps.churn import definitions, outcomes, population, services
from apps.churn.counts import counts
from apps.churn.models import ChurnDefinition
from apps.churn.types import DefinitionKind
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.models import Change
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")
DAY = timedelta(days=1)


def define(now, **fields):
    return services.define(**{"name": "leaving", "kind": "cancelled", "horizon_days": 60, "actor": ACTOR, "now": now, **fields})


def customer(now, left=None, **fields):
    gone = {"stage": "churned", "churned_on": now.date() - left * DAY} if left is not None else {}
    return make.account(started_on=now.date() - 700 * DAY, **gone, **fields)


def what_came(definition, day):
    """(in question, to whom it happened) at a day."""
    ids = population.at_risk(definition, as_of=datetime.combine(day, time(), UTC)).ids.tolist()
    return ids, [key for key, label in zip(ids, outcomes.labels(definition, day=day, ids=ids), strict=True) if label]


def bill(account, *, due, paid=None, state="open"):
    Invoice.objects.create(
        account=account,
        external_id=f"i{account.pk}-{due}",
        amount=10,
        currency="USD",
        issued_on=due - 30 * DAY,
        due_on=due,
        paid_on=paid,
        state=state,
    )


def test_who_is_lost_to_a_failed_payment_is_told_from_who_cancels(now):
    day = now.date() - 60 * DAY
    stays, cancels, overdue, failed, noted = (customer(now, left) for left in (None, 30, 30, 30, 30))
    bill(overdue, due=day)
    bill(cancels, due=day, paid=day + DAY, state="paid")
    ledger.post_differences([noted.pk], on=day, source="test", actor=ACTOR, now=now)
    failed.traits = {"churn_reason": "Card declined three times"}
    failed.save()
    everybody = [account.pk for account in (stays, cancels, overdue, failed, noted)]

    unpaid = define(now, name="unpaid", kind="unpaid")
    both = define(now, name="both")
    apart = define(now, name="apart", leave_unpaid_apart=True)

    assert what_came(unpaid, day) == (everybody, [overdue.pk, failed.pk])
    assert what_came(both, day)[1] == [cancels.pk, overdue.pk, failed.pk, noted.pk]
    assert what_came(apart, day)[1] == [cancels.pk, noted.pk]
    assert (counts(unpaid, now=now).left, counts(both, now=now).left, counts(apart, now=now).left) == (2, 4, 2)


def test_a_renewal_that_falls_due_is_in_question_until_a_month_after_its_day(now):
    definition = define(now, kind="not_renewed")
    day = now.date() - 120 * DAY
    due = day + 40 * DAY
    renews, late, early, too_late = (customer(now, left, renews_on=due) for left in (None, 61, 100, 20))
    not_due = customer(now, 90, renews_on=day + 70 * DAY)
    one_of_two = customer(now)
    Renewal.objects.create(account=one_of_two, due_on=due, arr=5, currency="USD", state="churned", outcome_arr=0, decided_on=due)
    decided_before = customer(now, renews_on=due)
    Renewal.objects.create(account=decided_before, due_on=due, arr=5, currency="USD", state="renewed", outcome_arr=5, decided_on=day - DAY)

    asked, lost = what_came(definition, day)

    assert asked == [renews.pk, late.pk, early.pk, too_late.pk, one_of_two.pk]
    assert lost == [late.pk, early.pk, one_of_two.pk]
    assert not_due.pk not in asked
    assert outcomes.window(definition) == 90
    # The date that stayers have today is a year on, or many; it returns on the same day of the year.
    renews.renews_on = due + 365 * DAY
    renews.save()
    assert what_came(definition, day)[0] == asked
    counted = counts(definition, now=now)
    # Within a year every account with a date has a renewal, and who is gone before its day has not renewed.
    assert (counted.left, counted.customers) == (4, 7)


def test_a_fall_of_the_revenue_counts_from_its_least_share_on(now):
    definition = define(now, kind="downgraded", least_percent=20)
    day = now.date() - 60 * DAY
    halved, trimmed, leaves, grows, same = (customer(now) for _ in range(5))
    mark_churned(leaves, on=day + 20 * DAY, actor=ACTOR, now=now)
    for account, amount in ((halved, -6000), (trimmed, -1200), (grows, 6000)):
        ledger.record(
            account, amount=Decimal(amount), effective_on=day + 10 * DAY, reason="", source="test", actor=ACTOR, now=now, idem_key=f"m{account.pk}"
        )
    free = customer(now, arr=0)
    asked, fell = what_came(definition, day)

    assert asked == [halved.pk, trimmed.pk, leaves.pk, grows.pk, same.pk]
    assert free.pk not in asked
    assert fell == [halved.pk]
    assert (counts(definition, now=now).left, counts(definition, now=now).customers) == (1, 5)
    assert what_came(define(now, kind="downgraded", least_percent=10), day)[1] == [halved.pk, trimmed.pk]
    # Before it happened nobody had fallen.
    assert what_came(definition, day - 60 * DAY)[1] == []


def test_a_changed_meaning_is_a_new_revision_with_its_history_and_no_model_of_before_comes_back(now):
    definition = define(now)
    learned = definitions.add_version(definition, kind="logistic", parameters={}, decision="Good.", now=now, live=False)
    learned.is_challenger = True
    learned.save()
    same = define(now)
    assert (same.revision, same.versions.count()) == (1, 2)

    changed = define(now, horizon_days=30)

    assert (changed.revision, str(changed.versions.get(is_live=True))) == (2, "rule v3")
    assert changed.versions.get(is_live=True).revision == 2
    assert not changed.versions.filter(is_challenger=True).exists()
    with pytest.raises(
        Refused, match=r"speaks for revision 1 of leaving; its meaning has changed since \(revision 2: the customer cancels within the"
    ):
        services.put_to_work(learned, actor=ACTOR, now=now)
    assert str(changed.versions.get(is_live=True)) == "rule v3"
    history = Change.objects.filter(subject=events.subject_of(definition)).order_by("id").values_list("field", "before", "after", "version", "actor")
    assert list(history) == [
        ("", None, None, 1, "job:test"),
        ("kind", None, "cancelled", 1, "job:test"),
        ("horizon_days", None, 60, 1, "job:test"),
        ("horizon_days", 60, 30, 2, "job:test"),
    ]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kind": "downgraded"}, "needs its least share in percent"),
        ({"least_percent": 10}, "and only that, needs its least share"),
        ({"kind": "downgraded", "least_percent": 101}, "from 1 to 100 percent"),
        ({"kind": "unpaid", "leave_unpaid_apart": True}, "Only a definition by cancelling"),
    ],
)
def test_what_cannot_be_a_meaning_is_refused_and_nothing_is_stored(fields, words, now):
    with pytest.raises(Refused, match=words):
        define(now, **fields)
    assert not ChurnDefinition.objects.exists()
    assert not Change.objects.exists()


def test_every_kind_says_what_it_means(now):
    made = {kind: ChurnDefinition(kind=kind, horizon_days=60, inactive_days=30, least_percent=20).in_words for kind in DefinitionKind}
    assert made == {
        "cancelled": "the customer cancels within the next 60 days",
        "not_renewed": "a renewal falls due within the next 60 days and is not renewed",
        "downgraded": "the yearly revenue falls by 20 % or more within the next 60 days, and the customer stays",
        "unpaid": "the customer is lost to a failed payment within the next 60 days",
        "inactive": "no activity for 30 days, looked at over the next 60 days",
        "snapshot": "the imported column says the customer left",
    }


def test_past_leavers_are_counted_before_anything_is_trained_by_two_statements(now):
    definition = define(now)
    for left in (None, None, 100, 400):
        customer(now, left)
    silent = define(now, name="silent", kind="inactive", inactive_days=60)
    fell_silent, active = customer(now), customer(now)
    make.activity(fell_silent, now - 100 * DAY)
    make.activity(active, now - 100 * DAY, now - 5 * DAY)
    table = define(now, name="table", kind="snapshot")

    with CaptureQueriesContext(connection) as asked:
        found = counts(definition, now=now)

    assert len(asked) == 2
    assert (found.left, found.customers, found.population, found.enough) == (1, 5, 4, False)
    assert found.words.startswith("1 of 5 customers left in the last 12 months by this meaning; 25 of 200 are needed for a model")
    found = counts(silent, now=now)
    assert (found.left, found.customers, found.population) == (1, 2, 2)
    found = counts(table, now=now)
    assert (found.left, found.customers, found.population, found.dates) == (2, 6, 4, 0)
    assert found.words == "2 of 6 customers left by this meaning; 25 of 200 are needed for a model. It now speaks of 4."
