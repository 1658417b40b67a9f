"""Who may speak: the way back, and a challenger that scores a share of the accounts."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from waffle.models import Flag

from apps.accounts.models import Account
from apps.churn import services, supposed, tasks
from apps.churn.models import AccountRisk, ModelVersion, Prediction, ShadowScore
from apps.churn.selectors import live_model
from apps.core import flags
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events.models import Event
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")
DAY = timedelta(days=1)


@pytest.fixture
def book(now):
    """Sixty customers with use of different weights."""
    accounts = [make.account(name=f"Customer {number}") for number in range(60)]
    for number, account in enumerate(accounts):
        make.activity(account, *[now - (number % 29 + 1) * DAY] * (number % 4 + 1))
    return accounts


@pytest.fixture
def first(now):
    return make.model_version(now=now, is_live=True)


def another(now, first, **fields):
    """A version that gives every account another score."""
    parameters = first.parameters | {"intercept": first.parameters["intercept"] - 0.7}
    return make.model_version(first.definition, now=now, parameters=parameters, **fields)


def scores():
    """What is kept of every account, but for the band, which remembers where it came from."""
    return list(AccountRisk.objects.order_by("account_id").values_list("account_id", "probability", "low", "high", "reasons", "source"))


def test_rolling_back_brings_the_scores_of_before_back_to_the_last_bit(book, first, now):
    services.score_all(as_of=now, now=now, actor=ACTOR)
    before = scores()
    second = another(now, first)
    services.put_to_work(second, actor=ACTOR, now=now)
    services.score_all(as_of=now, now=now, actor=ACTOR)
    assert [row[1] for row in scores()] != [row[1] for row in before]

    assert services.roll_back(first.definition, actor=Actor("user", "7"), now=now) == first

    assert AccountRisk.objects.filter(stale_since=now).count() == len(book), "every account waits for its score"
    services.score_all(as_of=now, now=now, actor=ACTOR)
    assert scores() == before
    assert "Brought back by user:7 in place of logistic v2" in live_model(first.definition).decision
    said = Event.objects.filter(type="model.put_to_work").order_by("-pk")[0].payload
    assert (said["name"], said["before"]) == ("logistic v1", "logistic v2")


def test_rolling_back_again_goes_further_back_and_ends_where_it_began(first, now):
    second, third = another(now, first), another(now, first)
    for version in (second, third):
        services.put_to_work(version, actor=ACTOR, now=now)
    assert [services.roll_back(first.definition, actor=ACTOR, now=now).number for _ in range(2)] == [2, 1]
    with pytest.raises(Refused, match="Nothing was at work before logistic v1"):
        services.roll_back(first.definition, actor=ACTOR, now=now)
    assert live_model(first.definition) == first


def test_there_is_no_way_back_to_another_meaning_or_to_a_broken_version(first, now):
    second = another(now, first)
    services.put_to_work(second, actor=ACTOR, now=now)
    ModelVersion.objects.filter(pk=first.pk).update(checksum="of something else")
    with pytest.raises(Refused, match="cannot be trusted"):
        services.roll_back(first.definition, actor=ACTOR, now=now)
    changed = services.define(name=first.definition.name, kind="cancelled", horizon_days=30, now=now)
    assert str(live_model(changed)) == "rule v3"
    with pytest.raises(Refused, match="its meaning has changed since"):
        services.roll_back(changed, actor=ACTOR, now=now)
    assert str(live_model(changed)) == "rule v3"


def change(flag, **fields):
    """As an administrator does; what is committed there is flushed by hand here."""
    Flag.objects.filter(pk=flag.pk).update(**fields)
    flag.flush()


def by_model():
    return {number: set(AccountRisk.objects.filter(prediction__model__number=number).values_list("account_id", flat=True)) for number in (1, 2)}


def test_a_challenger_scores_the_share_of_accounts_that_its_flag_names_and_always_the_same_ones(book, first, now):
    challenger = another(now, first, is_challenger=True)
    flag = Flag.objects.create(name="model.cancelled-90", percent=30)

    def score():
        services.score_all(as_of=now, now=now, actor=ACTOR, share_of=flags.challenger_share)
        return by_model()

    some = score()
    assert 8 <= len(some[2]) <= 30
    assert some[1] | some[2] == {account.pk for account in book}
    assert set(AccountRisk.objects.filter(account__in=some[2]).values_list("source", flat=True)) == {"logistic v2"}
    assert set(ShadowScore.objects.values_list("account_id", flat=True)) == some[1], "where it speaks it casts no shadow"
    assert score() == some

    change(flag, percent=60)
    more = score()
    assert some[2] < more[2]
    change(flag, everyone=False)
    assert score()[2] == set()
    services.withdraw(challenger, actor=ACTOR, now=now)
    change(flag, everyone=True)
    assert score()[2] == set(), "nobody challenges"


def test_the_same_accounts_hear_the_challenger_as_activity_comes_in_and_in_what_if(book, first, now):
    another(now, first, is_challenger=True)
    Flag.objects.create(name="model.cancelled-90", percent=50)
    services.score_all(as_of=now, now=now, actor=ACTOR, share_of=flags.challenger_share)
    before = by_model()
    services.mark_all_stale(now=now)
    assert tasks.score_stale() == len(book)
    assert by_model() == before
    heard = {number: supposed.what_if(first.definition, min(before[number]), changes={}, now=now).model.number for number in (1, 2)}
    assert heard == {1: 1, 2: 2}


def test_a_definition_beside_the_default_one_shares_too(book, first, now):
    other = services.define(name="other", kind="cancelled", horizon_days=30, make_default=False, now=now)
    live = make.model_version(other, now=now)
    services.put_to_work(live, actor=ACTOR, now=now)
    make.model_version(other, now=now, is_challenger=True, parameters=live.parameters)
    Flag.objects.create(name="model.other", percent=50)
    services.score_all(definition=other, as_of=now, now=now, actor=ACTOR, share_of=flags.challenger_share)
    told = Prediction.objects.filter(model__definition=other)
    assert told.count() == len(book)
    assert set(told.values_list("model__number", flat=True)) == {2, 3}


def test_a_broken_challenger_leaves_its_share_to_the_champion(book, first, now):
    challenger = another(now, first, is_challenger=True)
    ModelVersion.objects.filter(pk=challenger.pk).update(checksum="of something else")
    Flag.objects.create(name="model.cancelled-90", everyone=True)
    services.score_all(as_of=now, now=now, actor=ACTOR, share_of=flags.challenger_share)
    assert set(AccountRisk.objects.values_list("source", flat=True)) == {"logistic v1"}


def test_a_share_costs_no_query_once_the_flag_is_known(book, first, now):
    def cost():
        services.mark_stale([book[0].pk], now=now)
        with CaptureQueriesContext(connection) as asked:
            assert services.score_stale(now=now, actor=ACTOR, share_of=flags.challenger_share) == 1
        return len(asked)

    services.score_all(as_of=now, now=now, actor=ACTOR)
    alone = cost()
    another(now, first, is_challenger=True)
    Flag.objects.create(name="model.cancelled-90", percent=50)
    cost()
    assert cost() == alone
    assert Account.objects.count() == len(book)
