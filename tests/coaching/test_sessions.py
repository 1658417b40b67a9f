"""A session from the proposal to what came of it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from icalendar import Calendar

from apps.accounts.models import EventName, Note, Promise
from apps.coaching import services as coaching
from apps.coaching.models import Goal, GoalReading, Session
from apps.coaching.sessions import calendar, messages, strategies
from apps.coaching.types import SESSION_MOVES, Agreed, Measure, SessionState
from apps.core.errors import Conflict, Refused
from apps.events.models import Event
from apps.experiments.models import PolicyDecision
from apps.interventions.models import Task
from apps.messaging.models import Message
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("house")]
ACTOR = make.ACTOR


@pytest.fixture
def session(account, coach, person, now):
    return coaching.propose(account, coach=coach, contact=person, topic="Reports that are read", actor=ACTOR, now=now)


def scheduled(session, now, hours=48):
    coaching.accept(session, actor=ACTOR, now=now)
    coaching.schedule(session, starts_at=now + timedelta(hours=hours), actor=ACTOR, now=now, place="https://meet.example/1")
    return session


def live(session, now):
    scheduled(session, now)
    coaching.begin(session, actor=ACTOR, now=now + timedelta(hours=48))
    return session


def told(session):
    rows = Event.objects.filter(type__startswith="coaching.", payload__session_id=session.pk).order_by("id")
    return [(row.type, row.payload.get("state", "")) for row in rows]


def test_a_session_goes_from_proposal_to_what_came_of_it(session, account, coach, now):
    make.activity(account, now - timedelta(days=3), name="report.viewed")
    start = now + timedelta(hours=48)
    live(session, now)
    coaching.write(
        session, changes={"notes": "They read reports on Mondays.", "confidence": 8}, seen={"notes": "", "confidence": None}, actor=ACTOR, now=start
    )
    agreed = Agreed("look at the weekly report every Monday", Measure.ACTIVITY, 2, "report.viewed", 30)
    goal = coaching.agree(session, agreed, actor=ACTOR, now=start)
    assert goal.baseline == 0.25
    over = start + timedelta(minutes=25)
    coaching.hold(session, author=coach, actor=ACTOR, now=over)
    assert (session.state, session.took, session.confidence) == ("held", 25, 8)
    note = Note.objects.get(account=account)
    assert "They read reports on Mondays." in note.body
    assert (
        "Agreed: look at the weekly report every Monday. At least 2 times a week “report.viewed”, read after 30 days (before: 0.2 times a week)."
        in note.body
    )
    assert "8 of 10 sure" in note.body
    assert (note.minutes, note.kind, [str(one) for one in note.contacts.all()]) == (25, "meeting", ["Dana Reed"])
    coaching.follow_up(session, words="The film is in the help pages.", actor=ACTOR, now=over)
    mail = Message.objects.get(account=account, template__key="coaching-follow-up")
    assert "You wanted to: look at the weekly report every Monday." in mail.body
    first = over.date() + timedelta(days=1)
    make.activity(
        account, *[datetime(first.year, first.month, first.day, 9, tzinfo=UTC) + timedelta(days=day) for day in range(0, 30, 2)], name="report.viewed"
    )

    assert coaching.read_outcomes(actor=ACTOR, now=over + timedelta(days=6)) == 0
    week = datetime(2026, 3, 21, 0, 1, tzinfo=UTC)
    assert coaching.read_outcomes(actor=ACTOR, now=week) == 1
    assert coaching.read_outcomes(actor=ACTOR, now=week) == 0
    assert list(GoalReading.objects.order_by("days").values_list("days", "value", "reached")) == [(7, 4.0, True), (30, None, None)]
    assert PolicyDecision.objects.get(pk=session.decision).settled_at is None
    month = week + timedelta(days=23)
    assert coaching.read_outcomes(actor=ACTOR, now=month) == 1
    session.refresh_from_db()
    assert session.state == "done"
    assert GoalReading.objects.get(days=30).value == 3.5
    assert PolicyDecision.objects.get(pk=session.decision).success is True
    states = ["proposed", "accepted", "scheduled", "live", "live", "live", "held"]
    assert told(session) == [
        *(("coaching.changed", state) for state in states),
        ("coaching.held", ""),
        ("coaching.changed", "follow_up"),
        ("coaching.outcome", ""),
        ("coaching.outcome", ""),
        ("coaching.changed", "done"),
    ]


def test_of_two_who_press_at_once_one_is_told_no_and_nothing_is_told_twice(session, now):
    stale = Session.objects.get(pk=session.pk)
    coaching.accept(session, actor=ACTOR, now=now)
    before = told(session)
    with pytest.raises(Refused, match="is accepted, needs a time: it cannot become “accepted"):
        coaching.accept(stale, actor=ACTOR, now=now)
    assert told(session) == before


def test_what_took_place_is_not_called_off(session, coach, now):
    live(session, now)
    coaching.hold(session, author=coach, actor=ACTOR, now=now + timedelta(hours=49))
    with pytest.raises(Refused, match="held, needs a follow-up"):
        coaching.call_off(session, because="x", actor=ACTOR, now=now)
    session.refresh_from_db()
    assert (session.state, session.ended_because) == ("held", "")


def test_the_customer_is_invited_and_reminded_in_their_own_time_and_language(session, person, now):
    scheduled(session, now)
    start = now + timedelta(hours=48)
    found = [(row.template.key, row.due_at, row.state, row.lane) for row in messages.of(session)]
    assert found == [
        ("coaching-invitation", now, "queued", "transactional"),
        ("coaching-reminder", start - timedelta(hours=24), "queued", "transactional"),
    ]
    invitation = messages.of(session)[0]
    assert "Freitag, 13 März 2026, 13:00 (Europe/Berlin)" in invitation.body
    assert f"/c/session/{calendar.token(session)}.ics" in invitation.body


def test_another_time_takes_back_what_said_the_older_one(session, now):
    scheduled(session, now)
    coaching.schedule(session, starts_at=now + timedelta(hours=5), actor=ACTOR, now=now)
    found = [(row.template.key, row.due_at - now, row.state) for row in messages.of(session)]
    assert found == [
        ("coaching-invitation", timedelta(0), "cancelled"),
        ("coaching-reminder", timedelta(hours=24), "cancelled"),
        ("coaching-invitation", timedelta(0), "queued"),
        ("coaching-reminder", timedelta(hours=4), "queued"),
    ]
    assert session.times_set == 2


def test_a_past_time_is_refused_and_changes_nothing(session, now):
    coaching.accept(session, actor=ACTOR, now=now)
    with pytest.raises(Refused, match="That time is over"):
        coaching.schedule(session, starts_at=now, actor=ACTOR, now=now)
    session.refresh_from_db()
    assert (session.state, session.starts_at, Message.objects.count()) == ("accepted", None, 0)


def test_nobody_is_written_to_who_has_no_address_or_has_left(session, person, now):
    person.email = ""
    person.save()
    scheduled(session, now)
    assert Message.objects.count() == 0
    person.email, person.departed_on = "dana@customer.test", now.date()
    person.save()
    session.refresh_from_db()
    coaching.schedule(session, starts_at=now + timedelta(hours=72), actor=ACTOR, now=now)
    assert Message.objects.count() == 0


def test_the_calendar_entry_replaces_the_one_before_and_tells_the_customer_no_agenda(session, now):
    scheduled(session, now)
    row = Session.objects.select_related("account", "coach").get(pk=session.pk)
    ours = Calendar.from_ical(calendar.entry(row, for_customer=False, now=now)).walk("VEVENT")[0]
    theirs = Calendar.from_ical(calendar.entry(row, for_customer=True, now=now)).walk("VEVENT")[0]
    assert (str(ours["uid"]), int(ours["sequence"]), str(ours["summary"])) == (
        f"coaching-session-{session.pk}@cs-platform",
        1,
        "Riverside Dental: Reports that are read",
    )
    assert (ours.decoded("dtend") - ours.decoded("dtstart"), ours.decoded("dtstart")) == (timedelta(minutes=30), now + timedelta(hours=48))
    assert "description" in ours
    assert "description" not in theirs
    assert str(theirs["summary"]) == "Reports that are read"
    coaching.call_off(session, because="They are ill", actor=ACTOR, now=now)
    row.refresh_from_db()
    off = Calendar.from_ical(calendar.entry(row, for_customer=True, now=now))
    assert (str(off["method"]), str(off.walk("VEVENT")[0]["status"]), int(off.walk("VEVENT")[0]["sequence"])) == ("CANCEL", "CANCELLED", 2)


def test_a_calendar_address_is_ours_or_nothing(session):
    assert calendar.session_of(calendar.token(session)) == session.pk
    assert calendar.session_of(f"{session.pk}:forged") is None


def test_a_no_show_offers_another_time_and_is_on_the_coachs_list(session, coach, now):
    scheduled(session, now)
    with pytest.raises(Refused, match="has not begun yet"):
        coaching.note_no_show(session, actor=ACTOR, now=now)
    late = now + timedelta(hours=49)
    coaching.note_no_show(session, actor=ACTOR, now=late)
    assert session.state == "no_show"
    task = Task.objects.get(reason="coaching_rebook")
    assert (task.title, task.owner) == ("Offer Dana Reed another time: Reports that are read", coach)
    assert [row.template.key for row in messages.of(session).exclude(state="cancelled")] == ["coaching-missed"]
    coaching.schedule(session, starts_at=late + timedelta(days=2), actor=ACTOR, now=late)
    assert session.state == "scheduled"


def test_a_session_that_nobody_began_is_asked_about_once(session, now):
    scheduled(session, now)
    late = now + timedelta(hours=51)
    assert coaching.ask_how_it_went(actor=ACTOR, now=now + timedelta(hours=49)) == 0
    coaching.ask_how_it_went(actor=ACTOR, now=late)
    coaching.ask_how_it_went(actor=ACTOR, now=late + timedelta(hours=1))
    assert Task.objects.filter(reason="coaching_how_was_it", state="open").count() == 1
    session.refresh_from_db()
    assert session.state == "scheduled"


def test_two_who_write_the_notes_at_once_both_find_out(session, now):
    live(session, now)
    other = Session.objects.get(pk=session.pk)
    coaching.write(session, changes={"notes": "mine"}, seen={"notes": ""}, actor=ACTOR, now=now)
    with pytest.raises(Conflict) as refused:
        coaching.write(other, changes={"notes": "yours"}, seen={"notes": ""}, actor=ACTOR, now=now)
    assert refused.value.fields == {"notes": {"yours": "yours", "theirs": "mine", "base": ""}}
    # Another field of the same row does not disturb.
    coaching.write(other, changes={"confidence": 7}, seen={"confidence": None}, actor=ACTOR, now=now)
    session.refresh_from_db()
    assert (session.notes, session.confidence) == ("mine", 7)


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"confidence": 11}, "0 to 10"), ({"state": "done"}, "Only notes"), ({"notes": "x" * 20_001}, "20,001 characters")],
)
def test_what_does_not_fit_is_refused_and_nothing_is_saved(session, now, changes, words):
    version = session.version
    with pytest.raises(Refused, match=words):
        coaching.write(session, changes=changes, seen={}, actor=ACTOR, now=now)
    session.refresh_from_db()
    assert (session.version, session.notes, session.confidence) == (version, "", None)


@pytest.mark.parametrize(
    ("agreed", "words"),
    [
        (Agreed("", Measure.ACTIONS, 2), "What will they do"),
        (Agreed("x", Measure.ACTIONS, 0), "above nought"),
        (Agreed("x", Measure.ACTIONS, float("nan")), "above nought"),
        (Agreed("x", Measure.ACTIVITY, 2, "never.heard"), "Nobody has ever done"),
        (Agreed("x", Measure.MILESTONE, 1, "no-such"), "no milestone"),
        (Agreed("x", Measure.SEATS, 50), "how many seats"),
        (Agreed("x", Measure.ACTIONS, 2, within_days=14), "7 or 30 days"),
    ],
)
def test_a_goal_that_cannot_be_read_is_refused(session, now, agreed, words):
    with pytest.raises(Refused, match=words):
        coaching.agree(session, agreed, actor=ACTOR, now=now)
    assert not Goal.objects.exists()


def test_what_was_agreed_stands_once_the_session_is_over(session, coach, now):
    live(session, now)
    coaching.agree(session, Agreed("log in daily", Measure.DAYS, 5), actor=ACTOR, now=now)
    coaching.hold(session, author=coach, actor=ACTOR, now=now + timedelta(hours=49))
    with pytest.raises(Refused, match="what was agreed stands"):
        coaching.agree(session, Agreed("log in weekly", Measure.DAYS, 1), actor=ACTOR, now=now)
    assert Goal.objects.get().action == "log in daily"


def test_our_promise_is_a_task_at_once_and_closes_with_it(session, coach, now):
    live(session, now)
    due = (now + timedelta(days=3)).date()
    ours = coaching.promise(session, text="Send the film", due_on=due, by_customer=False, author=coach, actor=ACTOR, now=now)
    coaching.promise(session, text="Ask the team", due_on=due, by_customer=True, author=coach, actor=ACTOR, now=now)
    assert list(session.promises.order_by("id").values_list("text", "by_customer")) == [("Send the film", False), ("Ask the team", True)]
    task = Task.objects.get(reason="promise")
    assert (task.title, task.owner, task.name) == ("Send the film", coach, str(ours.pk))
    assert Promise.objects.count() == 2


def test_nobody_is_coached_who_has_left(account, coach, now):
    account.stage = "churned"
    account.save()
    with pytest.raises(Refused, match="has left"):
        coaching.propose(account, coach=coach, topic="x", actor=ACTOR, now=now)
    assert not Session.objects.exists()


def test_a_contact_of_another_account_is_refused(account, coach, now):
    with pytest.raises(Refused, match="is no contact of"):
        coaching.propose(account, coach=coach, contact=make.contact(make.account()), topic="x", actor=ACTOR, now=now)


def test_a_session_without_a_goal_teaches_nothing_and_ends_by_itself(session, coach, now):
    live(session, now)
    over = now + timedelta(hours=49)
    coaching.hold(session, author=coach, actor=ACTOR, now=over)
    assert not PolicyDecision.objects.filter(pk=session.decision).exists()
    coaching.follow_up(session, actor=ACTOR, now=over)
    coaching.read_outcomes(actor=ACTOR, now=over + timedelta(days=29))
    session.refresh_from_db()
    assert session.state == "follow_up"
    coaching.read_outcomes(actor=ACTOR, now=over + timedelta(days=30))
    session.refresh_from_db()
    assert session.state == "done"


def test_a_strategy_that_a_person_chose_teaches_nothing(account, coach, now):
    one = coaching.propose(account, coach=coach, topic="x", strategy="plan", actor=ACTOR, now=now)
    assert (one.strategy.key, one.decision) == ("plan", None)
    assert strategies.words_of(one.decision) == "chosen by a person"


def test_the_strategy_that_reached_its_goals_is_taken_more_often(account, coach, now):
    for number in range(120):
        decision = strategies.choose(account, actor=ACTOR, now=now)
        strategies.learn(decision.decision, reached=decision.strategy.key == "peers", at=now)
        taken = [strategies.choose(account, actor=ACTOR, now=now).strategy.key for _ in range(40)] if number == 119 else []
    assert taken.count("peers") >= 25


def test_the_agenda_says_why_each_point_is_there(account, coach, person, now):
    make.story(account, now=now - timedelta(days=4))
    make.risk(account, now=now, probability=0.8)
    one = coaching.propose(account, coach=coach, topic="x", points=["Their new branch"], actor=ACTOR, now=now)
    again = coaching.propose(account, coach=coach, topic="x", points=["Their new branch"], actor=ACTOR, now=now)
    assert one.agenda == again.agenda
    words = [(point["words"].rstrip("0123456789"), point["because"]) for point in one.agenda]
    assert words == [
        ("Their new branch", "asked for"),
        ("We promised: Send the offer ", "due 7 Mar"),
        ("Ask about: No activity for 23 days", "it raises their risk"),
        ("Open question: Question ", "since 7 Mar"),
    ]


def test_the_database_refuses_what_never_happened(session, now):
    with pytest.raises(IntegrityError, match="held_session_began_and_ended"), transaction.atomic():
        Session.objects.filter(pk=session.pk).update(state="held", starts_at=now)
    with pytest.raises(IntegrityError, match="scheduled_session_has_a_time"), transaction.atomic():
        Session.objects.filter(pk=session.pk).update(state="scheduled")
    with pytest.raises(IntegrityError, match="confidence_zero_to_ten"), transaction.atomic():
        Session.objects.filter(pk=session.pk).update(confidence=11)


def test_every_state_can_be_reached_and_only_two_are_ends():
    reached = {SessionState.PROPOSED} | {target for targets in SESSION_MOVES.values() for target in targets}
    assert reached == set(SessionState)
    assert [state for state, targets in SESSION_MOVES.items() if not targets] == [SessionState.DONE, SessionState.CALLED_OFF]


def test_names_known_to_goals_are_those_of_the_catalogue(session, now):
    EventName.objects.create(name="report.viewed")
    goal = coaching.agree(session, Agreed("x", Measure.ACTIVITY, 1, "report.viewed", 7), actor=ACTOR, now=now)
    assert (goal.name, goal.baseline) == ("report.viewed", 0.0)
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from coaching_goal")
        assert cursor.fetchone() == (1,)
