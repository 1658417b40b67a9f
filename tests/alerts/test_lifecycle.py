"""What people and time do to an alert, and that nothing of it is lost or doubled when several do it at once."""

import random
import threading
from datetime import timedelta

import pytest
from django.db import connection

from apps.accounts.types import Role
from apps.alerts import services
from apps.alerts.matters import Matter
from apps.alerts.models import Alert, AlertMoment, AlertRule, Incident
from apps.alerts.types import AlertState
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events.models import Event
from apps.interventions.models import TaskSource
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")


def matter(account=None, *, about="1", severity="warning", rule_key="usage-fell", **fields):
    return Matter("usage_fell", about, severity, "Usage fell by half", ["40 instead of 80 a day"], account, rule_key=rule_key, **fields)


def opened(account, now, **fields):
    return services.open_alert(matter(account, **fields), actor=ACTOR, now=now)


def deeds(alert):
    return list(AlertMoment.objects.filter(alert=alert).values_list("deed", flat=True))


def test_an_alert_knows_its_rule_and_figures_and_an_unknown_rule_is_made(now):
    account = make.account()
    alert = opened(account, now, facts={"value": 40, "limit": 60})
    assert (alert.rule.key, alert.rule.name, alert.rule.kind, alert.rule.state) == ("usage-fell", "Usage fell", "notice", "live")
    assert (alert.facts, alert.incident.account) == ({"value": 40, "limit": 60}, account)


def test_an_alert_has_its_rules_severity_unless_the_matter_has_its_own(now):
    AlertRule.objects.create(key="usage-fell", name="Usage fell", kind="notice", state="live", severity="urgent", created_at=now, changed_at=now)
    assert opened(make.account(), now, severity=None, about="1").severity == "urgent"
    assert opened(make.account(), now, severity="info", about="2").severity == "info"


def test_a_rule_that_is_off_opens_nothing(now):
    AlertRule.objects.create(key="usage-fell", name="Usage fell", kind="notice", state="off", created_at=now, changed_at=now)
    assert opened(make.account(), now) is None
    assert (Alert.objects.count(), Incident.objects.count(), Event.objects.count()) == (0, 0, 0)


def test_the_alerts_of_an_account_are_one_incident_that_closes_with_the_last(now):
    account = make.account()
    first, second = opened(account, now, about="1"), opened(account, now, about="2")
    assert first.incident_id == second.incident_id
    services.resolve(first, actor=ACTOR, now=now)
    assert Incident.objects.get().closed_at is None
    services.settle("usage_fell", "2", actor=ACTOR, now=now + timedelta(hours=1))
    assert Incident.objects.get().closed_at == now + timedelta(hours=1)
    third = opened(account, now + timedelta(hours=2), about="3")
    assert third.incident_id != first.incident_id


def test_an_incident_is_taken_on_and_resolved_together(now):
    account, person = make.account(), make.user()
    alerts = [opened(account, now, about=str(number)) for number in range(3)]
    assert services.acknowledge_incident(alerts[0].incident, actor=Actor.user(person), now=now) == 3
    assert set(Alert.objects.values_list("state", "owner")) == {("acknowledged", person.pk)}
    assert services.resolve_incident(alerts[0].incident, actor=Actor.user(person), now=now) == 3
    with pytest.raises(Refused, match="resolved already"):
        services.resolve_incident(alerts[0].incident, actor=ACTOR, now=now)


def test_a_snoozed_alert_counts_and_goes_on_sleeping_and_wakes_at_its_moment(now):
    alert = opened(make.account(), now)
    services.snooze(alert, until=now + timedelta(days=3), reason="They are away", actor=ACTOR, now=now)
    again = opened(alert.account, now + timedelta(hours=1))
    assert (again.pk, again.state, again.seen, again.snooze_reason) == (alert.pk, "snoozed", 2, "They are away")
    assert services.wake_due(actor=ACTOR, now=now + timedelta(days=3) - timedelta(seconds=1)) == 0
    assert services.wake_due(actor=ACTOR, now=now + timedelta(days=3)) == 1
    alert.refresh_from_db()
    assert (alert.state, alert.snoozed_until, alert.snooze_reason) == ("open", None, "")
    assert deeds(alert) == ["snoozed", "woke"]
    changed = Event.objects.filter(type="alert.changed").order_by("pk").last()
    assert (changed.payload["state"], changed.payload["deed"], changed.payload["by_itself"]) == ("open", "woke", True)


