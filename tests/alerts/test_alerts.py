from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection

from apps.accounts.types import Role
from apps.alerts import handlers, services
from apps.alerts.models import Alert
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.models import Event
from apps.events.vocabulary import MessageSent, ProviderChanged
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")


def raised(account, now, *, probability=0.62):
    prediction = make.prediction(account, now=now, probability=probability)
    return services.raise_risk(account_id=account.pk, prediction_id=prediction.pk, actor=ACTOR, now=now)


def test_a_high_risk_opens_one_alert_with_its_reasons(now):
    account = make.account(name="Riverside Dental")
    alert = raised(account, now)
    assert (alert.title, alert.severity, alert.state, alert.seen) == ("Riverside Dental is likely to leave", "warning", "open", 1)
    assert alert.why == ["No activity for 23 days"]
    assert [event.type for event in Event.objects.all()] == ["alert.opened"]


def test_the_same_matter_is_one_alert_until_resolved(now):
    account = make.account()
    first, second = raised(account, now), raised(account, now + timedelta(hours=1))
    assert (first.pk, second.seen, second.last_seen_at) == (second.pk, 2, now + timedelta(hours=1))
    services.resolve(second, actor=ACTOR, now=now)
    third = raised(account, now + timedelta(hours=2))
    assert third.pk != first.pk
    assert Event.objects.filter(type="alert.opened").count() == 2


def test_a_rise_into_the_middle_band_alerts_nobody(now):
    assert raised(make.account(), now, probability=0.2) is None
    assert Alert.objects.count() == 0


@pytest.mark.parametrize(
    ("fields", "severity"),
    [
        ({"arr": 49_999}, "warning"),
        ({"arr": 50_000}, "urgent"),
        ({"renews_in": 60}, "urgent"),
        ({"renews_in": 61}, "warning"),
        ({"renews_in": -1}, "warning"),
    ],
)
def test_much_money_or_little_time_makes_it_urgent(now, fields, severity):
    renews_in = fields.pop("renews_in", None)
    account = make.account(**fields, renews_on=now.date() + timedelta(days=renews_in) if renews_in is not None else None)
    assert raised(account, now).severity == severity


def test_an_acknowledged_alert_names_who_and_when_and_is_not_acknowledged_twice(now):
    alert, person = raised(make.account(), now), Actor.user(make.user())
    services.acknowledge(alert, actor=person, now=now)
    alert.refresh_from_db()
    assert (alert.state, alert.acknowledged_by, alert.acknowledged_at) == ("acknowledged", str(person), now)
    with pytest.raises(Refused, match="no longer open"):
        services.acknowledge(alert, actor=ACTOR, now=now + timedelta(hours=1))
    alert.refresh_from_db()
    assert alert.acknowledged_by == str(person)


def test_resolving_twice_is_refused(now):
    alert = raised(make.account(), now)
    services.resolve(alert, actor=ACTOR, now=now)
    with pytest.raises(Refused, match="resolved already"):
        services.resolve(alert, actor=ACTOR, now=now)


def test_settling_resolves_only_the_kind_and_account_meant(now):
    one, other = make.account(), make.account()
    raised(one, now)
    raised(other, now)
    message = make.message(make.contact(one), now=now, state="unknown", reason="The line broke.")
    services.raise_unknown_message(account_id=one.pk, message_id=message.pk, actor=ACTOR, now=now)
    assert services.settle("risk", one.pk, actor=ACTOR, now=now) == 1
    assert sorted(Alert.objects.unresolved().values_list("account", "kind")) == sorted([(one.pk, "unknown_message"), (other.pk, "risk")])


def test_alerts_of_a_customer_who_left_are_settled(now):
    gone, stays = make.account(stage="churned"), make.account()
    raised(gone, now)
    raised(stays, now)
    assert services.settle_leavers(actor=ACTOR, now=now) == 1
    assert Alert.objects.unresolved().get().account == stays


def test_a_success_manager_sees_alerts_of_the_own_book_only(now):
    person = make.user()
    mine, foreign = raised(make.account(owner=person), now), raised(make.account(), now)
    assert list(Alert.objects.for_user(person)) == [mine]
    assert foreign in Alert.objects.for_user(make.user(Role.VIEWER))


def test_what_is_the_matter_with_a_provider_is_an_alert_of_the_platform_until_it_is_over(now):
    def note(matter, ill):
        event = ProviderChanged(provider="twilio", matter=matter, ill=ill, words="Five times.")
        handlers.note_provider(event, events.publish(event, actor=ACTOR, now=now))

    for matter in ("rest", "calls", "silence"):
        note(matter, True)
    titles = set(Alert.objects.unresolved().values_list("title", flat=True))
    assert len(titles) == 3
    assert "Calls in the name of twilio have a wrong signature" in titles
    note("calls", False)
    assert Alert.objects.unresolved().count() == 2
    assert Alert.objects.get(state="resolved").why[0] == "Five times."


def test_a_doubt_about_a_message_is_over_when_it_did_arrive(now):
    account = make.account()
    message = make.message(make.contact(account), now=now, state="unknown", reason="The line broke.")
    services.raise_unknown_message(account_id=account.pk, message_id=message.pk, actor=ACTOR, now=now)
    said = MessageSent(account_id=account.pk, message_id=message.pk, channel="email")
    handlers.settle_message(said, events.publish(said, actor=ACTOR, now=now))
    assert not Alert.objects.unresolved().exists()


def test_alerts_of_earlier_releases_get_their_rule_and_their_incident(now):
    account, other = make.account(), make.account()
    first = make.alert(account, now=now, kind="stuck_play")
    second = make.alert(account, now=now + timedelta(hours=1), state="acknowledged")
    old = make.alert(other, now=now, state="resolved", resolved_at=now)
    with connection.cursor() as cursor:
        cursor.execute(import_module("apps.alerts.migrations.0004_lifecycle").FILL)
    for alert in (first, second, old):
        alert.refresh_from_db()
    assert (first.rule.key, first.rule.name, second.rule.key, old.rule.key) == ("stuck-play", "Stuck play", "risk", "risk")
    assert (first.incident_id, old.incident) == (second.incident_id, None)
    assert (first.incident.account, first.incident.opened_at) == (account, now)
