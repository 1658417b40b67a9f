"""`make walk`: one real event through the whole house, real processes at every station, with the time of each step."""

import http.client
import json
import smtplib
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from websockets.sync.client import connect

from apps.accounts.models import Account, User
from apps.accounts.types import Role
from apps.alerts.models import Alert
from apps.churn.models import AccountRisk
from apps.core import clock
from apps.events.models import Event
from apps.integrations import services as integrations
from apps.interventions import library
from apps.interventions.models import Enrolment, Play
from apps.messaging.models import Message
from cs_platform import cycle
from cs_platform.invariants import broken
from tests import make
from tests.product import Product, running, wait_for

pytestmark = pytest.mark.django_db(transaction=True)
TROUBLE = ("ticket.opened", "ticket.opened", "ticket.opened", "payment.failed", "cancel_page.viewed")


@pytest.fixture
def wednesday_noon(monkeypatch) -> float:
    """The whole product lives at the coming Wednesday noon (UTC), so that quiet hours never decide whether this test passes."""
    real = timezone.now()
    noon = datetime(real.year, real.month, real.day, 12, tzinfo=UTC) + timedelta(days=(2 - real.weekday()) % 7 + 7)
    shift = (noon - real).total_seconds()
    monkeypatch.setenv("CS_CLOCK_SHIFT", str(shift))
    return shift


@pytest.fixture
def house(wednesday_noon, peer) -> Iterator[Product]:
    call_command("prepare", quiet=True)
    said = library.says(library.SAVE_FADING, waits={"settle": 0.01})
    make.rewrite(Play.objects.get(key=library.SAVE_FADING), now=clock.now(), holdout_percent=0, steps=said["steps"])
    settings.EMAIL_TIMEOUT = 10
    with running(beat=True, CS_CLOCK_SHIFT=str(wednesday_noon)) as product:
        product.start_mailbox()
        yield product


def fading_customer() -> tuple[Account, User]:
    """Ten good weeks, then thirteen quiet days: not yet a high risk."""
    now = clock.now()
    owner = make.user(Role.CSM)
    account = make.account(name="Riverside Dental", owner=owner, renews_on=now.date() + timedelta(days=40))
    make.contact(account, role="champion", name="Ada Champion")
    make.weeks_of_use(account, until=now - timedelta(days=13), weeks=10, per_week=20)
    make.meanings(**{"ticket.opened": "support", "payment.failed": "payment", "cancel_page.viewed": "leaving"})
    cycle.run(now)
    assert AccountRisk.objects.get(account=account).band != "high"
    return account, owner


def post(product: Product, key: str, account: Account, names: tuple[str, ...]) -> None:
    at = clock.now().isoformat()
    batch = [
        {"type": "track", "event": name, "messageId": f"walk-{at}-{index}", "timestamp": at, "userId": "walker"} for index, name in enumerate(names)
    ]
    for item in batch:
        item["context"] = {"groupId": account.external_id}
    line = http.client.HTTPConnection("127.0.0.1", product.port, timeout=60)
    line.request("POST", "/v1/batch", json.dumps({"batch": batch, "writeKey": key, "sentAt": at}), {"Content-Type": "application/json"})
    answer = line.getresponse()
    assert answer.status == 200, answer.read()
    line.close()


def session_cookie(user: User) -> str:
    client = Client()
    client.force_login(user)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def test_one_event_walks_through_the_whole_house(house, peer):
    account, owner = fading_customer()
    _, key = integrations.create_source(name="walk", now=clock.now())
    steps: list[tuple[str, float]] = []

    with connect(
        f"ws://127.0.0.1:{house.port}/ws/live/", additional_headers={"Cookie": session_cookie(owner)}, origin=f"http://127.0.0.1:{house.port}"
    ) as socket:
        json.loads(socket.recv(timeout=60))
        began = time.monotonic()

        def reached(station: str) -> None:
            steps.append((station, time.monotonic() - began))

        post(house, key, account, TROUBLE)
        reached("activity in: POST /v1/batch answered 200, events and rollup stored")
        risk = wait_for(lambda: AccountRisk.objects.filter(account=account, band="high").first(), what="a high risk")
        reached(f"score: {risk.probability:.0%} by {risk.source}, because {risk.reasons[0]['words']}")
        raised = wait_for(lambda: Event.objects.filter(type="risk.raised", subject=f"account:{account.pk}").last(), what="RiskRaised")
        reached(f"event: risk.raised #{raised.pk}, caused by {raised.cause.type} #{raised.cause_id}")
        alert = wait_for(lambda: Alert.objects.filter(account=account).first(), what="an alert")
        reached(f"alert: {alert.title} ({alert.get_severity_display()})")
        frame = wait_for(lambda: next_change(socket, "alert.opened"), what="a socket frame")
        reached(f"socket frame: {frame['kinds']} ({frame['first']}-{frame['last']})")
        enrolment = wait_for(lambda: Enrolment.objects.filter(account=account).first(), what="a run of the play")
        reached(f"play: {enrolment.play.name}, {enrolment.get_arm_display()}")
        message = wait_for(lambda: Message.objects.filter(account=account, state="sent").first(), what="a sent message")
        reached(f"message: “{message.subject}” sent by {message.get_channel_display()} to {message.address}")
        mail = wait_for(lambda: peer.to_customers[-1] if peer.to_customers else None, what="the SMTP peer")
        reached(f"SMTP peer got it: {mail['Message-ID']}")

        answer = EmailMessage()
        answer["From"], answer["To"], answer["Subject"] = mail["To"], mail["Reply-To"], f"Re: {mail['Subject']}"
        answer["In-Reply-To"] = mail["Message-ID"]
        answer.set_content("Busy weeks. Can you call me on Friday?")
        with smtplib.SMTP("127.0.0.1", house.mail_port, timeout=60) as line:
            line.send_message(answer)
        reached("reply: the customer's mail was taken")
        wait_for(lambda: Enrolment.objects.get(pk=enrolment.pk).exit_reason, what="the outcome")
        ended = Event.objects.get(type="play.ended")
        reached(f"outcome: {ended.payload['reason']}, task “{account.tasks.get().title}”")

    print("\n")
    for number, (station, at) in enumerate(steps):
        print(f"  {at * 1000:7.0f} ms  (+{(at - (steps[number - 1][1] if number else 0)) * 1000:5.0f})  {station}")
    print("\n  The chain as the house remembers it (explain_event):")
    call_command("explain_event", str(ended.pk))

    assert ended.payload["reason"] == "replied"
    assert raised.cause.type == "activity.received"
    assert Event.objects.get(type="message.sent").cause == enrolment.cause
    wait_for(lambda: not broken(clock.now()), what="all invariants to hold")


def next_change(socket, kind):
    frame = json.loads(socket.recv(timeout=60))
    return frame if frame["type"] == "change" and kind in frame["kinds"] else None