@pytest.mark.parametrize(
    ("days", "reason", "code"), [(0, "away", "snooze_too_long"), (15, "away", "snooze_too_long"), (3, " \x00 ", "snooze_needs_reason")]
)
def test_a_sleep_has_a_reason_and_an_end_within_two_weeks(now, days, reason, code):
    alert = opened(make.account(), now)
    with pytest.raises(Refused) as refusal:
        services.snooze(alert, until=now + timedelta(days=days), reason=reason, actor=ACTOR, now=now)
    assert refusal.value.code == code
    assert Alert.objects.get().state == "open"


def test_a_sleep_that_is_taken_back_leaves_the_alert_as_it_was(now):
    alert = opened(make.account(), now)
    services.acknowledge(alert, actor=Actor.user(make.user()), now=now)
    services.snooze(alert, until=now + timedelta(days=1), reason="Later", actor=ACTOR, now=now)
    services.wake(alert, actor=ACTOR, now=now)
    assert Alert.objects.get().state == "acknowledged"
    with pytest.raises(Refused, match="does not sleep"):
        services.wake(alert, actor=ACTOR, now=now)


def test_an_alert_is_given_only_to_who_looks_after_it(now):
    person, stranger, viewer = make.user(), make.user(), make.user(Role.VIEWER)
    alert = opened(make.account(owner=person), now)
    services.assign(alert, to=person, actor=ACTOR, now=now)
    assert Alert.objects.get().owner == person
    for other in (stranger, viewer):
        with pytest.raises(Refused, match="does not look after"):
            services.assign(alert, to=other, actor=ACTOR, now=now)
    with pytest.raises(Refused, match="already"):
        services.assign(alert, to=person, actor=ACTOR, now=now)
    services.assign(alert, to=None, actor=ACTOR, now=now)
    assert Alert.objects.get().owner is None
    assert list(AlertMoment.objects.values_list("deed", "words")) == [("assigned", str(person)), ("assigned", "nobody")]


def test_what_settles_by_itself_says_so_and_what_a_person_resolves_does_not(now):
    one, other = opened(make.account(), now, about="1"), opened(make.account(), now, about="2")
    services.settle("usage_fell", "1", actor=ACTOR, now=now)
    services.resolve(other, actor=ACTOR, now=now)
    assert dict(Alert.objects.values_list("pk", "by_itself")) == {one.pk: True, other.pk: False}
    assert (deeds(one), deeds(other)) == (["settled"], ["resolved"])


def test_reopening_brings_the_incident_back_and_the_owner_of_an_acknowledgement_goes(now):
    person = make.user()
    alert = opened(make.account(owner=person), now)
    services.acknowledge(alert, actor=Actor.user(person), now=now)
    services.resolve(alert, actor=Actor.user(person), now=now)
    services.reopen(alert, actor=Actor.user(person), now=now)
    alert.refresh_from_db()
    assert (alert.state, alert.owner, alert.resolved_at, alert.acknowledged_at) == ("open", None, None, None)
    assert (Incident.objects.get().closed_at, alert.incident_id) == (None, Incident.objects.get().pk)


def test_a_comment_stands_in_the_story_and_empty_words_do_not(now):
    alert = opened(make.account(), now)
    services.comment(alert, "  Called Sam, he is back on Monday. ", actor=ACTOR, now=now)
    assert list(alert.moments.values_list("deed", "words")) == [("commented", "Called Sam, he is back on Monday.")]
    with pytest.raises(Refused, match="Write something"):
        services.comment(alert, " ", actor=ACTOR, now=now)


def test_a_play_started_from_an_alert_stands_in_its_story_and_takes_it_on(now):
    person = make.user()
    alert, play = opened(make.account(owner=person), now), make.play()
    run = services.start_play(alert, play, actor=Actor.user(person), now=now)
    alert.refresh_from_db()
    assert (alert.state, alert.owner, alert.acted_at) == ("acknowledged", person, now)
    assert list(alert.moments.values_list("deed", "enrolment")) == [("play", run.pk), ("acknowledged", None)]
    with pytest.raises(Refused, match="did not start"):
        services.start_play(alert, play, actor=Actor.user(person), now=now)
    assert alert.moments.count() == 2


