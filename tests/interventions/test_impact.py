"""What plays changed, against those held out."""

from datetime import timedelta
from decimal import Decimal

import pytest

from apps.accounts.models import Account
from apps.accounts.services import ledger
from apps.accounts.types import Role
from apps.core.actor import Actor
from apps.experiments import services as experiments
from apps.experiments.types import GLOBAL_HOLDOUT
from apps.interventions.models import Enrolment
from apps.interventions.selectors import impact
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")


@pytest.fixture
def lead():
    return make.user(Role.ADMINISTRATOR)


def runs(play, arm, count, *, entered_at, reached=0, left=0, arr=0):
    """Runs of as many accounts, the first of which reached the goal, the last of which left ten days later."""
    accounts = [make.account(arr=arr) for _ in range(count)]
    made = [
        make.enrolment(account, now=entered_at, of=play, arm=arm, window_ends_at=entered_at + timedelta(days=30), goal_met_at=met)
        for account, met in zip(accounts, [entered_at + timedelta(days=3)] * reached + [None] * (count - reached), strict=True)
    ]
    if arr:
        ledger.post_differences([one.pk for one in accounts], on=entered_at.date() - timedelta(days=1), source="test", actor=ACTOR, now=entered_at)
    gone = [one.pk for one in accounts[count - left :]] if left else []
    Account.objects.filter(pk__in=gone).update(stage="churned", churned_on=entered_at.date() + timedelta(days=10))
    return made


def test_treated_and_held_out_are_counted_side_by_side(lead, now):
    play = make.play()
    long_ago = now - timedelta(days=60)
    runs(play, "treated", 80, entered_at=long_ago, reached=60, left=4, arr=1000)
    runs(play, "held_out", 40, entered_at=long_ago, reached=10, left=12, arr=1000)
    [found] = impact.of_plays(lead, days=90, within=30, now=now)
    assert (found.goal.treated.n, found.goal.treated.successes, found.goal.held_out.n, found.goal.held_out.successes) == (80, 60, 40, 10)
    assert found.goal.difference == pytest.approx(0.5)
    assert found.goal.enough
    assert (found.stayed.treated.successes, found.stayed.held_out.successes) == (76, 28)
    middle, low, high = found.saved
    assert middle == pytest.approx(80 * (0.95 - 0.7))
    assert 0 < low < middle < high
    # A leaver took 1,000 a year along: 300 per account held out, 50 per account treated.
    assert found.arr_saved[0] == pytest.approx(80 * 250)
    assert found.arr_saved[1] < found.arr_saved[0] < found.arr_saved[2]


def test_runs_whose_window_is_open_are_not_counted_and_young_ones_do_not_count_as_stayed(lead, now):
    play = make.play()
    runs(play, "treated", 5, entered_at=now - timedelta(days=10), reached=5)
    runs(play, "held_out", 3, entered_at=now - timedelta(days=40), reached=1)
    [found] = impact.of_plays(lead, days=90, within=60, now=now)
    assert (found.running, found.goal.treated.n, found.goal.held_out.n, found.stayed.held_out.n) == (5, 0, 3, 0)
    assert "cannot tell" in found.goal.words.lower() or "Nobody was treated yet." in found.goal.words
    assert found.saved is None
    assert found.per_save is None


def test_only_the_first_run_of_an_account_counts(lead, now):
    play = make.play()
    account = make.account()
    first = make.enrolment(account, now=now - timedelta(days=80), of=play, state="ended", exit_reason="timeout")
    make.enrolment(account, now=now - timedelta(days=40), of=play, goal_met_at=now - timedelta(days=39))
    assert first.goal_met_at is None
    [found] = impact.of_plays(lead, days=90, within=30, now=now)
    assert (found.goal.treated.n, found.goal.treated.successes) == (1, 0)


def test_candidates_and_older_runs_are_no_part_of_it(lead, now):
    play = make.play()
    make.enrolment(make.account(), now=now - timedelta(days=40), of=play, state="candidate")
    make.enrolment(make.account(), now=now - timedelta(days=120), of=play)
    assert impact.of_plays(lead, days=90, within=30, now=now) == []


def test_cost_counts_messages_and_tasks_that_were_done(lead, now, settings):
    settings.CSM_HOUR_COST = 60
    play = make.play()
    [run] = runs(play, "treated", 1, entered_at=now - timedelta(days=40))
    message = make.message(make.contact(run.account), now=now, cost_estimate=Decimal("0.10"), cost_actual=Decimal("0.25"), currency="USD")
    run.records.create(position=0, step="a", kind="message", at=now, what="x", message=message)
    make.task(run.account, now=now, enrolment=run, state="done", minutes=30, closed_at=now)
    make.task(run.account, now=now, enrolment=run, minutes=45)
    [found] = impact.of_plays(lead, days=90, within=30, now=now)
    assert (found.cost.money, found.cost.minutes, found.cost.whole) == ({"USD": Decimal("0.25")}, 30, 30.25)
    assert found.counted_cost == found.cost


def test_a_customer_who_stayed_costs_what_the_counted_runs_cost(lead, now, settings):
    settings.CSM_HOUR_COST = 60
    play = make.play()
    old = runs(play, "treated", 80, entered_at=now - timedelta(days=60))
    runs(play, "held_out", 40, entered_at=now - timedelta(days=60), left=20)
    [young] = runs(play, "treated", 1, entered_at=now - timedelta(days=5))
    for run in (old[0], young):
        make.task(run.account, now=now, enrolment=run, state="done", minutes=120, closed_at=now)
    [found] = impact.of_plays(lead, days=90, within=30, now=now)
    assert (found.cost.minutes, found.counted_cost.minutes) == (240, 120)
    assert found.per_save == pytest.approx(120 / (80 * 0.5))


def test_a_success_manager_sees_the_figures_of_their_own_book(now):
    csm = make.user()
    play = make.play()
    mine = make.account(owner=csm)
    for account in (mine, make.account()):
        make.enrolment(account, now=now - timedelta(days=40), of=play)
    [found] = impact.of_plays(csm, days=90, within=30, now=now)
    assert found.goal.treated.n == 1
    assert [run.account_id for run in impact.runs(csm, play, arm="treated", days=90, now=now)] == [mine.pk]


def test_everything_is_held_against_those_whom_every_play_leaves_alone(lead, now):
    accounts = [make.account() for _ in range(40)]
    assert impact.of_everything(lead, now=now) is None
    drawn = experiments.draw_holdout(key=GLOBAL_HOLDOUT, share_percent=25, actor=ACTOR, now=now - timedelta(days=30))
    out = sorted(drawn.members.filter(held_out=True).values_list("account_id", flat=True))
    assert len(out) == 10
    Account.objects.filter(pk__in=out[:5]).update(stage="churned", churned_on=now.date() - timedelta(days=3))
    whole = impact.of_everything(lead, now=now)
    assert (whole.stayed.treated.n, whole.stayed.treated.successes) == (30, 30)
    assert (whole.stayed.held_out.n, whole.stayed.held_out.successes) == (10, 5)
    assert len(accounts) == 40
    assert not Enrolment.objects.exists()
