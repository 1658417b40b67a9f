"""The same facts end in the same state, in whatever order, however often and however late they come."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from apps.accounts.models import Account
from apps.accounts.services import record_activity
from apps.accounts.types import ActivityItem
from apps.events.models import Event
from apps.milestones import services, whole
from apps.milestones.models import Progress
from tests import make

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)
START = date(2026, 1, 1)
_STATE = ("milestone__key", "state", "opened_at", "started_at", "achieved_at", "found_at", "have", "target", "via", "behind_at", "stuck_at")

happenings = some.lists(
    some.tuples(
        some.sampled_from(["login", "report.viewed", "report.shared"]),
        some.integers(0, 30 * 24 * 4),
        some.sampled_from([1.0, 2.5, 10.0]),
    ),
    min_size=1,
    max_size=25,
)


def path() -> None:
    make.milestone("first", criteria={"count": "login", "at_least": 2})
    make.milestone("steady", criteria={"count": "login", "at_least": 3, "within_days": 7}, needs=["first"])
    make.milestone("much", criteria={"sum": "report.viewed", "at_least": 12})
    make.milestone(
        "both",
        criteria={"all": [{"milestone": "first"}, {"any": [{"count": "report.shared", "at_least": 2}, {"sum": "report.viewed", "at_least": 20}]}]},
        needs=["much"],
    )


def state(account: Account) -> list[Any]:
    return list(Progress.objects.filter(account=account).order_by("milestone_id").values_list(*_STATE))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facts=happenings, data=some.data())
def test_shuffled_repeated_late_and_replayed_events_end_in_the_same_state(facts: list[tuple[str, int, float]], data: some.DataObject) -> None:
    with transaction.atomic():
        path()
        straight, crooked = make.account(started_on=START), make.account(started_on=START)
        moments = [NOW - timedelta(days=31) + timedelta(minutes=15 * quarter) for _, quarter, _ in facts]

        def items(account: Account) -> list[ActivityItem]:
            return [
                ActivityItem(f"{account.pk}-{place}", name, at, account=account.external_id, value=value)
                for place, ((name, _, value), at) in enumerate(zip(facts, moments, strict=True))
            ]

        record_activity(items(straight), source="test", now=NOW)
        services.evaluate([straight.pk], now=NOW, actor=make.ACTOR)
        mixed = data.draw(some.permutations(items(crooked)))
        again = data.draw(some.lists(some.sampled_from(mixed), max_size=6))
        for start in range(0, len(mixed), 4):
            record_activity(mixed[start : start + 4], source="test", now=NOW)
            services.evaluate([crooked.pk], now=NOW, actor=make.ACTOR)
        if again:
            record_activity(again, source="test", now=NOW)
        services.evaluate([crooked.pk], now=NOW, actor=make.ACTOR)
        assert state(crooked) == state(straight)
        told = Event.objects.filter(type__in=["milestone.achieved", "milestone.taken_back"]).values_list("subject", "type", "payload__key")
        assert sorted(kind for _, kind, _ in told) == ["milestone.achieved"] * len(told)
        assert len(set(told)) == len(told)
        # The look at everybody, which works by days, agrees with the moments.
        assert whole.differing(now=NOW) == []
        assert services.evaluate_all(now=NOW, actor=make.ACTOR) == 0
        transaction.set_rollback(True)


def test_the_look_at_everybody_finds_only_who_differs() -> None:
    path()
    one, other, gone = make.account(started_on=START), make.account(started_on=START), make.account(stage="churned", churned_on=date(2026, 3, 1))
    for account in (one, other, gone):
        make.activity(account, NOW - timedelta(days=20), NOW - timedelta(days=19), name="login")
    assert whole.differing(now=NOW) == [one.pk, other.pk, gone.pk]
    services.evaluate_all(now=NOW, actor=make.ACTOR)
    assert whole.differing(now=NOW) == []
    make.activity(other, NOW - timedelta(days=18), name="login")
    assert whole.differing(now=NOW) == [other.pk]
    services.evaluate_all(now=NOW, actor=make.ACTOR)
    # A window passes: what they have of it changes without any event.
    assert whole.differing(now=NOW + timedelta(days=1)) == []
    make.activity(one, NOW - timedelta(days=3), name="login")
    services.evaluate_all(now=NOW, actor=make.ACTOR)
    assert Progress.objects.get(account=one, milestone__key="steady").have == 1.0
    assert whole.differing(now=NOW + timedelta(days=5)) == [one.pk]


def test_variants_and_earlier_versions_are_compared_by_their_own_words() -> None:
    milestone = make.milestone(
        "variants", criteria={"count": "login", "at_least": 10}, variants=[{"key": "gentle", "factor": 0.7}, {"key": "standard", "factor": 1.0}]
    )
    gentle, standard = make.account(started_on=START), make.account(started_on=START)
    services.evaluate_all(now=NOW - timedelta(days=30), actor=make.ACTOR)
    Progress.objects.filter(account=gentle).update(variant="gentle")
    for account in (gentle, standard):
        make.activity(account, *[NOW - timedelta(days=number) for number in range(1, 9)], name="login")
    assert services.evaluate_all(now=NOW, actor=make.ACTOR) == 2
    assert [(row.state, row.have, row.target) for row in Progress.objects.order_by("account_id")] == [("achieved", 7.0, 7.0), ("open", 8.0, 10.0)]
    services.save_version(milestone, says={**milestone.current.definition, "criteria": {"count": "login", "at_least": 5}}, actor=make.ACTOR, now=NOW)
    # Both have begun, so both stay with what it said then; somebody new is judged by the new words.
    assert whole.differing(now=NOW) == []
    fresh = make.account(started_on=START)
    make.activity(fresh, *[NOW - timedelta(days=number) for number in range(1, 6)], name="login")
    services.evaluate_all(now=NOW, actor=make.ACTOR)
    assert Progress.objects.get(account=fresh).state == "achieved"
    assert Progress.objects.get(account=standard).state == "open"
