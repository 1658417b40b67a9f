"""From events to stored scores: incremental equals full, to the digit; history and contributions agree."""

import random
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from apps.accounts.models import Account, DailyRollup, EventName, Pulse, Ticket
from apps.accounts.services import give_meaning, mark_churned, record_activity, tell
from apps.accounts.types import ActivityItem
from apps.core import clock
from apps.core.actor import Actor
from apps.events import services as events
from apps.events.models import Event
from apps.health import rebuilt, services
from apps.health.models import AccountHealth, HealthScore
from tests import make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ACCOUNTS = 60
ACTOR = Actor.job("test")


def deliver(now):
    while events.sweep(now=now, limit=5000):
        pass


def settle(now):
    deliver(now)
    while services.score_stale(now=now, actor=ACTOR):
        deliver(now)


def health(account):
    return AccountHealth.objects.get(account=account)


@pytest.fixture
def steady(now):
    """A customer of 300 days with even use, and meanings for what it does."""
    account = make.account(started_on=now.date() - 300 * DAY, renews_on=now.date() + 200 * DAY)
    make.meanings(login="engagement", report="core", refused="payment", ticket="support")
    make.weeks_of_use(account, until=now, weeks=16, per_week=4)
    make.weeks_of_use(account, until=now, weeks=10, per_week=2, name="report")
    services.score_all(as_of=now, now=now, actor=ACTOR)
    services.score_stale(now=now, actor=ACTOR)
    return account


def test_one_event_changes_the_score_and_why_and_history_agree(steady, now):
    before = health(steady)
    later = now + timedelta(minutes=1)
    make.activity(steady, later, later, name="refused")
    settle(later)
    after = health(steady)
    assert before.score != after.score
    assert sum(part["contribution"] for part in after.parts) == after.score * 100
    newest = HealthScore.objects.filter(account=steady).order_by("-id").first()
    assert (newest.score, newest.parts, newest.pk) == (after.score, after.parts, after.latest_id)
    assert newest.cause.type == "activity.received"
    assert HealthScore.objects.filter(account=steady).count() == 2
    said = Event.objects.get(type="health.changed", cause=newest.cause)
    assert said.payload["account_ids"] == [steady.pk]


def test_the_history_grows_only_when_something_changed(steady, now):
    for minutes in range(1, 4):
        services.mark_stale([steady.pk], now=now + timedelta(minutes=minutes))
        assert services.score_stale(now=now + timedelta(minutes=minutes), actor=ACTOR) == 1
    assert HealthScore.objects.filter(account=steady).count() == 1
    assert health(steady).as_of == now + timedelta(minutes=3)
    assert health(steady).stale_since is None


def test_time_that_passes_counts(steady, now):
    assert services.score_day(now=now + timedelta(hours=3), actor=ACTOR) == 0
    later = now + 20 * DAY
    assert services.score_day(now=later, actor=ACTOR) == 1
    assert health(steady).score < HealthScore.objects.filter(account=steady).order_by("id").first().score
    assert services.score_day(now=later, actor=ACTOR) == 0


def test_no_account_moves_back_to_an_earlier_moment(steady, now):
    assert services.score_all(as_of=now - DAY, now=now, actor=ACTOR) == 0
    assert health(steady).as_of == now


def test_a_crossed_edge_is_announced_once_with_its_cause(steady, now):
    assert health(steady).band == "good"
    make.account(started_on=now.date() - 10 * DAY)
    later = now + 40 * DAY
    services.score_day(now=later, actor=ACTOR)
    services.score_all(as_of=later, now=later, actor=ACTOR)
    edges = Event.objects.filter(type="health.band_changed", subject=f"account:{steady.pk}")
    assert [(edge.payload["from_band"], edge.payload["to_band"]) for edge in edges] == [("good", "poor")]


def test_who_left_has_no_health_and_keeps_its_history(steady, now):
    later = now + timedelta(hours=1)
    mark_churned(steady, on=later.date(), actor=ACTOR, now=later)
    settle(later)
    row = health(steady)
    assert (row.score, row.band, row.parts, row.model) == (None, "unknown", [], None)
    assert HealthScore.objects.filter(account=steady).count() == 1


def test_what_is_written_about_an_account_marks_it(steady, now):
    later = now + timedelta(minutes=5)
    Pulse.objects.create(account=steady, value=10, at=later)
    tell([steady.pk], what="pulse", actor=ACTOR, now=later)
    deliver(later)
    assert health(steady).stale_since is not None
    services.score_stale(now=later, actor=ACTOR)
    row = health(steady)
    assert row.pulse == Decimal("10.00")
    assert row.pulse_gap < -60


@pytest.mark.parametrize(("days", "pulse"), [(0, "95.00"), (9, "86.00"), (44, "51.00"), (45, None), (200, None)])
def test_a_pulse_fades_to_neutral_within_45_days(steady, now, days, pulse):
    Pulse.objects.create(account=steady, value=95, at=now)
    later = now + days * DAY
    services.score_all(as_of=later, now=later, actor=ACTOR)
    assert health(steady).pulse == (None if pulse is None else Decimal(pulse))


