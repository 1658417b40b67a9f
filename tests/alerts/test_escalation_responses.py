"""What rules do by themselves: once per alert, within limits, noted, and taken back."""

from datetime import timedelta

import pytest
from waffle.models import Flag, Switch

from apps.accounts.types import Role
from apps.alerts import matters, services
from apps.alerts.escalation import handlers
from apps.alerts.models import AlertRule, Response, ResponseRun
from apps.alerts.responses import answering, writing
from apps.core import flags
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events.models import Event
from apps.events.vocabulary import AlertOpened
from apps.interventions.models import Enrolment, Task
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")
TASK = {"title": "Call the sponsor", "minutes": 20, "due_hours": 24, "priority": "high"}


@pytest.fixture
def person():
    return make.user(Role.ADMINISTRATOR)


@pytest.fixture
def rule(now):
    return AlertRule.objects.create(key="test-risk", name="Risk", kind="notice", state="live", created_at=now, changed_at=now)


@pytest.fixture
def account():
    return make.account(name="Riverside Dental", owner=make.user())


def alert(rule, account, now):
    return make.alert(account, now=now, rule=rule)


def response(rule, now, deed="task", says=None, mode="auto", **limits):
    return writing.create(rule=rule, deed=deed, says=says or TASK, mode=mode, actor=ACTOR, now=now, **limits)


def test_a_task_is_opened_once_per_alert_and_dropped_when_taken_back(rule, account, person, now):
    response(rule, now)
    raised = alert(rule, account, now)
    (run,) = answering.respond(raised, now=now)
    assert answering.respond(raised, now=now) == []
    task = Task.objects.get()
    assert (run.state, run.what, task.title, task.why) == ("done", "Opened the task “Call the sponsor”.", "Call the sponsor", raised.title)
    assert task.due_at == now + timedelta(hours=24)
    answering.undo(run, actor=Actor.user(person), user=person, now=now)
    task.refresh_from_db()
    assert (task.state, ResponseRun.objects.get().state) == ("dropped", "undone")
    with pytest.raises(Refused, match="nothing to take back"):
        answering.undo(run, actor=Actor.user(person), user=person, now=now)


def test_a_play_is_started_and_stopped_again(rule, account, person, now):
    play = make.play()
    response(rule, now, "play", {"play": play.key})
    (run,) = answering.respond(alert(rule, account, now), now=now)
    begun = Enrolment.objects.get()
    assert (run.state, run.what, begun.state) == ("done", f"Started the play “{play.name}”.", "waiting")
    answering.undo(run, actor=Actor.user(person), user=person, now=now)
    begun.refresh_from_db()
    assert begun.state == "ended"


def test_a_play_that_cannot_start_is_told_and_breaks_nothing(rule, account, now):
    play = make.play(state="draft")
    response(rule, now, "play", {"play": play.key})
    response(rule, now)
    failed, done = answering.respond(alert(rule, account, now), now=now)
    assert failed.state == "failed"
    assert failed.what.startswith(f"It could not start the play “{play.key}”: ")
    assert (done.state, Enrolment.objects.count()) == ("done", 0)


def test_a_flag_is_flipped_and_put_back_as_it_was(rule, account, person, now):
    Flag.objects.create(name="plays.new-wizard", percent=30)
    response(rule, now, "flag", {"flag": "flag plays.new-wizard", "on": False})
    (run,) = answering.respond(alert(rule, account, now), now=now)
    assert flags.standing("flag plays.new-wizard") == {"everyone": False, "percent": None}
    assert run.what == "Switched flag plays.new-wizard off for everybody."
    answering.undo(run, actor=Actor.user(person), user=person, now=now)
    assert flags.standing("flag plays.new-wizard") == {"everyone": None, "percent": "30.0"}


def test_a_flag_that_somebody_changed_since_is_left_alone(rule, account, person, now):
    Switch.objects.create(name="channel.sms", active=True) if not Switch.objects.filter(name="channel.sms").exists() else None
    flags.put("switch channel.sms", {"active": True})
    response(rule, now, "flag", {"flag": "switch channel.sms", "on": False})
    (run,) = answering.respond(alert(rule, account, now), now=now)
    assert flags.channel_is_open("sms") is False
    flags.put("switch channel.sms", {"active": True})
    with pytest.raises(Refused, match="Somebody changed switch channel.sms since"):
        answering.undo(run, actor=Actor.user(person), user=person, now=now)
    assert ResponseRun.objects.get().state == "done"


