"""From the plan of an experiment to what it says: assignment, exposure, looks, verdicts, overrides."""

from datetime import timedelta

import numpy as np
import pytest
from django.db import IntegrityError, transaction

from apps.accounts.models import Account
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events.models import Event
from apps.experiments import hashing, selectors, services
from apps.experiments.models import Assignment, Experiment, Exposure, Look, OutcomeRow, Override
from apps.experiments.types import Assigned, Outcome, Verdict
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")


def crowd(count, start=0):
    """Accounts straight into the table: their ledger is of no interest here."""
    rows = [Account(external_id=f"c{start + n}", name=f"Company {start + n}", arr=1_000) for n in range(count)]
    return [account.pk for account in Account.objects.bulk_create(rows)]


def running(now, **plan):
    experiment = make.experiment(now=now, **{"key": "subject", **plan})
    return services.start(experiment, actor=ACTOR, now=now)


def let_in(experiment, ids, now, *, rates, before=None):
    """Assign, expose, and let the first so many of each variant do it."""
    given = services.assign(experiment, account_ids=ids, now=now, actor=ACTOR, before=before)
    services.expose(experiment, account_ids=ids, now=now)
    outcomes = []
    for variant, rate in rates.items():
        mine = [account_id for account_id, one in given.items() if one.variant == variant]
        done = mine[: round(len(mine) * rate)]
        outcomes += [Outcome(pk, "returned", 1.0, now + timedelta(hours=1), f"o{pk}") for pk in done]
    assert services.record_outcomes(experiment, outcomes=outcomes) == len(outcomes)
    return given


def later(experiment, now):
    return now + timedelta(days=experiment.window_days)


def test_accounts_are_assigned_by_the_hash_of_their_id_and_keep_what_they_have(now):
    experiment = running(now)
    ids = crowd(200)
    given = services.assign(experiment, account_ids=ids, now=now, actor=ACTOR)
    for account in Account.objects.filter(pk__in=ids):
        index = hashing.variant_at(hashing.position(experiment.key, account.external_id), [(0, 0.5), (0.5, 1.0)])
        assert given[account.pk] == Assigned(["control", "short"][index], ["control", "short"][index])
    assert 70 < sum(one.variant == "short" for one in given.values()) < 130
    # Their id in other systems changes: they stay where they are.
    for pk in ids[:20]:
        Account.objects.filter(pk=pk).update(external_id=f"renamed-{pk}")
    assert services.assign(experiment, account_ids=ids, now=now, actor=ACTOR) == given
    assert Assignment.objects.count() == 200


def test_with_half_coverage_half_of_the_accounts_are_left_out(now):
    experiment = running(now, coverage=0.5)
    given = services.assign(experiment, account_ids=crowd(400), now=now, actor=ACTOR)
    assert 150 < len(given) < 250
    assert Assignment.objects.count() == len(given)


def test_a_draft_assigns_nobody_and_a_stopped_one_nobody_more(now):
    draft, ids = make.experiment(now=now), crowd(2)
    with pytest.raises(Refused, match="nobody is assigned"):
        services.assign(draft, account_ids=ids, now=now, actor=ACTOR)
    started = services.start(draft, actor=ACTOR, now=now)
    services.assign(started, account_ids=ids[:1], now=now, actor=ACTOR)
    stopped = services.stop(started, reason="enough", actor=ACTOR, now=now)
    with pytest.raises(Refused, match="nobody is assigned"):
        services.assign(stopped, account_ids=ids, now=now, actor=ACTOR)
    assert Assignment.objects.count() == 1
    assert list(Event.objects.order_by("id").values_list("type", "payload__reason")) == [
        ("experiment.started", None),
        ("experiment.stopped", "enough"),
    ]


def test_what_runs_keeps_its_weights(now):
    experiment = running(now)
    weights = [{"key": "control", "weight": 0.1}, {"key": "short", "weight": 0.9}]
    with pytest.raises(Refused, match="would move accounts"):
        services.revise(experiment, variants=weights, actor=ACTOR, now=now)
    assert Experiment.objects.get().weights == [0.5, 0.5]


