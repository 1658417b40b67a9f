"""Who enters a play: every trigger through its own handler, and the one order of refusals."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from waffle.models import Flag

from apps.accounts import services as accounts
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.events import switchboard
from apps.events.models import Event
from apps.events.vocabulary import PlayEnded, RiskRaised, StoryChanged
from apps.interventions import entering, fits, handlers, services, steps
from apps.interventions.models import Enrolment, Fit, PassedOver, Task
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")
TICKETS = {"fact": "open_tickets", "op": "at_least", "value": 1}


def everybody(play_key, account_id):
    return True


@pytest.fixture(autouse=True)
def at_noon(now, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: now)


def announced(event, now):
    """Publish and hand to the engine, as the wiring would."""
    row = events.publish(event, actor=ACTOR, now=now)
    handler = handlers.look_again if isinstance(event, StoryChanged) else handlers.start_plays
    handler(event, Event.objects.get(pk=row.pk))
    return row


def open_to_all(play):
    Flag.objects.create(name=f"play.{play.key}", everyone=True)
    return play


def play_on(trigger, **parts):
    return open_to_all(make.play(says={"trigger": trigger, **parts}))


def reasons():
    return list(PassedOver.objects.order_by("pk").values_list("reason", flat=True))


def test_an_event_lets_in_only_where_it_says_what_the_play_asks_for_and_only_once(now):
    account = make.account()
    play = play_on({"kind": "event", "event": "risk.raised", "when": {"to_band": ["high"], "probability": 0.7}})
    risk = make.prediction(account, now=now)
    announced(RiskRaised(account.pk, risk.pk, "low", "medium", 0.7), now)
    announced(RiskRaised(account.pk, risk.pk, "medium", "high", 0.6), now)
    assert Enrolment.objects.count() == 0
    row = announced(RiskRaised(account.pk, risk.pk, "medium", "high", 0.7), now)
    run = Enrolment.objects.get()
    assert (run.play, run.trigger_key, run.prediction, run.cause.cause) == (play, f"event:{row.pk}", risk, row)
    services.stop(run, actor=ACTOR, now=now)
    make.rewrite(play, now=now, entry={"again": "always"})
    handlers.start_plays(switchboard.revive(row), row)
    assert (Enrolment.objects.count(), reasons()) == (1, [])


def test_activity_lets_in_by_its_own_time_and_what_comes_a_day_late_does_not(now):
    account, late = make.account(), make.account()
    play_on({"kind": "activity", "name": "export"})
    make.activity(account, now - timedelta(hours=23), name="export")
    make.activity(account, now - timedelta(hours=1), name="login")
    make.activity(late, now - timedelta(hours=25), name="export")
    for row in Event.objects.filter(type="activity.received"):
        handlers.look_again(switchboard.revive(row), row)
        handlers.look_again(switchboard.revive(row), row)
    run = Enrolment.objects.get()
    key = account.activity.get(name="export").pk
    assert (run.account, run.trigger_key, run.entered_at) == (account, f"activity:{key}", now)


def test_whoever_fits_when_the_play_goes_live_has_not_begun_to_fit_and_whoever_begins_to_enters(now):
    old, new, gone = make.account(), make.account(), make.account()
    make.ticket(old, now - timedelta(days=1))
    play = make.play(says={"trigger": {"kind": "audience"}, "audience": TICKETS}, state="draft")
    open_to_all(play)
    services.turn(play, "live", actor=ACTOR, now=now)
    assert list(Fit.objects.values_list("account", flat=True)) == [old.pk]
    make.ticket(new, now - timedelta(minutes=1))
    make.ticket(gone, now - timedelta(minutes=1))
    announced(StoryChanged([old.pk, new.pk], "ticket"), now)
    announced(StoryChanged([old.pk, new.pk], "ticket"), now)
    assert list(Enrolment.objects.values_list("account", flat=True)) == [new.pk]
    old.tickets.update(solved_at=now, state="solved")
    announced(StoryChanged([old.pk], "ticket"), now)
    assert set(Fit.objects.values_list("account", flat=True)) == {new.pk}, "who was not named by an event waits for the planned look"


def test_leaving_an_audience_is_a_trigger_too(now):
    account = make.account()
    make.ticket(account, now - timedelta(days=1))
    play = make.play(says={"trigger": {"kind": "audience", "moment": "leaves"}, "audience": TICKETS}, state="draft")
    open_to_all(play)
    services.turn(play, "live", actor=ACTOR, now=now)
    account.tickets.update(solved_at=now, state="solved")
    announced(StoryChanged([account.pk], "ticket"), now)
    assert (Enrolment.objects.get().account, reasons(), Fit.objects.count()) == (account, [], 0)


def test_a_planned_look_stands_on_the_clock_and_happens_once(now):
    account = make.account()
    play = make.play(says={"trigger": {"kind": "audience"}, "audience": TICKETS}, state="draft")
    services.turn(play, "live", actor=ACTOR, now=now)
    make.ticket(account, now + timedelta(minutes=1))
    look = datetime(2026, 3, 12, fits.LOOK_HOUR, tzinfo=UTC)
    assert fits.look_at_all(reaches=everybody, actor=ACTOR, now=look - timedelta(seconds=1)) == 0
    assert fits.look_at_all(reaches=everybody, actor=ACTOR, now=look) == 1
    assert fits.look_at_all(reaches=everybody, actor=ACTOR, now=look + timedelta(seconds=20)) == 0
    assert Enrolment.objects.get().trigger_key == f"fit:{account.pk}:{look.isoformat()}"


def test_a_fact_that_hours_change_is_looked_at_every_hour(now):
    says = make.play(says={"trigger": {"kind": "audience"}, "audience": {"fact": "urgent_hours", "op": "over", "value": 3}}).says
    assert fits.last_instant(says, now + timedelta(minutes=59)) == now
    assert fits.last_instant(says, now + timedelta(minutes=60)) == now + timedelta(hours=1)


@pytest.mark.parametrize(
    ("schedule", "last"),
    [
        ({"every": "day", "at": "12:00"}, datetime(2026, 3, 11, 12, tzinfo=UTC)),
        ({"every": "day", "at": "12:01"}, datetime(2026, 3, 10, 12, 1, tzinfo=UTC)),
        ({"every": "week", "weekday": "monday", "at": "08:30"}, datetime(2026, 3, 9, 8, 30, tzinfo=UTC)),
        ({"every": "month", "day": 28, "at": "00:00"}, datetime(2026, 2, 28, tzinfo=UTC)),
    ],
)
def test_a_schedule_strikes_at_fixed_instants(schedule, last, now):
    says = make.play(says={"trigger": {"kind": "schedule", **schedule}, "audience": TICKETS}).says
    assert fits.last_instant(says, now) == last


def test_a_schedule_lets_in_everybody_who_fits_and_its_instant_counts_once_and_not_a_day_late(now):
    fitting = [make.account() for _ in range(3)]
    for account in fitting:
        make.ticket(account, now - timedelta(days=1))
    make.account()
    says = {"trigger": {"kind": "schedule", "at": "13:00"}, "audience": TICKETS, "entry": {"again": "always", "parallel": True}}
    play = make.play(says=says, state="draft")
    services.turn(play, "live", actor=ACTOR, now=now)
    hour = now + timedelta(hours=1)
    assert [fits.look_at_all(reaches=everybody, actor=ACTOR, now=hour + timedelta(seconds=wait)) for wait in (0, 5)] == [3, 0]
    assert set(Enrolment.objects.values_list("account", flat=True)) == {account.pk for account in fitting}
    assert fits.strike(play, hour, reaches=everybody, actor=ACTOR, now=hour + timedelta(hours=1)) == 0
    assert PassedOver.objects.count() == 0, "nobody is named who does not fit, and a repeat is no refusal"


ORDER = ["left", "audience", "running", "once", "cooldown", "young", "budget", "rollout"]


def test_the_reasons_of_a_refusal_come_in_one_order_and_are_kept_once_a_day(now):
    """One account with everything against it; each reason is taken away in turn."""
    account = make.account(started_on=now.date() - timedelta(days=5))
    audience = {"fact": "plan", "value": "Team"}
    says = {"audience": audience, "entry": {"again": "never", "min_age_days": 30}, "budget": {"csm_minutes": 0}}
    play = make.play(says=says)
    running = make.enrolment(account, now=now - timedelta(days=1), of=play)
    type(account).objects.filter(pk=account.pk).update(stage="churned", churned_on=now.date())

    def refused():
        for _ in range(2):
            found = entering.enter(play, {account.pk: ""}, actor=ACTOR, now=now, reached=())
            assert found.runs == {}
        return found.passed_over[account.pk].value

    seen = [refused()]
    type(account).objects.filter(pk=account.pk).update(stage="active", churned_on=None)
    seen.append(refused())
    type(account).objects.filter(pk=account.pk).update(plan="Team")
    seen.append(refused())
    services.stop(running, actor=ACTOR, now=now)
    seen.append(refused())
    play = make.rewrite(play, now=now, entry={"min_age_days": 30})
    seen.append(refused())
    play = make.rewrite(play, now=now, entry={"min_age_days": 30, "cooldown_days": 0})
    seen.append(refused())
    play = make.rewrite(play, now=now, entry={"cooldown_days": 0})
    seen.append(refused())
    play = make.rewrite(play, now=now, budget={"csm_minutes": 1})
    seen.append(refused())
    assert seen == ORDER == reasons()


def test_a_batch_of_accounts_costs_the_same_statements_whatever_its_size(now):
    def cost(size):
        play = make.play(says={"audience": {"fact": "arr", "op": "over", "value": 1}, "budget": {"csm_minutes": 9, "money": 9.5}})
        keys = {make.account().pk: f"k{size}:{number}" for number in range(size)}
        for account in list(keys)[:2]:
            make.enrolment(type(make.account()).objects.get(pk=account), now=now, of=play)
        with CaptureQueriesContext(connection) as found:
            entered = entering.enter(play, keys, actor=ACTOR, now=now)
        assert len(entered.runs) == size - 2
        return len(found)

    assert cost(4) == cost(60)


def test_a_play_cannot_be_started_again_by_its_own_doing_nor_two_by_each_other(now):
    account = make.account()
    again = {"again": "always"}
    first = play_on({"kind": "event", "event": "play.ended"}, entry=again, steps=[{"kind": "end"}])
    second = play_on({"kind": "event", "event": "play.entered"}, entry=again, steps=[{"kind": "end"}])
    run = make.enrolment(account, now=now)
    services.stop(run, actor=ACTOR, now=now)
    told = 0
    for _ in range(12):
        steps.advance(now=now)
        for row in Event.objects.filter(pk__gt=told, type__startswith="play.e").order_by("pk"):
            handlers.start_plays(switchboard.revive(row), row)
            told = row.pk
    counts = {play.key: play.enrolments.count() for play in (first, second)}
    assert counts == {first.key: 1, second.key: 1}
    assert set(reasons()) == {"loop"}


def test_the_success_manager_has_the_last_word_where_the_play_says_so(now):
    owner = make.user()
    asked, other = make.account(owner=owner), make.account(owner=owner)
    play = make.play(says={"approval": "csm", "goal": {"window_days": 10}})
    run, refused = (services.enrol(play, account_id=account.pk, actor=ACTOR, now=now) for account in (asked, other))
    assert (run.state, steps.advance(now=now), Event.objects.filter(type="play.entered").count()) == ("candidate", 0, 0)
    assert {task.title for task in Task.objects.waiting().filter(owner=owner)} == {f"Let into “{play.name}”?"}
    later = now + timedelta(hours=5)
    services.let_in(run, actor=Actor.user(owner), now=later)
    services.refuse_entry(refused, actor=Actor.user(owner), now=later)
    assert (run.state, run.entered_at, run.window_ends_at) == ("waiting", later, later + timedelta(days=10))
    assert (refused.state, refused.exit_reason, refused.ended_at) == ("ended", "refused", later)
    assert Task.objects.waiting().count() == 0
    assert Event.objects.filter(type="play.ended").count() == 0, "a run that never began does not end"
    for act in (services.let_in, services.refuse_entry):
        with pytest.raises(Refused, match="does not wait to be let in"):
            act(run, actor=ACTOR, now=later)
    assert steps.advance(now=later) == 1


def test_a_testing_play_is_entered_by_hand_only(now):
    account, other = make.account(), make.account()
    play = make.play(state="testing")
    assert services.enrol(play, account_id=other.pk, actor=ACTOR, now=now) is None
    assert services.start_by_hand(play, account_id=account.pk, actor=ACTOR, now=now).state == "waiting"
    assert reasons() == ["not_live"]


def test_a_program_that_repeats_its_call_gets_the_first_run(now):
    account = make.account()
    play = make.play(says={"trigger": {"kind": "api"}})
    first = services.start_by_api(play, account_id=account.pk, key="order-7", actor=ACTOR, now=now)
    assert services.start_by_api(play, account_id=account.pk, key="order-7", actor=ACTOR, now=now) == first
    with pytest.raises(Refused, match="for another account"):
        services.start_by_api(play, account_id=make.account().pk, key="order-7", actor=ACTOR, now=now)
    with pytest.raises(Refused, match="runs already"):
        services.start_by_api(play, account_id=account.pk, key="order-8", actor=ACTOR, now=now)
    assert Enrolment.objects.count() == 1


def test_several_runs_at_once_where_the_play_allows_it(now):
    account = make.account()
    play = make.play(says={"entry": {"again": "always", "parallel": True}})
    runs = [services.enrol(play, account_id=account.pk, key=f"k{number}", actor=ACTOR, now=now) for number in range(3)]
    assert [run.exclusive for run in runs] == [False] * 3


def test_a_play_for_leavers_lets_them_in_and_goes_on(now):
    gone, there = make.account(), make.account()
    accounts.mark_churned(gone, on=now.date() - timedelta(days=40), actor=ACTOR, now=now)
    play = make.play(says={"audience": {"fact": "left_days", "op": "at_least", "value": 30}})
    found = entering.enter(play, {gone.pk: "", there.pk: ""}, actor=ACTOR, now=now)
    assert (list(found.runs), found.passed_over) == ([gone.pk], {there.pk: "audience"})
    assert services.stop_for_leavers(actor=ACTOR, now=now) == 0


def test_an_ended_play_that_paused_lets_nobody_slip_in(now):
    ended = PlayEnded(make.account().pk, 1, "other", "finished", "none")
    play = play_on({"kind": "event", "event": "play.ended"})
    services.turn(play, "paused", actor=ACTOR, now=now)
    announced(ended, now)
    assert (Enrolment.objects.count(), reasons()) == (0, [])