def test_an_alert_opens_one_task_however_often_somebody_asks(now):
    person = make.user()
    alert = opened(make.account(owner=person), now)
    first = services.open_task(alert, actor=Actor.user(person), now=now)
    second = services.open_task(alert, actor=Actor.user(person), now=now)
    assert (first.pk, first.title, first.owner) == (second.pk, "Look into: Usage fell by half", person)
    assert list(TaskSource.objects.values_list("kind", "key", "times")) == [("alert", f"alert:{alert.pk}", 2)]
    platform = services.open_alert(matter(None, about="9"), actor=ACTOR, now=now)
    with pytest.raises(Refused, match="platform itself"):
        services.open_task(platform, actor=Actor.user(person), now=now)


def at_once(*calls):
    """Run the calls in threads that begin together; returns what each gave, or its refusal's code."""
    gate, results = threading.Barrier(len(calls)), [None] * len(calls)

    def run(place, call):
        gate.wait()
        try:
            results[place] = call()
        except Refused as refusal:
            results[place] = refusal.code
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


@pytest.mark.django_db(transaction=True)
def test_of_eight_who_acknowledge_at_once_one_does(now):
    alert = opened(make.account(), now)
    people = [Actor.user(make.user()) for _ in range(8)]
    results = at_once(*[lambda person=person: services.acknowledge(alert, actor=person, now=now) for person in people])
    assert sorted(map(str, results)) == ["None"] + ["alert_not_open"] * 7
    assert deeds(alert) == ["acknowledged"]
    alert.refresh_from_db()
    assert alert.acknowledged_by == f"user:{alert.owner_id}"


@pytest.mark.django_db(transaction=True)
def test_eight_who_open_matters_of_one_account_at_once_make_one_incident_and_one_alert_per_matter(now):
    account = make.account()
    results = at_once(*[lambda place=place: opened(account, now, about=str(place % 2)).pk for place in range(8)])
    assert len(set(results)) == 2
    assert sorted(Alert.objects.values_list("seen", flat=True)) == [4, 4]
    assert Incident.objects.get().alerts.count() == 2
    assert Event.objects.filter(type="alert.opened").count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", range(4))
def test_whatever_several_do_at_once_no_change_is_lost_or_doubled(now, seed):
    """Random buttons from four threads: each that was not refused stands in the story once, and the last one tells the state."""
    chance = random.Random(seed)
    account = make.account()
    alerts = [opened(account, now, about=str(number)) for number in range(3)]
    later = now + timedelta(days=1)
    buttons = {
        "acknowledged": lambda alert: services.acknowledge(alert, actor=ACTOR, now=now),
        "snoozed": lambda alert: services.snooze(alert, until=later, reason="Later", actor=ACTOR, now=now),
        "woke": lambda alert: services.wake(alert, actor=ACTOR, now=now),
        "resolved": lambda alert: services.resolve(alert, actor=ACTOR, now=now),
        "settled": lambda alert: services.settle("usage_fell", alert.dedup_key.split(":")[1], actor=ACTOR, now=now),
        "reopened": lambda alert: services.reopen(alert, actor=ACTOR, now=now),
    }
    done, lock = [], threading.Lock()

    def work(plan):
        for name, alert in plan:
            try:
                if buttons[name](alert) == 0:
                    continue
            except Refused:
                continue
            with lock:
                done.append((alert.pk, name))

    plans = [[(chance.choice(list(buttons)), chance.choice(alerts)) for _ in range(25)] for _ in range(4)]
    at_once(*[lambda plan=plan: work(plan) for plan in plans])
    for alert in alerts:
        told = deeds(alert)
        assert sorted(told) == sorted(name for key, name in done if key == alert.pk)
        alert.refresh_from_db()
        last = told[-1] if told else "reopened"
        states = {"acknowledged": "acknowledged", "snoozed": "snoozed", "resolved": "resolved", "settled": "resolved", "reopened": "open"}
        assert alert.state in ({"open", "acknowledged"} if last == "woke" else {states[last]})
    unresolved = Alert.objects.unresolved().count()
    assert Incident.objects.filter(closed_at__isnull=True).count() == (1 if unresolved else 0)
    assert Event.objects.filter(type="alert.changed").count() == AlertMoment.objects.count()
    assert {alert.state for alert in Alert.objects.all()} <= set(AlertState.values)
