"""The path from a mark to a stored, announced risk."""

import math
import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Account
from apps.accounts.services import mark_churned
from apps.churn import definitions, features, selectors, services, tasks
from apps.churn.models import AccountRisk, ChurnDefinition, Prediction, ShadowScore, TrainingRun
from apps.churn.scoring import encoding, engine
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.models import Event
from apps.events.vocabulary import ActivityReceived
from tests import make
from tests.churn import worlds

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")
DAY = timedelta(days=1)


def fading(now, silent_days=35):
    """Five logins a week, then nothing."""
    account = make.account(started_on=now.date() - 400 * DAY)
    make.weeks_of_use(account, until=now - silent_days * DAY, weeks=12, per_week=5)
    return account


def score(account, now):
    services.mark_stale([account.pk], now=now)
    services.score_stale(now=now, actor=ACTOR)
    return AccountRisk.objects.get(account=account)


def raised():
    return list(Event.objects.filter(type="risk.raised"))


def test_a_fading_account_is_scored_by_the_rule_and_its_rise_is_announced_once(now):
    account = fading(now)
    services.mark_stale([account.pk], now=now)

    assert services.score_stale(now=now, actor=ACTOR) == 1
    assert services.score_stale(now=now, actor=ACTOR) == 0

    risk = AccountRisk.objects.get()
    assert (risk.band, risk.source, risk.as_of, risk.stale_since) == ("high", "rule v1", now, None)
    assert "No activity for 35 days" in [reason["words"] for reason in risk.reasons]
    assert [reason["contribution"] for reason in risk.reasons] == sorted((reason["contribution"] for reason in risk.reasons), key=abs, reverse=True)
    (event,) = raised()
    assert event.actor == "job:test"
    assert event.payload == {
        "account_id": account.pk,
        "prediction_id": Prediction.objects.get().pk,
        "from_band": "low",
        "to_band": "high",
        "probability": round(risk.probability, 4),
    }
    assert risk.prediction_id == Prediction.objects.get().pk


def test_an_active_account_stays_low_and_quiet(now):
    account = make.account(started_on=now.date() - 400 * DAY)
    make.weeks_of_use(account, until=now, weeks=14, per_week=5)

    risk = score(account, now)

    assert (risk.band, raised()) == ("low", [])
    assert risk.reasons[0]["contribution"] < 0


def test_a_return_lowers_the_risk_and_says_so_with_its_cause(now):
    account = fading(now)
    score(account, now)
    later = now + 20 * DAY
    make.weeks_of_use(account, until=later, weeks=3, per_week=7)
    with transaction.atomic():
        cause = events.publish(ActivityReceived(account_ids=[account.pk], count=1, last_at="", source="t"), actor=ACTOR, now=later)
        services.mark_stale([account.pk], now=later, cause=cause)

    services.score_stale(now=later, actor=ACTOR)

    risk = AccountRisk.objects.get()
    lowered = Event.objects.get(type="risk.lowered")
    assert (lowered.payload["from_band"], lowered.payload["to_band"], lowered.cause) == ("high", risk.band, cause)
    assert (risk.stale_since, risk.stale_cause) == (None, None)


def test_one_account_is_scored_with_few_statements(now):
    worlds.company(now.date())
    definition = services.define(name="soon", kind="cancelled", horizon_days=30, now=now)
    assert services.train(definition, as_of=now, now=now, actor=ACTOR).promoted
    services.score_all(as_of=now, now=now, actor=ACTOR)
    account = Account.objects.at_risk().first()
    AccountRisk.objects.filter(account=account).update(band="low")
    later = now + 2 * DAY
    services.mark_stale([account.pk], now=later)

    with CaptureQueriesContext(connection) as asked:
        assert services.score_stale(now=later, actor=ACTOR) == 1

    assert len(asked) <= 12, [query["sql"][:90] for query in asked]
    assert AccountRisk.objects.get(account=account).source == f"logistic v{selectors.live_model(definition).number}"


def test_the_same_score_is_not_stored_twice_but_once_a_day(now):
    account = fading(now)
    score(account, now)
    risk = score(account, now + timedelta(hours=3))
    assert Prediction.objects.count() == 1
    assert risk.as_of == now + timedelta(hours=3)

    score(account, now + DAY)
    assert Prediction.objects.count() == 2
    assert len(raised()) == 1


