"""Drafting, trying and publishing a way to judge health; which one speaks for whom; what a family says."""

import copy
from datetime import timedelta
from decimal import Decimal

import pytest

from apps.accounts.models import Account
from apps.core import reading
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events.models import Event
from apps.health import backtest, selectors, services, standard
from apps.health.models import AccountHealth, HealthModel, HealthScore
from apps.health.suggested import LEAVERS_NEEDED, suggest
from apps.health.tree import read
from tests import make
from tests.churn import worlds

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ACTOR = Actor("user", "7")


def tree(**weights):
    """The standard tree with other weights of its dimensions."""
    data = copy.deepcopy(standard.tree())
    for dimension in data["dimensions"]:
        dimension["weight"] = weights.get(dimension["key"], dimension["weight"])
    return data


USAGE_FIRST = {"usage": 50, "adoption": 10, "support": 10, "relationship": 10, "sentiment": 10, "commercial": 10}


def draft(now, name="standard", tree_data=None, **fields):
    return services.draft(name=name, tree_data=tree_data or tree(**USAGE_FIRST), actor=ACTOR, now=now, **fields)


def score_everybody(now):
    while services.score_stale(now=now, actor=ACTOR):
        pass


@pytest.fixture
def customer(now):
    account = make.account(started_on=now.date() - 300 * DAY, plan="Team", tier="gold")
    make.meanings(login="engagement", report="core")
    make.weeks_of_use(account, until=now, weeks=16, per_week=3)
    services.score_all(as_of=now, now=now, actor=ACTOR)
    score_everybody(now)
    return account


def test_a_draft_changes_nothing_until_it_is_published(customer, now):
    before = AccountHealth.objects.get(account=customer)
    made = draft(now, note="Use tells most.")
    assert (made.number, made.state, made.created_by) == (2, "draft", "user:7")
    score_everybody(now)
    assert AccountHealth.objects.get(account=customer).score == before.score
    services.publish(made, actor=ACTOR, now=now)
    score_everybody(now)
    after = AccountHealth.objects.get(account=customer)
    assert (str(after.model), after.score != before.score) == ("standard v2", True)
    assert HealthModel.objects.get(number=1).state == "retired"
    newest = HealthScore.objects.filter(account=customer).latest("id")
    assert newest.cause == Event.objects.get(type="health.published")
    assert HealthScore.objects.filter(account=customer).earliest("id").model.number == 1


