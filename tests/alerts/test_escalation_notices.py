"""Telling people of ours and channels outside: by real mail, a real receiver, and under a frozen clock (Wednesday, 11 March 2026, 12:00 UTC)."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import connection

from apps.accounts.types import Role
from apps.alerts.models import Notice, NoticeRoad, NoticeSending, OutsideChannel, StaffBrowser
from apps.alerts.notifying import outside, sending, telling, wishes
from apps.alerts.types import Pace, Road
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.messaging.types import Outcome, Result
from tests import make
from tests.integrations.receiver import Reply

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")


@pytest.fixture
def user():
    return make.user(email="mara@staff.test")


@pytest.fixture
def alert(user, now):
    return make.alert(make.account(name="Riverside Dental", owner=user), now=now)


def tell(alert, now, *, people=(), channels=(), key="one", urgent=False, **fields):
    return telling.tell(alert, people=people, channels=channels, key=key, words="To Mara as the owner.", urgent=urgent, now=now, **fields)


def send(now):
    return sending.advance(clock=lambda: now)


def states():
    return list(NoticeSending.objects.order_by("id").values_list("road", "state"))


def test_a_notice_leaves_once_by_mail_with_the_alert_in_words(alert, user, now, peer):
    tell(alert, now, people=[user])
    tell(alert, now, people=[user])
    assert (send(now), send(now)) == (1, 0)
    (mail,) = peer.mails
    assert (mail["To"], mail["Subject"]) == ("mara@staff.test", "Riverside Dental is likely to leave")
    text = mail.get_body(("plain",)).get_content()
    assert "To Mara as the owner." in text
    assert "- No activity for 23 days" in text
    assert f"/accounts/{alert.account_id}/" in text
    assert states() == [("email", "sent")]


def test_a_mail_server_that_is_busy_is_asked_again_later_and_later(alert, now, peer):
    busy = make.user(email="mara+451@staff.test")
    tell(alert, now, people=[busy])
    moments = []
    for _ in range(6):
        row = NoticeSending.objects.get()
        moments.append(row.due_at)
        assert send(row.due_at) == 1
    gaps = [(later - sooner).total_seconds() for sooner, later in zip(moments, moments[1:], strict=False)]
    assert [low <= gap <= low * 1.25 for gap, low in zip(gaps, (15, 60, 300, 900, 3600), strict=True)] == [True] * 5
    row = NoticeSending.objects.get()
    assert (row.state, row.attempt, row.answer) == ("failed", 6, "451 4.7.1 greylisted, try later")


def test_an_address_that_does_not_exist_is_not_tried_again(alert, now, peer):
    tell(alert, now, people=[make.user(email="gone+550@staff.test")])
    send(now)
    assert states() == [("email", "failed")]


def test_a_digest_waits_for_the_next_working_day_and_is_one_mail(user, now, peer):
    NoticeRoad.objects.create(user=user, road="email", pace="daily")
    alerts = [make.alert(make.account(name=f"Account {letter}", owner=user), now=now) for letter in "ABC"]
    for one in alerts:
        tell(one, now, people=[user], key=f"k{one.pk}")
    assert set(NoticeSending.objects.values_list("due_at", flat=True)) == {datetime(2026, 3, 12, 9, tzinfo=UTC)}
    assert send(now) == 0
    assert send(datetime(2026, 3, 12, 9, tzinfo=UTC)) == 1
    (mail,) = peer.mails
    assert mail["Subject"] == "3 alerts: Account A is likely to leave"
    assert mail.get_body(("plain",)).get_content().count("- Account") == 3
    assert states() == [("email", "sent")] * 3


@pytest.mark.parametrize(
    ("at", "due"),
    [((2026, 3, 11, 12, 20), (2026, 3, 11, 13)), ((2026, 3, 11, 16, 30), (2026, 3, 12, 9)), ((2026, 3, 13, 17, 30), (2026, 3, 16, 9))],
)
def test_an_hourly_digest_leaves_at_full_hours_of_the_working_day(user, at, due):
    assert telling.when(Pace.HOURLY, user, datetime(*at, tzinfo=UTC)) == datetime(*due, tzinfo=UTC)


def test_what_is_urgent_waits_for_no_digest(alert, user, now, peer):
    NoticeRoad.objects.create(user=user, road="email", pace="daily")
    tell(alert, now, people=[user], urgent=True)
    assert send(now) == 1
    assert peer.mails[0]["Subject"] == "Now: Riverside Dental is likely to leave"


def test_a_road_that_is_off_is_not_taken_and_the_bell_can_be_quiet_too(alert, user, now):
    wishes.wish(user, wishes={"email": {"is_on": False}, "in_app": {"is_on": False}})
    tell(alert, now, people=[user])
    assert (NoticeSending.objects.count(), Notice.objects.get().in_app) == (0, False)


def test_who_asked_to_hear_and_stands_on_the_ladder_is_told_once(alert, user, now):
    tell(alert, now, people=[user], key="opened:1", asked={Road.EMAIL: Pace.DAILY})
    assert NoticeSending.objects.get().gathered
    tell(alert, now + timedelta(seconds=20), people=[user], key="climb:1:0")
    assert (Notice.objects.count(), NoticeSending.objects.get().gathered) == (1, False)
    tell(alert, now + timedelta(hours=4), people=[user], key="climb:1:2")
    assert Notice.objects.count() == 2


def test_a_dead_sender_leaves_a_mail_to_be_sent_again_and_a_text_in_doubt(alert, user, now, settings):
    settings.MESSAGE_PROVIDERS = {**settings.MESSAGE_PROVIDERS, "sms": ["console"]}
    wishes.wish(user, wishes={"sms": {"is_on": True, "number": "+15551234567"}})
    tell(alert, now, people=[user])
    assert [len(sending.claim(now=now)) for _ in range(3)] == [1, 1, 0]
    assert sending.sweep(now=now + timedelta(seconds=119)) == 0
    assert sending.sweep(now=now + timedelta(seconds=121)) == 2
    assert sorted(states()) == [("email", "waiting"), ("sms", "unknown")]


def test_whoever_comes_late_records_nothing(alert, user, now):
    tell(alert, now, people=[user])
    late = sending.claim(now=now)
    sending.sweep(now=now + timedelta(minutes=3))
    again = sending.claim(now=now + timedelta(minutes=3))
    sending.record(late, Result(Outcome.REFUSED, code="x"), now=now)
    assert NoticeSending.objects.get().state == "sending"
    sending.record(again, Result(Outcome.OK), now=now)
    assert NoticeSending.objects.get().state == "sent"


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def browser_keys():
    numbers = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    return encoded(b"\x04" + numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")), encoded(b"a" * 16)


def test_push_reaches_the_browsers_of_a_person_and_forgets_those_that_are_gone(alert, user, now, settings, receiver):
    settings.VAPID_PRIVATE_KEY = encoded(ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value.to_bytes(32, "big"))
    settings.VAPID_CONTACT, settings.WEB_PUSH_SERVICES = "mailto:ops@example.test", [f"http://127.0.0.1:{receiver.server_port}"]
    p256dh, auth = browser_keys()
    receiver.replies = [Reply(201), Reply(410)]
    for name in ("one", "two"):
        wishes.subscribe(user, endpoint=f"http://127.0.0.1:{receiver.server_port}/{name}", p256dh=p256dh, auth=auth, now=now)
    wishes.wish(user, wishes={"email": {"is_on": False}})
    tell(alert, now, people=[user])
    assert send(now) == 1
    assert states() == [("push", "sent")]
    assert len({one.headers["topic"] for one in receiver.received}) == 1
    assert list(StaffBrowser.objects.order_by("id").values_list("ended_at", flat=True)) == [None, now]


def test_an_endpoint_of_nobodys_is_refused(user, now):
    p256dh, auth = browser_keys()
    with pytest.raises(Refused, match="no push service"):
        wishes.subscribe(user, endpoint="https://10.0.0.1/push", p256dh=p256dh, auth=auth, now=now)
    assert StaffBrowser.objects.count() == 0


def channel(kind, address, now):
    return outside.create(key=f"{kind}-one", name="Operations", kind=kind, address=address, actor=ACTOR, now=now)


def test_a_webhook_is_told_everything_under_the_key_of_the_notice(alert, now, nearby, receiver):
    operations = channel("webhook", receiver.url, now)
    tell(alert, now, channels=[operations])
    assert send(now) == 1
    (told,) = receiver.received
    said = json.loads(told.body)
    assert (told.id, said["alert"]["title"], said["account"]["name"]) == (f"notice-{Notice.objects.get().pk}", alert.title, "Riverside Dental")
    operations.refresh_from_db()
    assert (operations.failures, operations.last_sent_at) == (0, now)


def test_a_webhook_that_fails_is_asked_again_under_the_same_key_and_shown(alert, now, nearby, receiver):
    receiver.replies = [Reply(503, body=b"in maintenance")]
    operations = channel("webhook", receiver.url, now)
    tell(alert, now, channels=[operations])
    send(now)
    operations.refresh_from_db()
    assert (operations.failures, operations.last_error) == (1, "in maintenance")
    send(NoticeSending.objects.get().due_at)
    assert len({one.id for one in receiver.received}) == 1
    assert (states(), len(receiver.received)) == ([("outside", "sent")], 2)


@pytest.mark.parametrize(
    ("kind", "address", "words"),
    [
        ("webhook", "http://example.com/x", "Use an https:// address."),
        ("webhook", "https://169.254.169.254/latest", "which is never called"),
        ("webhook", "https://127.0.0.1/x", "inside our own network"),
        ("webhook", "https://[::ffff:10.0.0.1]/x", "inside our own network"),
        ("slack", "json://127.0.0.1/x", "no address of Slack"),
        ("slack", "https://hooks.slack.com.evil.test/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ", "no address of Slack"),
        ("slack", "file:///etc/passwd", "no address of Slack"),
        ("teams", "workflows://127.0.0.1:443/643e69f83c8944/KODuebWbDGYFr0z0eu/", "no address of Microsoft Teams"),
        ("teams", "workflows://prod-1.logic.azure.com:8443/643e69f83c8944/KODuebWbDGYFr0z0eu/", "no address of Microsoft Teams"),
        ("pagerduty", "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/", "no address of PagerDuty"),
    ],
)
def test_addresses_that_lead_elsewhere_are_refused(kind, address, words, now):
    with pytest.raises(Refused, match=words):
        channel(kind, address, now)
    assert OutsideChannel.objects.count() == 0


def test_a_name_that_leads_inside_is_refused_when_it_is_called(alert, now, settings, receiver):
    """It was checked when it was written; a name can lead elsewhere the next day."""
    settings.WEBHOOK_ALLOW_HTTP = True
    operations = channel("webhook", f"http://localhost:{receiver.server_port}/in", now)
    tell(alert, now, channels=[operations])
    send(now)
    assert receiver.received == []
    assert "inside our own network" in NoticeSending.objects.get().answer


def test_an_address_is_a_secret(now, settings):
    address = "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
    slack = channel("slack", address, now)
    with connection.cursor() as cursor:
        cursor.execute("select sealed || shown from alerts_outsidechannel")
        assert "TIiajkdnlazkcOXrIdevi7FQ" not in cursor.fetchone()[0]
    assert slack.shown == "hooks.slack.com"
    settings.SECRET_KEY = "another"
    told = outside.say(slack, title="", body="", link="", data={}, key="k", dedup="d", urgent=False)
    assert (told.outcome, told.code) == ("refused", "sealed")


def test_slack_and_pagerduty_are_told_through_apprise(alert, now, receiver, monkeypatch):
    from apprise.plugins.pagerduty import PAGERDUTY_API_LOOKUP
    from apprise.plugins.slack import NotifySlack

    # Only their makers' addresses stand in for a machine of ours.
    monkeypatch.setattr(NotifySlack, "webhook_url", f"http://127.0.0.1:{receiver.server_port}/slack")
    monkeypatch.setitem(PAGERDUTY_API_LOOKUP, "us", f"http://127.0.0.1:{receiver.server_port}/pagerduty")
    receiver.replies = [Reply(200), Reply(202)]
    slack = channel("slack", "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ", now)
    duty = channel("pagerduty", "pagerduty://INTEGRATIONKEY@APIKEY/", now)
    tell(alert, now, channels=[slack, duty])
    assert send(now) == 2
    assert states() == [("outside", "sent")] * 2
    assert "Riverside Dental is likely to leave" in receiver.received[0].body.decode()
    assert json.loads(receiver.received[1].body)["dedup_key"].endswith(f"-alert-{alert.pk}")


def test_reading_makes_read_ones_own_and_nobody_elses(alert, user, now):
    other = make.user(Role.ADMINISTRATOR)
    tell(alert, now, people=[user, other])
    assert telling.read(user, now=now) == 1
    assert list(Notice.objects.unread().values_list("user", flat=True)) == [other.pk]