def test_the_arrow_knows_the_risk_of_a_week_ago(now):
    account = fading(now, silent_days=10)
    first = score(account, now)
    later = score(account, now + 7 * DAY)

    assert later.before == first.probability
    assert later.probability > first.probability
    assert [probability for _, probability, _ in selectors.history(account, now=now + 7 * DAY)] == [first.probability, later.probability]


def test_a_mark_keeps_its_age_and_first_cause(now):
    account = make.account()
    services.mark_stale([account.pk], now=now)
    services.mark_stale([account.pk], now=now + DAY)
    assert AccountRisk.objects.get().stale_since == now


def test_marks_of_the_future_wait_and_all_present_customers_can_be_marked(now):
    make.account()
    make.account(stage="churned")
    services.mark_all_stale(now=now + DAY)
    assert AccountRisk.objects.count() == 1
    assert services.score_stale(now=now, actor=ACTOR) == 0
    assert services.score_stale(now=now + DAY, actor=ACTOR) == 1


def test_who_has_left_has_no_risk_and_nobody_is_warned(now):
    account = fading(now)
    score(account, now)
    mark_churned(account, on=now.date(), actor=ACTOR, now=now)

    risk = score(account, now + DAY)

    assert (risk.probability, risk.band, risk.reasons, risk.prediction, risk.stale_since) == (None, "low", [], None, None)
    assert not Event.objects.filter(type="risk.lowered").exists()


def test_scoring_all_covers_silent_accounts_and_never_goes_back_in_time(now):
    fading(now)
    make.account(started_on=now.date() + 5 * DAY)
    assert services.score_all(as_of=now, now=now, actor=ACTOR) == 1
    risk = AccountRisk.objects.get(probability__isnull=False)

    assert services.score_all(as_of=now - 60 * DAY, now=now, actor=ACTOR) == 1

    assert AccountRisk.objects.get(pk=risk.pk).as_of == now
    assert len(raised()) == 1


def test_another_definition_is_scored_beside_without_moving_the_present_risk(now):
    account = fading(now)
    risk = score(account, now)
    other = services.define(name="other", kind="cancelled", horizon_days=30, make_default=False, now=now)

    assert services.score_all(definition=other, as_of=now, now=now, actor=ACTOR) == 1
    assert services.score_all(definition=other, as_of=now, now=now, actor=ACTOR) == 1

    assert Prediction.objects.filter(model__definition=other).count() == 1
    assert AccountRisk.objects.get() == risk
    assert AccountRisk.objects.get().prediction.model.definition.name == "cancelled-90"
    assert len(raised()) == 1


def test_the_interval_is_kept_beside_the_probability_and_the_challenger_speaks_unseen(now):
    worlds.company(now.date())
    definition = services.define(name="soon", kind="cancelled", horizon_days=30, now=now)
    assert services.train(definition, as_of=now, now=now, actor=ACTOR).promoted
    model = selectors.live_model(definition)
    interval = {"interval": {"at": [-9.0, 9.0], "below": [0.5, 0.5], "above": [1.0, 1.0]}}
    version = definitions.add_version(definition, kind=model.kind, parameters=model.parameters | interval, decision="", now=now)
    rule = definition.versions.get(number=1)
    definition.versions.filter(pk=rule.pk).update(is_challenger=True)

    for _ in range(2):
        count = services.score_all(as_of=now, now=now, actor=ACTOR)

    risk = AccountRisk.objects.filter(probability__isnull=False).first()
    odds = math.log(risk.probability / (1 - risk.probability))
    assert risk.low == pytest.approx(1 / (1 + math.exp(0.5 - odds)), abs=1e-9)
    assert risk.high == pytest.approx(1 / (1 + math.exp(-1.0 - odds)), abs=1e-9)
    assert (risk.prediction.low, risk.prediction.high, risk.prediction.model) == (risk.low, risk.high, version)
    shadows = ShadowScore.objects.filter(model=rule, as_of=now)
    assert (shadows.count(), ShadowScore.objects.count()) == (count, count)
    (row,) = features.rows(as_of=now, account_ids=[risk.account_id])
    (told,) = engine.scores("rule", rule.parameters, encoding.of([row]))
    assert shadows.get(account=risk.account_id).probability == pytest.approx(told.probability)