def test_a_draft_can_be_revised_but_never_its_key(now):
    draft = make.experiment(now=now)
    assert services.revise(draft, planned_size=900, actor=ACTOR, now=now).planned_size == 900
    with pytest.raises(Refused, match="key cannot be changed"):
        services.revise(draft, key="other", actor=ACTOR, now=now)
    assert (Experiment.objects.get().key, Experiment.objects.get().planned_size) == (draft.key, 900)


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        ({"variants": [{"key": "one", "weight": 1}]}, "2 to 10 variants"),
        ({"variants": [{"key": "a", "weight": 0.5}, {"key": "a", "weight": 0.5}]}, "same key"),
        ({"variants": [{"key": "a", "weight": 0.5}, {"key": "b", "weight": 0.4}]}, "must sum to 1"),
        ({"variants": [{"key": "a", "weight": 1.5}, {"key": "b", "weight": -0.5}]}, "between 0 and 1"),
        ({"variants": [{"key": "a", "weight": 0.5, "hue": 1}, {"key": "b", "weight": 0.5}]}, "more than a key"),
        ({"planned_size": 5}, "planned_size"),
        ({"coverage": 0}, "coverage"),
        ({"hypothesis": ""}, "hypothesis"),
    ],
)
def test_a_plan_that_cannot_be_read_is_refused(now, plan, words):
    with pytest.raises(Refused, match=words):
        make.experiment(now=now, **plan)
    assert not Experiment.objects.exists()


def test_a_key_is_used_once(now):
    make.experiment(now=now, key="twice")
    with pytest.raises(Refused, match="already"):
        make.experiment(now=now, key="twice")
    assert Experiment.objects.count() == 1


def test_a_stopped_experiment_does_not_start_again(now):
    stopped = services.stop(running(now), reason="", actor=ACTOR, now=now)
    with pytest.raises(Refused, match="is stopped and cannot be running"):
        services.start(stopped, actor=ACTOR, now=now)


def test_only_the_first_exposure_counts_and_only_of_the_assigned(now):
    experiment, ids = running(now), crowd(3)
    services.assign(experiment, account_ids=ids[:2], now=now, actor=ACTOR)
    assert services.expose(experiment, account_ids=ids, now=now) == 2
    assert services.expose(experiment, account_ids=ids, now=now + timedelta(days=1)) == 0
    assert set(Exposure.objects.values_list("account_id", "at")) == {(ids[0], now), (ids[1], now)}


def test_an_outcome_told_twice_counts_once(now):
    experiment, (one, *_) = running(now), crowd(1)
    told = [Outcome(one, "returned", 1.0, now, "m1"), Outcome(one, "returned", 1.0, now, "m1"), Outcome(one, "returned", 1.0, now, "m2")]
    assert services.record_outcomes(experiment, outcomes=told) == 2
    assert services.record_outcomes(experiment, outcomes=told) == 0
    assert OutcomeRow.objects.count() == 2


def test_an_account_counts_when_its_window_is_over_with_what_it_did_inside(now):
    experiment, ids = running(now), crowd(40)
    given = let_in(experiment, ids, now, rates={})
    first = next(pk for pk, one in given.items() if one.variant == "short")
    other = next(pk for pk, one in given.items() if one.variant == "short" and pk != first)
    edge = timedelta(days=experiment.window_days)
    told = [
        Outcome(first, "returned", 1.0, now + edge - timedelta(seconds=1), "in"),
        Outcome(other, "returned", 1.0, now + edge, "late"),
        Outcome(other, "returned", 1.0, now - timedelta(seconds=1), "early"),
        Outcome(other, "something else", 1.0, now, "other"),
    ]
    services.record_outcomes(experiment, outcomes=told)
    early = selectors.readout(experiment, now=now + edge - timedelta(seconds=1))
    assert [(one.exposed, one.n) for one in early.variants] == [(len(ids) - early.variants[1].exposed, 0), (early.variants[1].exposed, 0)]
    assert early.variants[1].words == "“Short subject”: nobody whose window is over yet"
    ripe = selectors.readout(experiment, now=now + edge)
    assert ripe.variants[1].total == 1
    assert sum(one.n for one in ripe.variants) == 40


def test_until_it_can_tell_it_says_how_many_more_accounts_it_needs(now):
    experiment = running(now, planned_size=500, planned_looks=5)
    let_in(experiment, crowd(160), now, rates={"control": 0.2, "short": 0.3})
    found = selectors.readout(experiment, now=later(experiment, now))
    assert found.verdict == Verdict.WAITING
    assert found.words == (
        f"We cannot tell yet: about {500 - found.size} more accounts per variant are needed ({found.size} of 500 are in). "
        "The next planned look is at 100."
    )
    assert found.baseline == "Without it: “Long subject”: 19.7 % (15 of 76)"
    assert (found.looks_taken, found.look_due, found.more) == (0, False, 500 - found.size)


