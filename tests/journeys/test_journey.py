"""The main job in one process, with time as an argument: every station through its own door."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db.models import Q
from waffle.models import Flag, Switch

from apps.accounts.models import Account
from apps.alerts.models import Alert
from apps.churn.models import AccountRisk
from apps.events.models import Delivery, Event, JobRun
from apps.interventions.models import Enrolment, Play, Task
from apps.messaging import services as messaging
from apps.messaging.models import Message
from cs_platform import cycle
from cs_platform.invariants import broken
from tests import make
from tests.conftest import forget_keys

NOW = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)


@pytest.fixture
def house(db):
    call_command("prepare", quiet=True)
    make.rewrite(Play.objects.get(state="live"), now=NOW, holdout_percent=0)


@pytest.fixture
def customer(house):
    account = make.account(name="Riverside Dental", owner=make.user(), renews_on=NOW.date() + timedelta(days=40))
    make.contact(account, role="champion", name="Ada Champion")
    make.weeks_of_use(account, until=NOW - timedelta(days=21), weeks=10, per_week=20)
    make.meanings(**{"ticket.opened": "support", "payment.failed": "payment", "cancel_page.viewed": "leaving"})
    cycle.run(NOW - timedelta(days=20))
    return account


def trouble(account, now):
    """What a customer does who is about to leave, through the same door as all activity."""
    for name in ("ticket.opened", "ticket.opened", "ticket.opened", "payment.failed", "cancel_page.viewed"):
        make.activity(account, now, name=name)


def test_what_is_due_only_later_keeps_nobody_going_round(house):
    cycle.run(NOW)
    assert Delivery.objects.filter(state="pending", due_at__gt=NOW + timedelta(days=1)).exists(), "what was announced today"
    assert JobRun.objects.get(name="events.sweep").runs < 10


def test_trouble_raises_the_risk_which_starts_the_play_and_alerts_and_a_reply_is_the_outcome(customer, peer):
    assert AccountRisk.objects.get(account=customer).band != "high"
    trouble(customer, NOW)
    cycle.run(NOW)
    risk = AccountRisk.objects.get(account=customer)
    assert (risk.band, risk.stale_since) == ("high", None)
    assert any("payment" in reason["words"].lower() for reason in risk.reasons)
    alert, enrolment = Alert.objects.get(), Enrolment.objects.get()
    assert (alert.state, alert.severity, enrolment.state) == ("open", "urgent", "waiting")
    assert alert.why[0] == risk.reasons[0]["words"]

    cycle.run(NOW + timedelta(minutes=6))
    message = Message.objects.get()
    assert (message.channel, message.state) == ("email", "sent")
    assert [mail["To"] for mail in peer.to_customers] == [enrolment.contact.email]

    messaging.record_reply(token=message.reply_token, text="Sorry, busy weeks. Call me on Friday?", now=NOW + timedelta(hours=2))
    cycle.run(NOW + timedelta(hours=2))
    enrolment.refresh_from_db()
    assert (enrolment.exit_reason, Task.objects.get().title) == ("replied", "Answer Ada Champion")

    about = Q(subject=f"account:{customer.pk}") | Q(payload__account_ids__contains=customer.pk)
    types = list(Event.objects.filter(about, at__gte=NOW).values_list("type", flat=True).distinct())
    assert {
        "activity.received",
        "risk.raised",
        "alert.opened",
        "play.entered",
        "message.sent",
        "message.replied",
        "play.ended",
        "task.opened",
    } <= set(types)
    assert broken(NOW + timedelta(hours=2)) == []


def test_a_return_is_the_outcome_when_nobody_replies(customer, peer):
    trouble(customer, NOW)
    cycle.run(NOW)
    for day in range(1, 5):
        make.activity(customer, *[NOW + timedelta(days=day, minutes=minute) for minute in range(5)])
        cycle.run(NOW + timedelta(days=day, hours=1))
    enrolment = Enrolment.objects.get()
    assert (enrolment.exit_reason, enrolment.goal_met_at is not None) == ("goal", True)
    assert Account.objects.get(pk=customer.pk).stage == "active"


def test_a_play_that_is_rolled_out_to_nobody_starts_nothing_but_the_alert_opens(customer):
    Flag.objects.update(everyone=False)
    forget_keys()
    trouble(customer, NOW)
    cycle.run(NOW)
    assert (Enrolment.objects.count(), Alert.objects.count()) == (0, 1)


def test_a_closed_channel_keeps_its_messages_waiting_and_sends_them_when_it_opens(customer, peer):
    Switch.objects.filter(name="channel.email").update(active=False)
    forget_keys()
    trouble(customer, NOW)
    cycle.run(NOW)
    cycle.run(NOW + timedelta(minutes=6))
    assert (Message.objects.get().state, peer.to_customers) == ("queued", [])
    Switch.objects.filter(name="channel.email").update(active=True)
    forget_keys()
    cycle.run(NOW + timedelta(minutes=10))
    assert (Message.objects.get().state, len(peer.to_customers)) == ("sent", 1)
