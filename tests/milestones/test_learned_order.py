"""The learned order: read from accounts that could be followed, used once there are 500, confirmed by an experiment."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection

from apps.accounts.models import Account
from apps.core.errors import Refused
from apps.experiments import services as experiments
from apps.experiments.models import Experiment, Exposure, OutcomeRow
from apps.milestones import selectors, services
from apps.milestones.models import DifficultyChoice, Milestone, MilestoneValue, OrderReading, PathChoice
from tests import make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
# Accounts that began half a year ago; half of them reached one milestone early, a quarter the other; who reached the first stayed more often.
_WORLD = """
insert into accounts_account (external_id, name, plan, domain, arr, currency, stage, started_on, time_zone, traits, synthetic)
select 'w' || n, 'World ' || n, '', '', 1000, 'USD', 'active', %(start)s::date, 'UTC', '{}', true from generate_series(1, %(accounts)s) n
returning id
"""
_REACHED = """
insert into milestones_progress (account_id, milestone_id, version_id, variant, state, opened_at, achieved_at, noticed_at, via, proof, source,
    have, target, pace, ruled, rested)
select id, %(milestone)s, %(version)s, 'standard', 'achieved', %(start)s::timestamptz, %(start)s::timestamptz + interval '9 days',
    %(start)s::timestamptz, 'rule', '', '', 5, 5, 'on_track', true, '0'
