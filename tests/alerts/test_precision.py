"""How often a rule is right, and what becomes of one that hardly ever is."""

from datetime import timedelta

import pytest

from apps.alerts import selectors, services
from apps.alerts.matters import Matter
from apps.alerts.models import AlertRule, RuleTold
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events.models import Event
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")


def alerts(count, now, account=None):
    account = account or make.account(owner=make.user())
    return [
        services.open_alert(Matter("usage_fell", f"{account.pk}:{n}", None, "Usage fell", [], account), actor=ACTOR, now=now) for n in range(count)
    ]


def judge(alert, useful, now):
    services.judge(alert, useful=useful, by=None, actor=ACTOR, now=now)


def test_precision_counts_what_was_useful_or_acted_on_of_what_was_judged(now):
    useful, dismissed, acted, acted_in_vain, ignored = alerts(5, now)
    judge(useful, True, now)
    judge(dismissed, False, now)
    services.start_play(acted, make.play(), actor=Actor.user(make.user()), now=now)
    services.open_task(acted_in_vain, actor=ACTOR, now=now)
    judge(acted_in_vain, False, now)
    services.settle("usage_fell", ignored.dedup_key.split(":", 1)[1], actor=ACTOR, now=now)
    found = selectors.precision(now=now)[useful.rule_id]
    assert (found.right, found.judged, found.fired, found.words) == (2, 4, 5, "2 of 4 useful")
    low, high = found.interval
    assert (round(low, 2), round(high, 2)) == (0.15, 0.85)
    assert selectors.precision(now=now + timedelta(days=90)) == {}


def test_nothing_judged_is_no_share(now):
    (alert,) = alerts(1, now)
    found = selectors.precision([alert.rule_id], now=now)[alert.rule_id]
    assert (found.share, found.interval, found.words, found.noisy) == (None, None, "nobody has judged it yet", False)


def test_a_judgement_can_be_changed_and_taken_back_and_said_twice_is_refused(now):
    (alert,), person = alerts(1, now), make.user()
    services.judge(alert, useful=True, by=person, actor=Actor.user(person), now=now)
    with pytest.raises(Refused, match="already"):
        judge(alert, True, now)
    judge(alert, False, now)
    judge(alert, None, now)
    alert.refresh_from_db()
    assert (alert.useful, alert.useful_by, alert.useful_at) == (None, None, None)
    assert list(alert.moments.values_list("deed", flat=True)) == ["useful", "not_useful", "unjudged"]


def test_a_rule_of_which_fewer_than_a_fifth_is_useful_falls_to_digest_and_says_so(now):
    found = alerts(11, now)
    judge(found[0], True, now)
    for alert in found[1:9]:
        judge(alert, False, now)
    rule = AlertRule.objects.get()
    assert not rule.digest
    judge(found[9], False, now)
    rule.refresh_from_db()
    assert rule.digest
    told = RuleTold.objects.get()
    assert (told.digest, told.by_itself, told.right, told.judged, told.actor) == (True, True, 1, 10, "job:alerts.quieten")
    assert Event.objects.filter(type="alert.rule_told").count() == 1


def test_exactly_a_fifth_is_not_noise(now):
    found = alerts(10, now)
    for place, alert in enumerate(found):
        judge(alert, place < 2, now)
    assert not AlertRule.objects.get().digest


def test_a_rule_that_a_person_lifted_is_judged_anew(now):
    found = alerts(21, now)
    for alert in found[:10]:
        judge(alert, False, now)
    rule = AlertRule.objects.get()
    later = now + timedelta(hours=1)
    services.tell_in_digest(rule, digest=False, actor=ACTOR, now=later)
    judge(found[10], False, later + timedelta(minutes=1))
    rule.refresh_from_db()
    assert not rule.digest
    for alert in found[11:20]:
        judge(alert, False, later + timedelta(minutes=2))
    rule.refresh_from_db()
    assert rule.digest
    assert list(RuleTold.objects.values_list("digest", "by_itself").order_by("pk")) == [(True, True), (False, False), (True, True)]
    with pytest.raises(Refused, match="already"):
        services.tell_in_digest(rule, digest=True, actor=ACTOR, now=later)