def test_an_earlier_version_can_come_back(customer, now):
    first = HealthModel.objects.get(number=1)
    services.publish(draft(now), actor=ACTOR, now=now)
    services.publish(first, actor=ACTOR, now=now)
    assert dict(HealthModel.objects.values_list("number", "state")) == {1: "published", 2: "retired"}


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda model, now: services.publish(model, actor=ACTOR, now=now), "already_published"),
        (lambda model, now: services.retire(model, actor=ACTOR, now=now), "last_model"),
        (lambda model, now: services.discard(model, actor=ACTOR, now=now), "not_a_draft"),
        (lambda model, now: services.take_weights(model, actor=ACTOR, now=now), "no_weights"),
        (
            lambda model, now: services.revise(model, tree_data=tree(), whom_field="", whom_value="", note="", actor=ACTOR, now=now),
            "not_a_draft",
        ),
        (lambda model, now: draft(now, tree_data=tree(usage=31)), "bad_tree"),
        (lambda model, now: draft(now, name="a b"), "bad_name"),
        (lambda model, now: draft(now, whom_field="plan"), "bad_whom"),
        (lambda model, now: draft(now, whom_field="arr", whom_value="1"), "bad_whom"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_changes(customer, now, call, code):
    model = HealthModel.objects.get()
    with pytest.raises(Refused) as refusal:
        call(model, now)
    assert refusal.value.code == code
    assert HealthModel.objects.get() == model
    assert HealthModel.objects.get().state == "published"


def test_the_most_particular_model_speaks(customer, now):
    by = {}
    for field, value in (("plan", "team"), ("segment", "retail"), ("tier", "gold")):
        by[field] = draft(now, name=f"own-{field}", whom_field=field, whom_value=value)
        services.publish(by[field], actor=ACTOR, now=now)
    other = make.account(started_on=now.date() - 10 * DAY, plan="Starter")
    services.score_all(as_of=now, now=now, actor=ACTOR)
    assert AccountHealth.objects.get(account=customer).model == by["tier"]
    assert AccountHealth.objects.get(account=other).model.name == "standard"
    services.retire(by["tier"], actor=ACTOR, now=now)
    score_everybody(now)
    assert AccountHealth.objects.get(account=customer).model == by["plan"]


def test_momentum_compares_only_what_one_version_said(customer, now):
    for day in range(1, 21):
        services.score_all(as_of=now + day * DAY, now=now + day * DAY, actor=ACTOR)
    later = now + 20 * DAY
    falling = AccountHealth.objects.get(account=customer)
    assert falling.momentum < -10
    assert falling.before > falling.score
    services.publish(draft(now), actor=ACTOR, now=later)
    services.mark_all_stale(now=later)
    score_everybody(later)
    fresh = AccountHealth.objects.get(account=customer)
    assert (fresh.momentum, fresh.before) == (None, None)


def test_as_of_tells_what_was_told_then(customer, now):
    first = AccountHealth.objects.get(account=customer)
    for day in (10, 20, 30):
        services.score_all(as_of=now + day * DAY, now=now + day * DAY, actor=ACTOR)
    assert reading.read(selectors.at([customer.pk], now - DAY)) == {}
    view = reading.read(selectors.at([customer.pk], now + 5 * DAY))[customer.pk]
    assert (view.score, view.band, list(view.parts), view.source) == (first.score, first.band, first.parts, "standard v1")
    assert reading.read(selectors.at([customer.pk], now + 35 * DAY))[customer.pk].score == AccountHealth.objects.get(account=customer).score
    Account.objects.filter(pk=customer.pk).update(churned_on=(now + 32 * DAY).date(), stage="churned")
    assert reading.read(selectors.at([customer.pk], now + 33 * DAY)) == {}
    assert reading.read(selectors.at([customer.pk], now + 20 * DAY))[customer.pk].change is not None


def family(*children):
    """A parent and companies below it: (arr, currency, score, coverage)."""
    parent = make.account()
    made = []
    for arr, currency, score, coverage in children:
        child = make.account(parent=parent, arr=arr, currency=currency)
        AccountHealth.objects.create(account=child, score=None if score is None else Decimal(score), coverage=coverage, band="fair")
        made.append(child)
    return parent, made


def test_a_parent_is_as_healthy_as_its_companies_by_arr():
    parent, made = family((30_000, "USD", "80", 90), (10_000, "USD", "40", 90), (10_000, "USD", "10", 30), (0, "USD", None, 0))
    group = reading.read(selectors.group(parent.pk))
    assert (group.score, group.band, group.coverage, group.weighed) == (Decimal("70.00"), "fair", 80, "by ARR")
    assert group.worst.account_id == made[1].pk
    assert group.known == 2
    assert reading.read(selectors.group(made[0].pk)) is None


def test_currencies_are_never_added_up():
    parent, _ = family((30_000, "USD", "80", 90), (10_000, "EUR", "40", 90))
    group = reading.read(selectors.group(parent.pk))
    assert (group.score, group.weighed) == (Decimal("60.00"), "each the same")


def test_grandchildren_count_and_a_circle_ends():
    parent, (child,) = family((10_000, "USD", "80", 90))
    grandchild = make.account(parent=child, arr=10_000)
    AccountHealth.objects.create(account=grandchild, score=Decimal("20"), coverage=90, band="poor")
    Account.objects.filter(pk=parent.pk).update(parent=grandchild)
    group = reading.read(selectors.group(parent.pk))
    assert group.score == Decimal("50.00")
    assert group.worst.account_id == grandchild.pk


@pytest.fixture
def past(now):
    """A company whose leavers act less and less before they go, 90 of 300."""
    made = worlds.company(now.date() - DAY, days=300, fade=110)
    make.meanings(login="engagement", report="core")
    return made


def test_a_trial_says_how_well_a_version_would_have_warned(past, now):
    found = backtest.run(draft(now), now=now)
    version = found["version"]
    assert version["leavers"] >= LEAVERS_NEEDED
    assert version["low"] > 0.5
    assert version["auc"] > 0.6
    assert sum(found["bands"]["version"].values()) == found["accounts"] == 210
    assert found["moves"]["changed"] == sum(edge["accounts"] for edge in found["moves"]["edges"])
    assert found["left_by_band"]["version"]["unknown"]["cases"] + found["left_by_band"]["version"]["poor"]["cases"] > 0
    assert sum(found["weights"]["weights"].values()) == 100
    assert min(found["weights"]["weights"].values()) >= 1
    assert AccountHealth.objects.count() == 0


def test_a_trial_reads_nothing_later_than_its_dates(past, now, monkeypatch):
    """What happens after a date moves no figure of that date: every moment asked for lies at or before its own day's end."""
    asked = []
    rows = backtest.measured.rows
    monkeypatch.setattr(backtest.measured, "rows", lambda **given: asked.append(given["as_of"]) or rows(**given))
    backtest.run(draft(now), now=now)
    judged = asked[:-1]
    assert asked[-1] == now
    assert len(judged) == backtest.DATES
    assert all(moment + backtest.HORIZON * DAY <= now + DAY for moment in judged)


def test_a_trial_without_leavers_cannot_tell(now):
    for _ in range(5):
        make.account(started_on=now.date() - 400 * DAY)
    found = backtest.run(draft(now), now=now)
    assert (found["version"]["auc"], found["weights"]["weights"], found["weights"]["leavers"]) == (None, {}, 0)


def test_who_asks_for_a_trial_gets_it_from_the_worker(past, now):
    made = draft(now)
    services.ask_for_backtest(made, actor=ACTOR, now=now)
    assert services.backtest_asked(now=now, actor=ACTOR) == 1
    made.refresh_from_db()
    assert (made.backtest["horizon"], made.backtest_asked_at) == (90, None)
    assert services.backtest_asked(now=now, actor=ACTOR) == 0
    with_weights = services.take_weights(made, actor=ACTOR, now=now)
    assert {one["key"]: one["weight"] for one in with_weights.tree["dimensions"]} == made.backtest["weights"]["weights"]
    assert with_weights.backtest == {}


def test_weights_lean_to_what_tells_leavers_apart_and_stay_whole(now):
    """Only the first dimension differs between those who left and those who stayed."""
    model = read(tree())
    facts = [(now.date(), number, [20.0 if number < 60 else 90.0, 70.0, 80.0, 60.0, None, 50.0], number < 60) for number in range(300)]
    found = suggest(model, facts, horizon=90)
    weights = found["weights"]
    assert weights["usage"] > 30
    assert sum(weights.values()) == 100
    assert all(weights[key] <= before for key, before in (("adoption", 20), ("support", 15), ("relationship", 15), ("commercial", 10)))
    few = [fact if not fact[3] or fact[1] < LEAVERS_NEEDED - 1 else (*fact[:3], False) for fact in facts]
    assert suggest(model, few, horizon=90) == {"leavers": LEAVERS_NEEDED - 1, "needed": LEAVERS_NEEDED, "weights": {}, "tested": None}


def test_the_area_is_the_share_of_right_pairs():
    assert backtest.area([1, 2], [3, 4, 5]) == 1.0
    assert backtest.area([4, 2], [2, 4]) == 0.5
    assert backtest.area([5, 3], [4]) == 0.5
    low, high = backtest.interval(0.75, 20, 200)
    assert (round(low, 3), round(high, 3)) == (0.623, 0.877)