def test_a_dry_run_only_notes(rule, account, now):
    response(rule, now, mode="dry")
    (run,) = answering.respond(alert(rule, account, now), now=now)
    assert (run.state, run.what, Task.objects.count()) == ("noted", "It would open the task “Call the sponsor”; dry run.", 0)


def test_a_person_lets_it_be_done_or_refuses(rule, account, person, now):
    response(rule, now, mode="ask")
    first, second = alert(rule, account, now), alert(rule, make.account(), now)
    (run,), (other,) = answering.respond(first, now=now), answering.respond(second, now=now)
    assert (run.state, Task.objects.count()) == ("asked", 0)
    answering.approve(run, actor=Actor.user(person), user=person, now=now)
    answering.refuse(other, actor=Actor.user(person), user=person, now=now)
    assert list(ResponseRun.objects.order_by("id").values_list("state", "decided_by")) == [("done", person.pk), ("refused", person.pk)]
    assert Task.objects.count() == 1
    with pytest.raises(Refused, match="It waits for nobody: it is done"):
        answering.approve(run, actor=Actor.user(person), user=person, now=now)


def test_limits_by_the_hour_and_by_the_day_hold(rule, now):
    response(rule, now, per_hour=2, per_day=3)
    states = []
    for minute in (0, 1, 2, 62, 63):
        moment = now + timedelta(minutes=minute)
        states += [run.state for run in answering.respond(alert(rule, make.account(), moment), now=moment)]
    assert states == ["done", "done", "limited", "done", "limited"]
    assert ResponseRun.objects.order_by("id")[2].what == "It did not open the task “Call the sponsor”: 2 within an hour is the limit."


def test_webhooks_are_told_only_of_what_is_done(rule, account, now):
    for mode in ("dry", "auto"):
        response(rule, now, "webhook", {"name": f"page-{mode}"}, mode=mode)
    answering.respond(alert(rule, account, now), now=now)
    assert [event.payload["name"] for event in Event.objects.filter(type="alert.called")] == ["page-auto"]
    assert [event.payload["state"] for event in Event.objects.filter(type="alert.answered").order_by("id")] == ["noted", "done"]


def test_the_news_of_an_alert_is_answered_once_however_often_it_is_delivered(rule, account, now):
    response(rule, now)
    raised = alert(rule, account, now)
    said = AlertOpened(account_id=account.pk, alert_id=raised.pk, severity="warning")
    handlers.respond(said, None)
    handlers.respond(said, None)
    assert Task.objects.count() == 1


def test_an_alert_without_an_account_opens_no_task(rule, now):
    response(rule, now)
    (run,) = answering.respond(alert(rule, None, now), now=now)
    assert (run.state, run.what) == ("failed", "It could not open the task “Call the sponsor”: The alert is about no account.")


@pytest.mark.parametrize(
    ("deed", "says", "words"),
    [
        ("dance", {}, "Use one of play, task, webhook, flag"),
        ("play", {"play": "nothing-like-it"}, "There is no play"),
        ("task", {**TASK, "minutes": 0}, "A task has a title"),
        ("task", {"title": "x"}, "say title, minutes, due_hours, priority"),
        ("flag", {"flag": "flag nothing", "on": True}, "There is no 'flag nothing'"),
        ("webhook", {"name": " "}, "a name of at most 80"),
    ],
)
def test_what_is_no_response(rule, now, deed, says, words):
    with pytest.raises(Refused, match=words):
        response(rule, now, deed, says or {"x": 1})
    assert Response.objects.count() == 0


def test_a_response_of_the_products_own_rule_answers_its_matter(account, now):
    """The whole way: the matter opens an alert, whose rule has a response."""
    matter = matters.Matter("risk", str(account.pk), "warning", "They fade", [], account)
    opened = services.open_alert(matter, actor=ACTOR, now=now)
    response(opened.rule, now)
    (run,) = answering.respond(opened, now=now)
    assert run.state == "done"