def test_a_strong_difference_decides_at_a_planned_look_and_stays_decided(now):
    experiment = running(now, planned_size=200, planned_looks=4)
    let_in(experiment, crowd(230), now, rates={"control": 0.2, "short": 0.7})
    at = later(experiment, now)
    before = selectors.readout(experiment, now=at)
    assert (before.verdict, before.look_due) == (Verdict.WAITING, True)
    assert services.take_looks(actor=ACTOR, now=at) == 1
    look = Look.objects.get()
    assert (look.number, look.verdict, look.strongest, look.size) == (1, "better", "short", before.size)
    assert look.z > look.boundary > 2
    after = selectors.readout(experiment, now=at)
    assert after.verdict == Verdict.BETTER
    assert after.words == "“Short subject” is better than “Long subject”: 50.4 points more (95 % sure of 34.1 points to 66.7 points)."
    assert Event.objects.get(type="experiment.decided").payload["words"] == after.words
    # The same day again: nothing is due, nothing is spent.
    assert services.take_looks(actor=ACTOR, now=at) == 0
    with pytest.raises(Refused, match=r"The next look is at|are in"):
        services.take_look(experiment, actor=ACTOR, now=at)
    # What comes later shrinks the difference; the verdict of the look stands, in its own words.
    let_in(experiment, crowd(300, start=1_000), at, rates={"control": 0.5, "short": 0.2})
    assert selectors.readout(experiment, now=later(experiment, at)).words == after.words


def test_looking_without_a_planned_look_decides_nothing(now):
    experiment = running(now, planned_size=10_000, planned_looks=2)
    let_in(experiment, crowd(230), now, rates={"control": 0.2, "short": 0.7})
    assert selectors.readout(experiment, now=later(experiment, now)).verdict == Verdict.WAITING


def test_the_last_look_says_that_nothing_was_found(now):
    experiment = running(now, planned_size=60, planned_looks=1)
    let_in(experiment, crowd(160), now, rates={"control": 0.5, "short": 0.5})
    at = later(experiment, now)
    services.take_look(experiment, actor=ACTOR, now=at)
    found = selectors.readout(experiment, now=at)
    assert found.verdict == Verdict.NO_DIFFERENCE
    assert found.words.startswith("No difference was found with the planned 60 accounts per variant; it is below ")
    with pytest.raises(Refused, match="All planned looks"):
        services.take_look(experiment, actor=ACTOR, now=at)
    assert Look.objects.count() == 1


def test_groups_of_the_wrong_sizes_block_the_verdict(now):
    experiment = running(now, planned_size=50, planned_looks=1, rule="always_valid")
    ids = crowd(700)
    given = services.assign(experiment, account_ids=ids, now=now, actor=ACTOR)
    # A third of the short variant is lost on the way.
    lost = [pk for pk, one in given.items() if one.variant == "short"][:120]
    kept = [pk for pk in ids if pk not in lost]
    services.expose(experiment, account_ids=kept, now=now)
    done = [pk for pk in kept if given[pk].variant == "short"][20:]
    services.record_outcomes(experiment, outcomes=[Outcome(pk, "returned", 1, now, f"o{pk}") for pk in done])
    found = selectors.readout(experiment, now=later(experiment, now))
    assert (found.verdict, found.mismatch) == (Verdict.MISMATCH, True)
    assert found.mismatch_p < 0.01
    assert found.words.startswith("Do not read this: the groups are not of the planned sizes (3")
    # Which is what must not be believed.
    assert found.variants[1].verdict == Verdict.BETTER


def test_a_look_is_not_taken_while_the_groups_are_wrong(now):
    experiment = running(now, planned_size=50, planned_looks=1)
    ids = crowd(700)
    given = services.assign(experiment, account_ids=ids, now=now, actor=ACTOR)
    services.expose(experiment, account_ids=[pk for pk in ids if given[pk].variant == "control" or pk % 3], now=now)
    with pytest.raises(Refused, match="Do not read this"):
        services.take_look(experiment, actor=ACTOR, now=later(experiment, now))
    assert not Look.objects.exists()


def test_the_any_time_rule_decides_whenever_it_is_read_and_takes_no_looks(now):
    experiment = running(now, planned_size=50, rule="always_valid")
    let_in(experiment, crowd(300), now, rates={"control": 0.1, "short": 0.6})
    found = selectors.readout(experiment, now=later(experiment, now))
    assert (found.verdict, found.next_look) == (Verdict.BETTER, None)
    short = found.variants[1]
    assert 0 < short.low < short.difference < short.high
    # Its prior expects nothing beyond 10 % either way, so it believes slowly; it is only shown.
    assert 0.5 < short.chance_best < 0.7
    with pytest.raises(Refused, match="no planned look"):
        services.take_look(experiment, actor=ACTOR, now=later(experiment, now))


