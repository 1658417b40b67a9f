"""Experiments inside plays."""

from datetime import timedelta

import pytest

from apps.core.actor import Actor
from apps.experiments.models import Assignment, Experiment, Exposure, OutcomeRow
from apps.experiments.services import override
from apps.interventions import definition, services, steps, trials
from apps.interventions.models import Enrolment, StepRecord, Task
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")
SPLIT = {"kind": "split", "id": "lot", "ways": [{"name": "leave", "go": "watch"}, {"name": "call"}]}
STEPS = [SPLIT, {"kind": "task", "id": "call", "title": "Call them"}, {"kind": "watch", "id": "watch"}]
GOAL = {"reached": {"kind": "activity", "name": "report.viewed"}, "window_days": 14}


def live(now, **parts):
    play = make.play(says={"steps": STEPS, "goal": GOAL, **parts}, state="draft")
    services.turn(play, "live", actor=ACTOR, now=now)
    return play


def enter(play, now, count=40):
    made = [make.account(owner=make.user()) for _ in range(count)]
    for account in made:
        services.enrol(play, account_id=account.pk, actor=ACTOR, now=now)
    while steps.advance(now=now):
        pass
    return made


def test_accounts_go_the_way_they_draw_and_the_record_says_so(now):
    accounts = enter(live(now), now)
    experiment = Experiment.objects.get()
    assert (experiment.state, experiment.variant_keys, experiment.window_days) == ("running", ["leave", "call"], 14)
    drawn = dict(Assignment.objects.values_list("account_id", "variant"))
    assert set(drawn) == {account.pk for account in accounts}
    assert {"leave", "call"} == set(drawn.values())
    assert set(Task.objects.values_list("account_id", flat=True)) == {account for account, way in drawn.items() if way == "call"}
    record = StepRecord.objects.filter(kind="split").select_related("enrolment").first()
    way = drawn[record.enrolment.account_id]
    assert (record.went, record.because) == ({"leave": "watch", "call": "call"}[way], f"drew “{way}”")
    assert Exposure.objects.count() == 40


def test_what_was_foreseen_is_what_is_drawn(now):
    play = live(now)
    step = play.says.steps[0]
    accounts = enter(play, now)
    drawn = dict(Assignment.objects.values_list("account_id", "variant"))
    assert {account.pk: trials.foreseen(account.external_id, play.key, step) for account in accounts} == drawn


def test_a_goal_that_is_reached_is_an_outcome_of_the_way_once(now):
    play = live(now)
    [account] = enter(play, now, count=1)
    make.activity(account, now + timedelta(days=1), name="report.viewed")
    services.check_goals([account.pk], actor=ACTOR, now=now + timedelta(days=1))
    services.check_goals([account.pk], actor=ACTOR, now=now + timedelta(days=2))
    outcome = OutcomeRow.objects.get()
    assert (outcome.account_id, outcome.metric, outcome.value, outcome.at) == (account.pk, "goal", 1.0, now + timedelta(days=1))


def test_an_override_sends_the_account_another_way_and_it_stays_counted_where_it_was_drawn(now):
    play = live(now)
    account = make.account(owner=make.user())
    trials.ways([(account.pk, play.key, play.says.steps[0])], actor=ACTOR, now=now)
    drawn = Assignment.objects.get()
    other = {"leave": "call", "call": "leave"}[drawn.variant]
    override(drawn.experiment, account_id=account.pk, variant=other, reason="The director asked.", actor=ACTOR, now=now)
    services.enrol(play, account_id=account.pk, actor=ACTOR, now=now)
    steps.advance(now=now)
    assert StepRecord.objects.get(kind="split").because == f"drew “{other}”"
    assert Assignment.objects.get().variant == drawn.variant


def test_other_ways_in_a_new_version_are_another_experiment_and_the_same_ways_go_on(now):
    play = live(now)
    first = Experiment.objects.get()
    make.rewrite(play, now=now, holdout_percent=20)
    assert Experiment.objects.get() == first
    make.rewrite(play, now=now, steps=[SPLIT | {"ways": [{"name": "leave", "go": "watch", "weight": 3}, {"name": "call"}]}, *STEPS[1:]])
    first.refresh_from_db()
    second = Experiment.objects.exclude(pk=first.pk).get()
    assert (first.state, second.state, second.weights) == ("stopped", "running", [0.75, 0.25])


def test_where_the_experiment_does_not_run_everybody_goes_the_way_of_the_control(now):
    play = make.play(says={"steps": STEPS, "goal": GOAL})
    [account] = enter(play, now, count=1)
    assert Enrolment.objects.get(account=account).position == 3
    assert StepRecord.objects.get(kind="split").because == "the experiment does not run: “leave”, the control"
    assert not Task.objects.exists()
    assert not Assignment.objects.exists()


@pytest.mark.parametrize(
    ("ways", "flaw"),
    [
        ([{"name": "a"}], ("steps[0].ways", "At least 2 are needed.")),
        ([{"name": "a"}, {"name": "a"}], ("steps[0].ways", "Two ways have the same name.")),
        ([{"name": "a"}, {"name": "b", "go": "nowhere"}], ("steps[0].ways[1].go", "There is no step 'nowhere'.")),
        ([{"name": "a"}, {"name": "b", "weight": 0}], ("steps[0].ways[1].weight", "More than 0.")),
    ],
)
def test_a_split_that_cannot_be_is_told_with_its_place(ways, flaw):
    with pytest.raises(definition.Flaws) as refusal:
        definition.read({"trigger": {"kind": "manual"}, "steps": [{"kind": "split", "id": "lot", "ways": ways}]})
    assert refusal.value.flaws == [flaw]