def test_the_default_definition_is_made_once_and_changing_its_meaning_brings_the_rule_back(now):
    first = services.ensure_default(now=now)
    assert services.ensure_default(now=now) == first
    assert (first.name, first.kind, first.horizon_days, str(selectors.live_model(first))) == ("cancelled-90", "cancelled", 90, "rule v1")

    same = services.define(name="cancelled-90", kind="cancelled", horizon_days=90, now=now)
    assert str(selectors.live_model(same)) == "rule v1"
    changed = services.define(name="cancelled-90", kind="cancelled", horizon_days=60, now=now)
    assert str(selectors.live_model(changed)) == "rule v2"
    services.define(name="silent", kind="inactive", horizon_days=60, inactive_days=60, now=now)
    assert list(ChurnDefinition.objects.filter(is_default=True).values_list("name", flat=True)) == ["silent"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kind": "maybe", "horizon_days": 30}, "no kind of leaving"),
        ({"kind": "cancelled", "horizon_days": 0}, "from 1 to 730"),
        ({"kind": "inactive", "horizon_days": 30}, "needs its number of silent days"),
        ({"kind": "cancelled", "horizon_days": 30, "inactive_days": 3}, "needs its number of silent days"),
        ({"kind": "inactive", "horizon_days": 30, "inactive_days": 999}, "from 1 to 364"),
    ],
)
def test_a_meaningless_definition_is_refused(fields, words, now):
    with pytest.raises(Refused, match=words):
        services.define(name="bad", now=now, **fields)
    assert not ChurnDefinition.objects.exists()


def test_new_weights_are_a_new_version_and_the_old_one_can_come_back(now):
    account = fading(now)
    before = score(account, now)
    definition = services.ensure_default(now=now)
    old = selectors.live_model(definition)
    weights = old.parameters["weights"] | {"silent_weeks": 0.0, "renewal": 0.22}

    made = services.weigh(old, weights=weights, actor=ACTOR, now=now)

    assert (str(made), made.is_live, made.parameters["weights"]["renewal"]) == ("rule v2", True, 0.22)
    old.refresh_from_db()
    assert (old.is_live, old.parameters["weights"]["renewal"]) == (False, 0.06)
    assert services.score_stale(now=now, actor=ACTOR) == 1
    after = AccountRisk.objects.get()
    assert (after.source, after.probability < before.probability) == ("rule v2", True)
    services.put_to_work(old, actor=ACTOR, now=now)
    services.score_stale(now=now, actor=ACTOR)
    assert AccountRisk.objects.get().probability == before.probability
    with pytest.raises(Refused, match="at work already"):
        services.put_to_work(old, actor=ACTOR, now=now)
    with pytest.raises(Refused, match="must sum to 1"):
        services.weigh(old, weights=weights | {"renewal": 0.5}, actor=ACTOR, now=now)
    assert definition.versions.count() == 2


def test_the_tasks_score_what_waits(now):
    account = make.account(started_on=now.date() - 400 * DAY)
    services.mark_stale([account.pk], now=now)
    assert tasks.score_stale() == 1
    assert tasks.score_all() == 1
    assert tasks.score_all(services.ensure_default(now=now).pk, "user:3") == 1
    assert tasks.retrain() == 1
    assert tasks.train(TrainingRun.objects.get().pk).startswith("Too little history")
    assert tasks.sweep_training() == 0


@pytest.mark.django_db(transaction=True)
def test_four_scorers_of_the_same_accounts_announce_each_rise_once(now):
    accounts = [fading(now) for _ in range(3)]
    services.ensure_default(now=now)
    services.mark_stale([account.pk for account in accounts], now=now)

    def work(number):
        try:
            for _ in range(3):
                services.mark_stale([account.pk for account in accounts], now=now)
                services.score_stale(now=now, actor=ACTOR)
                services.score_all(as_of=now, now=now, actor=ACTOR)
        finally:
            connection.close()

    make.at_once(work, 4)

    assert sorted(event.payload["account_id"] for event in raised()) == [account.pk for account in accounts]
    assert Prediction.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_a_mark_that_arrives_while_its_account_is_scored_is_kept(now):
    account = fading(now)
    services.ensure_default(now=now)
    services.mark_stale([account.pk], now=now)
    waiting = threading.Event()

    def mark():
        waiting.set()
        services.mark_stale([account.pk], now=now + DAY)
        connection.close()

    marker = threading.Thread(target=mark)
    with transaction.atomic():
        services.score_stale(now=now, actor=ACTOR)
        marker.start()
        waiting.wait(5)
    marker.join()

    assert AccountRisk.objects.get().stale_since == now + DAY
