"""Why did, or didn't, they get it: the chain of causes, what may be done, and whose book it is."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from apps.accounts.types import Role
from apps.core import clock
from apps.core.actor import Actor
from apps.core.reading import read
from apps.messaging import services as messaging
from apps.messaging.models import Consent, Decision, Message, MessageAttempt, ProviderEvent, Suppression
from apps.messaging.services import pressure
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def now() -> datetime:
    """A Wednesday at noon UTC, eight in the morning in New York."""
    return datetime(2026, 3, 11, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def still(now, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: now)
    make.open_channels()


@pytest.fixture
def sam(csm):
    account = make.account(owner=csm, name="Riverside Dental", time_zone="America/New_York")
    return make.contact(account, name="Sam Reed", email="sam@riverside.test", phone="+1 202 555 0100")


def words_of(answer) -> str:
    return " ".join(strip_tags(re.sub(r"<(style|script).*?</\1>", "", answer.content.decode(), flags=re.S).replace("<", " <")).split())


def decide(message, state, at, **fields):
    return Decision.objects.create(
        **{"message": message, "account": message.account, "state": state, "actor": "job:messaging.dispatch", "at": at, "last_at": at, **fields}
    )


def test_a_message_that_moved_to_another_provider_tells_each_step_in_order(staff, sam, now):
    play = make.enrolment(sam.account, now=now - timedelta(hours=5), of=make.play(name="Save it"))
    message = make.message(sam, now=now - timedelta(hours=4), channel="sms", state="delivered", provider="console", attempt=2, delivered_at=now)
    play.records.create(position=0, kind="message", at=message.created_at, what="SMS to Sam", message=message)
    decide(message, "queued", now - timedelta(hours=4), actor="job:interventions.advance")
    decide(message, "held", now - timedelta(hours=4), reason="Quiet hours until Wed 08:00.", times=120, last_at=now - timedelta(hours=2))
    decide(message, "sending", now - timedelta(hours=1), attempt=1)
    started = now - timedelta(minutes=59)
    one = {"message": message, "owner": "w", "started_at": started, "ended_at": started + timedelta(seconds=2)}
    MessageAttempt.objects.create(**one, number=1, provider="twilio", outcome="refused", code="503", detail="Service Unavailable")
    decide(message, "queued", started + timedelta(seconds=2), attempt=1, reason="Refused (503): Service Unavailable")
    decide(message, "sending", now - timedelta(minutes=50), attempt=2)
    one |= {"started_at": now - timedelta(minutes=49), "ended_at": now - timedelta(minutes=49)}
    MessageAttempt.objects.create(**one, number=2, provider="console", outcome="ok")
    decide(message, "sent", now - timedelta(minutes=49), attempt=2)
    ProviderEvent.objects.create(
        provider="console", event_id="1", kind="status", message=message, told="delivered", raw={}, received_at=now - timedelta(minutes=1)
    )
    decide(message, "delivered", now - timedelta(minutes=1), reason="console told: delivered.", actor="source:console", attempt=2)

    words = words_of(staff.get(f"/delivery/contacts/{sam.pk}/"))

    wanted = [
        "Yes: it arrived.",
        "The play “Save it” wrote it",
        "Written for the nurture lane",
        "the play",
        "Held by the governor 120 times",
        "Quiet hours until Wed 08:00.",
        "3 h later",
        "twilio refused it",
        "503 · Service Unavailable · 2.0 s",
        "Put back into the queue",
        "Moved to another provider. console took it",
        "48 min later",
        "console told: delivered",
        "Arrived",
    ]
    places = [words.find(part) for part in wanted]
    assert -1 not in places, wanted[places.index(-1)]
    assert places == sorted(places)
    assert "Chosen to leave now" not in words


def test_a_no_is_told_with_who_said_it_when_and_how(staff, sam, now):
    Consent.objects.create(contact=sam, channel="email", allowed=False, source="one-click", at=now - timedelta(days=3))
    Suppression.objects.create(channel="sms", address="+12025550100", reason="They wrote STOP.", at=now - timedelta(days=1))
    message = make.message(sam, now=now, state="suppressed", reason="Sam Reed does not want “success” by email.")
    decide(message, "suppressed", now, reason=message.reason)
    words = words_of(staff.get(f"/delivery/contacts/{sam.pk}/"))
    assert "No: Sam Reed does not want “success” by email." in words
    assert (
        words.index("They said no to “success” by email one-click") < words.index("Written for the nurture lane") < words.index("Not sent Sam Reed")
    )
    assert "Email no to all" in words
    assert "SMS barred +12025550100 They wrote STOP. 1 d ago" in words
    assert "No to “success” by email one-click, 3 d ago" in words


def test_the_calendar_and_the_caps_say_how_much_they_hear(sam, now):
    for hours in (3, 30, 60, 24 * 9):
        at = now - timedelta(hours=hours)
        make.message(sam, now=at, state="sent", claimed_at=at, sent_at=at)
    make.message(sam, now=now, state="failed", claimed_at=now)
    make.message(sam, now=now, channel="sms", state="held", due_at=now + timedelta(days=2))
    told = read(pressure.pressure(sam, now=now))
    assert [(cap.used, cap.most) for cap in told.caps] == [(1, 2), (3, 5), (3, 3)]
    assert [cap.free_at for cap in told.caps] == [None, None, now - timedelta(hours=60) + timedelta(days=7)]
    # Noon in UTC is eight in the morning in New York.
    assert (told.zone, told.there.hour, told.quiet_until) == ("America/New_York", 8, None)
    assert read(pressure.pressure(sam, now=now - timedelta(minutes=1))).quiet_until == now

    days = read(pressure.calendar(sam, now=now))
    assert (len(days), days[0].date.weekday(), sum(day.off for day in days)) == (35, 0, 10)
    told = {day.date.isoformat(): (day.reached, day.planned) for day in days if day.reached or day.planned}
    assert told == {
        "2026-03-02": ((("email", 1),), ()),
        "2026-03-08": ((("email", 1),), ()),
        "2026-03-10": ((("email", 1),), ()),
        "2026-03-11": ((("email", 1),), ()),
        "2026-03-13": ((), (("sms", 1),)),
    }


def test_recent_decisions_are_narrowed_by_state_channel_and_what_still_stands(staff, sam, now):
    held = make.message(sam, now=now, subject="A held one", state="held", due_at=now + timedelta(hours=2))
    decide(held, "held", now, reason="Night.", due_at=held.due_at)
    gone = make.message(sam, now=now, subject="One that went", state="sent", channel="sms")
    decide(gone, "held", now, reason="Night.")
    decide(gone, "sent", now)

    def shown(query: str) -> list[int]:
        page = staff.get(f"/delivery/?part=list&{query}", headers={"HX-Request": "true"}).content.decode()
        return [int(found) for found in re.findall(r"data-href=\"[^\"]*message=(\d+)", page)]

    assert shown("") == [gone.pk, gone.pk, held.pk]
    decide(held, "sending", now)
    assert (len(shown("")), len(shown("state=all"))) == (3, 4)
    assert shown("state=held") == [gone.pk, held.pk]
    assert shown("state=held&still=yes") == [held.pk]
    assert shown("channel=sms") == [gone.pk, gone.pk]
    assert shown(f"before={Decision.objects.order_by('id')[1].pk}") == [held.pk]
    assert shown("state=nonsense&before=x") == [gone.pk, gone.pk, held.pk]
    assert "asked again" in words_of(staff.get("/delivery/?state=held"))


def test_one_finds_people_addresses_and_messages(staff, sam, now):
    message = make.message(sam, now=now, subject="A question of Tuesday", channel="sms", address="+12025550100", provider_message_id="SM123")
    for words in ("sam reed", "sam@riverside", "tuesday", f"#{message.pk}", "SM123", "+1 (202) 555-0100"):
        page = words_of(staff.get("/delivery/", {"q": words}))
        assert "Sam Reed" in page, words
    assert "Nobody and nothing in your book" in words_of(staff.get("/delivery/", {"q": "nobody\0 at all"}))


def test_anothers_book_is_as_if_it_were_not(client, sam, now):
    message = make.message(sam, now=now, state="failed", subject="Secret")
    decide(message, "failed", now, reason="Secret")
    other = make.user(email="other@staff.test")
    client.force_login(other)
    for words in ("Secret", "sam", f"#{message.pk}"):
        assert "Nobody and nothing in your book" in words_of(client.get("/delivery/", {"q": words}))
    assert "Nothing was decided yet" in words_of(client.get("/delivery/"))
    assert client.get(f"/delivery/contacts/{sam.pk}/").status_code == 404
    assert client.post(f"/do/messages/{message.pk}/requeue/").status_code == 404
    message.refresh_from_db()
    assert message.state == "failed"


def test_what_can_still_be_done_is_done_by_name(staff, csm, sam, now):
    def one(state: str) -> Message:
        return make.message(sam, now=now, state=state, claimed_at=None if state in ("queued", "held") else now)

    rows = {"recall": one("held"), "requeue": one("failed"), "arrived": one("unknown"), "again": one("unknown")}
    page = staff.get(f"/delivery/contacts/{sam.pk}/").content.decode()
    for what, row in rows.items():
        assert f"/do/messages/{row.pk}/{what}/" in page
        assert staff.post(f"/do/messages/{row.pk}/{what}/", headers={"HX-Request": "true"}).status_code == 204
    states = {what: Message.objects.get(pk=row.pk).state for what, row in rows.items()}
    assert states == {"recall": "cancelled", "requeue": "queued", "arrived": "sent", "again": "queued"}
    assert set(Decision.objects.values_list("actor", flat=True)) == {str(Actor.user(csm))}
    assert str(csm) in words_of(staff.get(f"/delivery/contacts/{sam.pk}/"))
    again = staff.post(f"/do/messages/{rows['recall'].pk}/recall/", headers={"HX-Request": "true"})
    assert again.status_code == 409
    assert staff.post(f"/do/messages/{rows['recall'].pk}/burn/").status_code == 404


def test_a_viewer_looks_and_does_nothing(client, sam, now):
    message = make.message(sam, now=now)
    client.force_login(make.user(Role.VIEWER, email="v@staff.test"))
    page = client.get(f"/delivery/contacts/{sam.pk}/")
    assert page.status_code == 200
    assert f"/do/messages/{message.pk}" not in page.content.decode()
    assert client.post(f"/do/messages/{message.pk}/recall/").status_code == 403


def test_an_old_message_that_is_linked_to_stands_first_and_open(staff, sam, now):
    rows = [make.message(sam, now=now, subject=f"Number {number}") for number in range(20)]
    page = staff.get(f"/delivery/contacts/{sam.pk}/?message={rows[3].pk}").content.decode()
    shown = [int(found) for found in re.findall(r'id="m(\d+)"', page)]
    assert shown == [row.pk for row in reversed(rows[:4])]
    assert page.count("<details") - page.count("<details data-keep") + page.count(" open>") == 1
    assert "From the newest on" in page


def test_messages_of_before_the_log_still_tell_how_they_ended(staff, sam, now):
    make.message(sam, now=now - timedelta(days=40), state="expired", reason="Too late: it was worth sending until 1 Feb.")
    words = words_of(staff.get(f"/delivery/contacts/{sam.pk}/"))
    assert "Too late to send Too late: it was worth sending until 1 Feb." in words


def test_the_page_costs_the_same_however_much_there_is(staff, sam, now):
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert staff.get(f"/delivery/contacts/{sam.pk}/").status_code == 200
        return len(queries)

    for _ in range(3):
        decide(make.message(sam, now=now), "held", now, reason="x", actor="user:1")
    cost()
    few = cost()
    for _ in range(30):
        message = make.message(sam, now=now, state="failed")
        decide(message, "failed", now, reason="x", actor="user:2")
        MessageAttempt.objects.create(message=message, number=1, owner="w", started_at=now)
    assert cost() == few
    assert few <= 8


def test_nothing_was_ever_written_says_so(staff, sam):
    assert "Nobody wrote to Sam Reed yet" in words_of(staff.get(f"/delivery/contacts/{sam.pk}/"))
    assert "Nothing was decided yet" in words_of(staff.get("/delivery/"))
    assert messaging.topics() == ["success"]