from unnest(%(ids)s::bigint[]) as id
"""
_ACTIVE = """
insert into accounts_dailyrollup (account_id, day, name, count, value)
select id, %(day)s::date, 'login', 3, 3 from unnest(%(ids)s::bigint[]) as id on conflict do nothing
"""


def world(now: datetime, matters: Milestone, idle: Milestone, accounts: int = 600) -> list[int]:
    """`matters` makes 80 % stay instead of 50 %, `idle` nothing; every account began 180 days ago and was active then."""
    start = now - 180 * DAY
    with connection.cursor() as cursor:
        cursor.execute(_WORLD, {"start": start.date(), "accounts": accounts})
        ids = [key for (key,) in cursor.fetchall()]
        cursor.execute(_ACTIVE, {"day": start.date(), "ids": ids})
        half = ids[: accounts // 2]
        cursor.execute(_REACHED, {"milestone": matters.pk, "version": matters.current_id, "start": start, "ids": half})
        cursor.execute(
            _REACHED,
            {"milestone": idle.pk, "version": idle.current_id, "start": start, "ids": [key for place, key in enumerate(ids) if place // 10 % 4 == 0]},
        )
        stayed = [key for place, key in enumerate(half) if place % 5] + [key for place, key in enumerate(ids[accounts // 2 :]) if place % 2]
        cursor.execute(_ACTIVE, {"day": (start + 110 * DAY).date(), "ids": stayed})
    return ids


@pytest.fixture
def idle() -> Milestone:
    return make.milestone("idle", criteria={"count": "idle.done", "at_least": 5})


@pytest.fixture
def matters() -> Milestone:
    return make.milestone("matters", criteria={"count": "matters.done", "at_least": 5})


def newcomer(now: datetime) -> Account:
    account = make.account(started_on=date(2026, 1, 1))
    services.evaluate([account.pk], now=now, actor=make.ACTOR)
    return account


def offered(account: Account, now: datetime) -> PathChoice:
    services.offer_next(account_ids=[account.pk], now=now, actor=make.ACTOR)
    return PathChoice.objects.get(account=account)


def test_with_499_accounts_there_is_no_learned_order_and_the_reading_says_so(idle, matters, now):
    world(now, matters, idle, accounts=499)
    reading = services.read_order(now=now)
    assert reading.refused == "499 accounts could be followed for 118 days; 500 are needed before an order is learned."
    assert MilestoneValue.objects.count() == 0
    assert offered(newcomer(now), now).rule == "catalogue"


def test_the_milestone_that_makes_accounts_stay_is_offered_before_the_catalogues_first(idle, matters, now):
    world(now, matters, idle)
    reading = services.read_order(now=now)
    assert (reading.accounts, reading.refused) == (600, "")
    value = MilestoneValue.objects.get(reading=reading, milestone=matters)
    assert 0.29 < value.points < 0.31
    assert (value.low > 0.2, value.reached, value.usual_week) == (True, 300, 2)
    assert abs(MilestoneValue.objects.get(reading=reading, milestone=idle).points) < 0.03
    choice = offered(newcomer(now), now)
    assert (choice.milestone, choice.rule, choice.reading, choice.arm) == (matters, "learned", reading, "")
    assert choice.value == pytest.approx(value.shrunk)
    said = choice.reasons[0]
    assert said.startswith("Teams like yours that reached “Matters” by week 2 stayed ")
    assert said.endswith("from 300 of 600 teams); not proven yet.")


def test_who_is_too_new_or_left_early_is_not_read(idle, matters, now):
    ids = world(now, matters, idle)
    Account.objects.filter(pk__in=ids[:50]).update(stage="churned", churned_on=(now - 170 * DAY).date())
    Account.objects.filter(pk__in=ids[50:60]).update(started_on=(now - 100 * DAY).date())
    assert services.read_order(now=now).accounts == 540


def test_the_learned_order_can_be_switched_off(idle, matters, now):
    world(now, matters, idle)
    services.read_order(now=now)
    services.change_rules(learned_order=False, actor=make.ACTOR, now=now)
    choice = offered(newcomer(now), now)
    assert (choice.milestone, choice.rule) == (idle, "catalogue")


def test_a_reading_of_this_week_is_not_made_again(idle, matters, now):
    assert services.read_order_if_old(now=now) is not None
    assert services.read_order_if_old(now=now + 6 * DAY) is None
    assert services.read_order_if_old(now=now + 8 * DAY) is not None
    assert OrderReading.objects.count() == 2


def test_while_the_trial_runs_the_lot_decides_and_both_arms_are_exposed(idle, matters, now):
    world(now, matters, idle)
    services.read_order(now=now)
    experiment = services.start_order_trial(planned_size=20, actor=make.ACTOR, now=now)
    newcomers = [newcomer(now) for _ in range(30)]
    services.offer_next(account_ids=[account.pk for account in newcomers], now=now, actor=make.ACTOR)
    chosen = {(choice.arm, choice.rule, choice.milestone.key) for choice in PathChoice.objects.filter(account__in=newcomers)}
    assert chosen == {("catalogue", "catalogue", "idle"), ("learned", "learned", "matters")}
    assert Exposure.objects.filter(experiment=experiment).count() == 30
    with pytest.raises(Refused) as refusal:
        services.start_order_trial(planned_size=20, actor=make.ACTOR, now=now)
    assert refusal.value.code == "already_running"


def test_a_trial_that_finds_it_better_changes_the_words_to_proven(idle, matters, now):
    world(now, matters, idle)
    services.read_order(now=now)
    experiment = services.start_order_trial(planned_size=40, actor=make.ACTOR, now=now)
    newcomers = [newcomer(now) for _ in range(120)]
    services.offer_next(account_ids=[account.pk for account in newcomers], now=now, actor=make.ACTOR)
    arms = dict(PathChoice.objects.filter(account__in=newcomers).values_list("account", "arm"))
    over = now + 91 * DAY
    for place, account in enumerate(newcomers):
        if arms[account.pk] == "learned" or place % 5 == 0:
            make.activity(account, now + 80 * DAY, name="login")
    assert services.record_stayed(now=over) == OutcomeRow.objects.filter(experiment=experiment).count() > 40
    assert services.record_stayed(now=over) == 0
    experiments.take_look(experiment, actor=make.ACTOR, now=over)
    assert selectors.proof(now=over).short == "proven by an experiment"
    learned = next(account for account in newcomers if arms[account.pk] == "learned")
    seen = selectors.path_of(learned, now=over)
    assert seen.next is not None
    assert seen.next.reasons[0].endswith("; proven by an experiment.")
    experiments.stop(experiment, reason="decided", actor=make.ACTOR, now=over)
    assert offered(newcomer(over), over).rule == "learned"


def test_a_trial_that_finds_no_difference_leads_back_to_the_catalogue(idle, matters, now):
    world(now, matters, idle)
    services.read_order(now=now)
    experiment = services.start_order_trial(planned_size=20, actor=make.ACTOR, now=now)
    newcomers = [newcomer(now) for _ in range(60)]
    services.offer_next(account_ids=[account.pk for account in newcomers], now=now, actor=make.ACTOR)
    for arm in ("catalogue", "learned"):
        for account in Account.objects.filter(path_choices__arm=arm).order_by("pk")[::2]:
            make.activity(account, now + 80 * DAY, name="login")
    over = now + 91 * DAY
    services.record_stayed(now=over)
    experiments.take_look(experiment, actor=make.ACTOR, now=over)
    experiments.stop(experiment, reason="decided", actor=make.ACTOR, now=over)
    assert selectors.proof(now=over).short == "an experiment found no difference"
    assert offered(newcomer(over), over).rule == "catalogue"


def test_choices_are_never_made_twice_by_two_readings(idle, matters, now):
    world(now, matters, idle)
    services.read_order(now=now)
    account = newcomer(now)
    offered(account, now)
    services.read_order(now=now + DAY)
    services.offer_next(account_ids=[account.pk], now=now + DAY, actor=make.ACTOR)
    assert DifficultyChoice.objects.filter(account=account).count() == 1


def test_without_a_learned_order_there_is_nothing_to_compare(now):
    with pytest.raises(Refused) as refusal:
        services.start_order_trial(actor=make.ACTOR, now=now)
    assert refusal.value.code == "no_learned_order"
    assert Experiment.objects.count() == 0


def test_the_trial_plans_as_many_accounts_as_five_points_need_or_as_there_are(idle, matters, now):
    world(now, matters, idle)
    services.read_order(now=now)
    assert services.start_order_trial(actor=make.ACTOR, now=now).planned_size == 300