def test_the_first_ticket_of_the_company_tells_something_about_everybody(steady, now):
    other = make.account(started_on=now.date() - 90 * DAY)
    services.score_all(as_of=now, now=now, actor=ACTOR)
    known = {part["measure"]: part["known"] for part in health(steady).parts}
    assert known["tickets_open"] == "missing"
    make.story(other, now=now)
    tell([other.pk], what="ticket", actor=ACTOR, now=now)
    settle(now)
    services.score_stale(now=now, actor=ACTOR)
    known = {part["measure"]: part["known"] for part in health(steady).parts}
    assert known["tickets_open"] == "known"


def test_ten_thousand_random_events_in_random_order_with_repeats_give_what_a_full_computation_gives(now):
    """Batches as they arrive: late, repeated, out of order; scored in between as the worker does."""
    draw = random.Random(7)
    names = {"login": "engagement", "report": "core", "sync": "core", "ticket": "support", "refused": "payment", "invoice": "billing", "odd": "other"}
    make.meanings(**names)
    accounts = [
        make.account(
            started_on=now.date() - draw.randint(1, 400) * DAY if draw.random() < 0.9 else None,
            renews_on=now.date() + draw.randint(-20, 500) * DAY if draw.random() < 0.7 else None,
            created_at=now - 300 * DAY,
        )
        for _ in range(ACCOUNTS)
    ]
    for account in accounts[::3]:
        make.story(account, now=now - draw.randint(0, 60) * DAY)
    items = [
        ActivityItem(
            message_id=f"r{number}",
            name=draw.choice(list(names)),
            at=now - timedelta(seconds=draw.randint(0, 150 * 86_400) if draw.random() < 0.9 else draw.randint(0, 30_000)),
            account=draw.choice(accounts).external_id,
        )
        for number in range(10_000)
    ]
    arriving = items + draw.choices(items, k=1500)
    draw.shuffle(arriving)
    for start in range(0, len(arriving), 500):
        record_activity(arriving[start : start + 500], source="test", now=now)
        if draw.random() < 0.3:
            deliver(now)
        if draw.random() < 0.3:
            services.score_stale(now=now, actor=ACTOR, limit=20)
    settle(now)
    assert list(rebuilt.differences(as_of=now)) == []
    kept = dict(AccountHealth.objects.values_list("account", "parts"))
    services.score_all(as_of=now, now=now, actor=ACTOR)
    assert dict(AccountHealth.objects.values_list("account", "parts")) == kept
    assert AccountHealth.objects.exclude(score=None).count() == ACCOUNTS


def test_the_check_finds_what_differs_and_a_rebuild_mends_it(steady, capsys):
    now = clock.now()
    services.score_all(as_of=now, now=now, actor=ACTOR)
    call_command("health_rebuild", "--check")
    assert "0 differences" in capsys.readouterr().out
    AccountHealth.objects.update(score=Decimal("12.34"))
    with pytest.raises(CommandError):
        call_command("health_rebuild", "--check")
    assert "1 differences" in capsys.readouterr().out
    call_command("health_rebuild")
    call_command("health_rebuild", "--check")
    assert "0 differences" in capsys.readouterr().out


def test_scoring_costs_the_same_statements_for_one_account_and_for_many(steady, now, django_assert_num_queries):
    Account.objects.bulk_create([Account(external_id=f"n{number}", name=f"N {number}", started_on=now.date() - 90 * DAY) for number in range(200)])
    services.mark_all_stale(now=now)
    services.score_stale(now=now, actor=ACTOR)
    later = now + timedelta(minutes=1)
    services.mark_stale([steady.pk], now=later)
    with django_assert_num_queries(8):
        services.score_stale(now=later, actor=ACTOR)
    services.mark_all_stale(now=later)
    with django_assert_num_queries(8):
        services.score_stale(now=later, actor=ACTOR)


def test_a_name_that_gets_a_meaning_changes_everybody(steady, now):
    give_meaning(EventName.objects.get(name="login"), meaning="core", actor=ACTOR, now=now)
    settle(now)
    values = {part["measure"]: part["value"] for part in health(steady).parts}
    recent = DailyRollup.objects.filter(account=steady, day__gt=now.date() - 28 * DAY)
    assert values["core_28"] == sum(recent.values_list("count", flat=True))


def test_what_is_written_in_the_back_office_is_told(steady, now, client):
    client.force_login(make.user(None, is_superuser=True))
    other = make.account(started_on=now.date() - 90 * DAY)
    assert client.post(reverse("admin:accounts_pulse_add"), {"account": steady.pk, "value": 20, "reason": ""}).status_code == 302
    ticket = Ticket.objects.create(account=steady, source="t", external_id="1", opened_at=now)
    form = {"account": other.pk, "source": "t", "external_id": "1", "priority": "p3", "state": "open", "subject": "", "version": 1}
    form |= {"opened_at_0": "2026-03-11", "opened_at_1": "11:00"}
    assert client.post(reverse("admin:accounts_ticket_change", args=[ticket.pk]), form).status_code == 302
    assert client.post(reverse("admin:accounts_ticket_delete", args=[ticket.pk]), {"post": "yes"}).status_code == 302
    told = [(event.payload["what"], event.payload["account_ids"]) for event in Event.objects.filter(type="story.changed").order_by("id")]
    assert told == [("pulse", [steady.pk]), ("ticket", [steady.pk, other.pk]), ("ticket", [other.pk])]
    deliver(now)
    assert health(other).stale_since is not None