def test_of_three_variants_the_stronger_must_decide_first(now):
    variants = [{"key": "control", "weight": 0.4}, {"key": "short", "weight": 0.3}, {"key": "none", "weight": 0.3}]
    experiment = running(now, planned_size=100, planned_looks=1, variants=variants)
    let_in(experiment, crowd(500), now, rates={"control": 0.3, "short": 0.6, "none": 0.32})
    services.take_look(experiment, actor=ACTOR, now=later(experiment, now))
    look = Look.objects.get()
    assert {key: one["verdict"] for key, one in look.figures.items() if key != "control"} == {"short": "better", "none": "no_difference"}
    # Bonferroni for the strongest, all of the error for the last one left.
    assert look.figures["short"]["boundary"] == pytest.approx(2.2414, abs=1e-3)
    assert look.figures["none"]["boundary"] == pytest.approx(1.96, abs=1e-3)
    assert sum(one.chance_best for one in selectors.readout(experiment, now=later(experiment, now)).variants) == pytest.approx(1.0)


def test_what_was_known_before_narrows_the_interval(now):
    draw = np.random.default_rng(5)
    plain = running(now, key="plain", metric_kind="mean", planned_size=150, planned_looks=1)
    helped = running(now, key="helped", metric_kind="mean", planned_size=150, planned_looks=1)
    ids = crowd(400)
    habits = {pk: float(draw.gamma(4, 5)) for pk in ids}
    for experiment, before in ((plain, None), (helped, dict(list(habits.items())[:300]))):
        services.assign(experiment, account_ids=ids, now=now, actor=ACTOR, before=before)
        services.expose(experiment, account_ids=ids, now=now)
        told = [Outcome(pk, "returned", habits[pk] + float(draw.normal(0, 2)), now, f"o{pk}") for pk in ids]
        services.record_outcomes(experiment, outcomes=told)
    at = later(plain, now)
    bare, cut = selectors.readout(plain, now=at), selectors.readout(helped, now=at)
    assert (bare.adjusted, cut.adjusted, cut.missing_before) == (False, True, 100)
    assert cut.variants[1].high - cut.variants[1].low < 0.75 * (bare.variants[1].high - bare.variants[1].low)


def test_an_override_is_written_down_and_counts_where_it_was_assigned(now):
    experiment = running(now)
    ids = crowd(60)
    given = let_in(experiment, ids, now, rates={})
    one = next(pk for pk, what in given.items() if what.variant == "control")
    services.override(experiment, account_id=one, variant="short", reason="Their CEO asked for it", actor=Actor("user", "7"), now=now)
    assert services.assign(experiment, account_ids=[one], now=now, actor=ACTOR)[one] == Assigned("control", "short")
    services.record_outcomes(experiment, outcomes=[Outcome(one, "returned", 1, now, "m")])
    found = selectors.readout(experiment, now=later(experiment, now))
    assert (found.variants[0].total, found.variants[1].total, found.overridden) == (1, 0, 1)
    assert Event.objects.get(type="assignment.overridden").subject == f"account:{one}"
    assert Override.objects.get().actor == "user:7"


@pytest.mark.parametrize(
    ("fields", "words"),
    [({"variant": "huge"}, "no variant"), ({"reason": " "}, "Say why"), ({"account_id": 0}, "not in the experiment")],
)
def test_an_override_needs_a_variant_a_reason_and_an_account(now, fields, words):
    experiment, ids = running(now), crowd(1)
    services.assign(experiment, account_ids=ids, now=now, actor=ACTOR)
    asked = {"account_id": ids[0], "variant": "short", "reason": "because", **fields}
    with pytest.raises(Refused, match=words):
        services.override(experiment, **asked, actor=ACTOR, now=now)
    assert not Override.objects.exists()


def test_an_experiment_nobody_entered_says_so(now):
    found = selectors.readout(running(now), now=now)
    assert found.words.startswith("We cannot tell yet: about 400 more accounts per variant are needed (0 of 400 are in).")
    assert [one.chance_best for one in found.variants] == [None, None]


def test_one_stopped_too_early_says_so(now):
    experiment = running(now)
    let_in(experiment, crowd(60), now, rates={"control": 0.2, "short": 0.3})
    stopped = services.stop(experiment, reason="no budget", actor=ACTOR, now=now)
    assert selectors.readout(stopped, now=later(stopped, now)).words.startswith("It was stopped before it could tell")


def test_an_account_has_one_assignment_whatever_happens(now):
    experiment, ids = running(now), crowd(1)
    services.assign(experiment, account_ids=ids, now=now, actor=ACTOR)
    with pytest.raises(IntegrityError), transaction.atomic():
        Assignment.objects.create(experiment=experiment, account_id=ids[0], variant="short", bucket=0.1, at=now)
