"""The pages of coaching: sessions, the team, the effect."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from icalendar import Calendar

from apps.accounts.types import Role
from apps.coaching import services as coaching
from apps.coaching.models import Session
from apps.coaching.sessions import calendar
from apps.interventions.models import Task
from apps.messaging import services as messaging
from tests import make

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def frozen():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def coach(client):
    coaching.ensure_strategies()
    messaging.ensure_templates(now=NOW)
    user = make.user(time_zone="Europe/Berlin")
    client.force_login(user)
    return user


@pytest.fixture
def account(coach):
    return make.account(owner=coach, name="Riverside Dental")


@pytest.fixture
def session(account, coach):
    person = make.contact(account, name="Dana Reed")
    return coaching.propose(account, coach=coach, contact=person, topic="Reports that are read", strategy="plan", actor=make.ACTOR, now=NOW)


def press(client, session, what, **said):
    return client.post(f"/do/sessions/{session.pk}/{what}/", said, headers={"HX-Request": "true"})


def live(client, session):
    press(client, session, "accept")
    press(client, session, "schedule", starts_at="2026-03-12T09:00", place="https://meet.example/1")
    press(client, session, "begin")
    session.refresh_from_db()


def test_a_session_is_planned_from_the_page_and_opens(client, account, coach):
    assert "Riverside Dental" in client.get("/coaching/sessions/new/?q=river").content.decode()
    page = client.get(f"/coaching/sessions/new/?account={account.pk}").content.decode()
    assert "What helped most" in page
    assert "Plan when and where" in page
    answer = client.post(
        f"/coaching/sessions/new/?account={account.pk}", {"topic": "Reports", "minutes": "45", "mode": "call", "points": "Their branch\n\nA film"}
    )
    made = Session.objects.get()
    assert answer["Location"] == f"/coaching/sessions/{made.pk}/"
    assert (made.coach, made.minutes, made.mode, [point["words"] for point in made.agenda][:2]) == (coach, 45, "call", ["Their branch", "A film"])
    assert made.decision is not None


def test_a_time_that_is_typed_is_the_readers_own(client, session):
    press(client, session, "accept")
    assert press(client, session, "schedule", starts_at="2026-03-12T09:00", minutes="20").status_code == 204
    session.refresh_from_db()
    assert (session.starts_at, session.minutes) == (datetime(2026, 3, 12, 8, tzinfo=UTC), 20)
    assert "Thu 12 Mar, 09:00" in client.get(f"/coaching/sessions/{session.pk}/").content.decode()


def test_a_session_is_led_from_its_page_to_the_follow_up(client, session):
    live(client, session)
    goal = {"action": "look on Mondays", "measure": "days", "target": "2,5", "within": "7"}
    assert press(client, session, "agree", **goal).status_code == 204
    assert press(client, session, "promise", promise="Send the film", due="2026-03-20", whose="ours").status_code == 204
    assert Task.objects.get(reason="promise").title == "Send the film"
    assert client.post(f"/do/sessions/{session.pk}/write/", {"confidence": "8"}).json()["confidence"] == 8
    page = client.get(f"/coaching/sessions/{session.pk}/").content.decode()
    for words in ("look on Mondays", "At least 2.5 days a week, read after 7 days", "8 of 10", "Send the film", "End the session"):
        assert words in page
    assert press(client, session, "hold").status_code == 204
    assert press(client, session, "follow-up", words="Thanks").status_code == 204
    session.refresh_from_db()
    assert session.state == "follow_up"
    after = client.get(f"/coaching/sessions/{session.pk}/?part=after", headers={"HX-Request": "true"}).content.decode()
    assert "Day 7" in after
    assert "What we agreed: Reports that are read" in after
    assert press(client, session, "agree", **goal).status_code == 409


def test_notes_that_somebody_else_changed_are_answered_with_both(client, session):
    address = f"/do/sessions/{session.pk}/write/"
    assert client.post(address, {"notes": "First\r\nline", "seen": ""}).json()["notes"] == "First\nline"
    answer = client.post(address, {"notes": "Mine", "seen": ""})
    assert answer.status_code == 409
    assert answer.json()["fields"]["notes"] == {"yours": "Mine", "theirs": "First\nline", "base": ""}
    session.refresh_from_db()
    assert session.notes == "First\nline"
    assert client.get(f"/coaching/sessions/{session.pk}/notes/").json() == {
        "notes": "First\nline",
        "confidence": None,
        "version": 2,
        "writable": True,
        "agreeable": True,
    }


def test_who_is_here_is_seen_and_who_left_is_not(client, session, account):
    address = f"/do/sessions/{session.pk}/here/"
    assert client.post(address).json() == {"people": [{"name": str(session.coach), "you": True}]}
    other = make.user(Role.ADMINISTRATOR)
    client.force_login(other)
    assert [one["you"] for one in client.post(address).json()["people"]] == [False, True]
    client.post(address, {"gone": "yes"})
    client.force_login(session.coach)
    assert client.post(address).json() == {"people": [{"name": str(session.coach), "you": True}]}


def test_another_book_and_a_viewer(client, session):
    client.force_login(make.user(Role.CSM))
    for path in (f"/coaching/sessions/{session.pk}/", f"/coaching/sessions/{session.pk}/notes/", f"/coaching/sessions/{session.pk}/calendar.ics"):
        assert client.get(path).status_code == 404
    assert client.post(f"/do/sessions/{session.pk}/here/").status_code == 404
    assert "Reports that are read" not in client.get("/coaching/sessions/?whose=all").content.decode()
    client.force_login(make.user(Role.VIEWER))
    assert client.get(f"/coaching/sessions/{session.pk}/").status_code == 200
    assert press(client, session, "accept").status_code == 403
    assert client.post(f"/do/sessions/{session.pk}/write/", {"notes": "x", "seen": ""}).status_code == 403
    session.refresh_from_db()
    assert (session.state, session.notes) == ("proposed", "")


def test_the_customers_calendar_entry_opens_by_its_address_only(client, session):
    assert client.get(calendar.path(session)).status_code == 404
    press(client, session, "accept")
    press(client, session, "schedule", starts_at="2026-03-12T09:00")
    client.logout()
    answer = client.get(calendar.path(session))
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert str(Calendar.from_ical(answer.content).walk("VEVENT")[0]["summary"]) == "Reports that are read"
    assert client.get(f"/c/session/{session.pk}:forged.ics").status_code == 404
    assert client.get(f"/coaching/sessions/{session.pk}/calendar.ics").status_code == 302


@pytest.mark.parametrize(
    ("what", "said", "words"),
    [
        ("schedule", {"starts_at": "tomorrow"}, "Say a day and an hour"),
        ("agree", {"action": "x", "measure": "vibes"}, "by what one will see it"),
        ("agree", {"action": "x", "measure": "days", "target": "many"}, "needs a number"),
        ("promise", {"promise": "x", "due": "soon"}, "needs a day"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(client, session, what, said, words):
    answer = press(client, session, what, **said)
    assert answer.status_code == 409
    assert words in answer["HX-Trigger"]


def test_an_unknown_button_is_no_page(client, session):
    assert press(client, session, "explode").status_code == 404


def test_lists_say_what_waits_and_why_nothing_does(client, session):
    assert "Reports that are read" in client.get("/coaching/sessions/").content.decode()
    assert "Nothing was called off" in client.get("/coaching/sessions/?view=off").content.decode()
    press(client, session, "call-off", because="They are ill")
    said = client.get("/coaching/sessions/").content.decode()
    assert "No session of yours waits" in said
    assert 'or <a href="?whose=all">look at all of the book</a>' in said
    said = client.get("/coaching/sessions/?whose=all").content.decode()
    assert "No session waits" in said
    assert "or <a" not in said
    assert "Reports that are read" in client.get("/coaching/sessions/?view=off").content.decode()


def test_the_team_page_counts_and_ranks_nobody(client, account, coach):
    lead = make.user(None, is_superuser=True)
    zoe, adam = make.user(email="zoe@staff.test"), make.user(email="adam@staff.test")
    for owner, names in ((zoe, 3), (adam, 1)):
        for _ in range(names):
            make.session(make.account(owner=owner), now=NOW)
    client.force_login(lead)
    page = client.get("/coaching/team/").content.decode()
    assert "4 of 5 customers had a session in the last 90 days." in page
    people = page.split("<tbody>")[1].split("<tr>")[1:]
    assert len(people) == 3
    assert "never by person" in page


def test_the_effect_page_says_what_it_cannot_tell(client, account):
    page = client.get("/coaching/effect/").content.decode()
    assert "Tips: Cannot tell yet: 0 shown, 50 are needed." in page
    assert "Sessions: Cannot tell yet: 0 coached accounts can be compared, 50 are needed." in page
    assert "Before and after alone" not in page.split("cs-s-cols")[1].split("</section>")[0]


def test_the_effect_of_sessions_is_told_against_accounts_that_were_alike(client, coach):
    coached(coach, treated=60, others=240, lift=2.0)
    page = client.get("/coaching/effect/").content.decode()
    assert "Directional: nobody drew lots." in page
    assert "Matched, change against change" in page
    assert "Week 4" in page


def coached(owner, *, treated, others, lift):
    """Accounts that use the product, some of which had a session six weeks ago and do `lift` times as much since."""
    from apps.accounts.models import DailyRollup

    at = NOW - timedelta(days=45)
    accounts = [make.account(owner=owner, started_on=NOW.date() - timedelta(days=900)) for _ in range(treated + others)]
    rows = []
    for number, one in enumerate(accounts):
        if number < treated:
            make.session(one, now=NOW, begun_at=at, ended_at=at, starts_at=at, proposed_at=at)
        for day in range(130):
            on = NOW.date() - timedelta(days=day)
            count = 2 + (number * 7 + day * 3) % 5
            rows.append(
                DailyRollup(account=one, day=on, name="login", value=1, count=int(count * (lift if number < treated and on > at.date() else 1)))
            )
    DailyRollup.objects.bulk_create(rows)
