"""Who hears of an alert, where and when."""

import pytest

from apps.accounts.models import AccountRole
from apps.accounts.types import Role
from apps.alerts import selectors, services
from apps.alerts.models import AlertRule
from apps.core.actor import Actor
from apps.core.errors import Refused
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")
OFF = {"email": "off"}


def told(alert):
    return {(found.user, found.channel.value, found.at_once) for found in selectors.listeners(alert)}


def alert_of(account, now, severity="urgent", **fields):
    rule, _ = AlertRule.objects.get_or_create(
        key="usage-fell", defaults={"name": "Usage fell", "kind": "notice", "state": "live", "created_at": now, "changed_at": now}
    )
    return (
        make.alert(account, now=now, severity=severity, rule=rule, **fields) if account else make.alert(None, now=now, severity=severity, rule=rule)
    )


def test_what_cannot_wait_comes_to_the_owner_at_once_and_to_nobody_else_by_default(now):
    owner, other = make.user(), make.user()
    assert other not in {user for user, _, _ in told(alert_of(make.account(owner=owner), now))}
    assert told(alert_of(make.account(owner=owner), now)) == {(owner, "in_app", True), (owner, "email", True), (owner, "push", True)}


def test_what_can_wait_comes_in_a_digest_and_what_is_to_know_in_the_product_only(now):
    owner = make.user()
    assert told(alert_of(make.account(owner=owner), now, "warning")) == {(owner, "in_app", True), (owner, "email", False)}
    assert told(alert_of(make.account(owner=owner), now, "info")) == {(owner, "in_app", True)}


def test_a_lead_hears_of_the_team_what_cannot_wait(now):
    team = make.team()
    lead, owner = make.user(Role.TEAM_LEAD, team=team), make.user(team=team)
    make.user(Role.TEAM_LEAD, team=make.team())
    account = make.account(owner=owner)
    assert {user for user, _, _ in told(alert_of(account, now))} == {lead, owner}
    assert {user for user, _, _ in told(alert_of(account, now, "warning"))} == {owner}


def test_who_helps_with_an_account_hears_of_it_and_so_does_who_was_given_the_alert(now):
    owner, helper, given = make.user(), make.user(), make.user(Role.ADMINISTRATOR)
    account = make.account(owner=owner)
    AccountRole.objects.create(account=account, user=helper, role="backup")
    assert {user for user, _, _ in told(alert_of(account, now))} == {owner, helper}
    assert {user for user, _, _ in told(alert_of(account, now, owner=given))} == {owner, helper, given}


def test_what_nobody_owns_is_told_to_administrators(now):
    boss, gone = make.user(Role.ADMINISTRATOR), make.user(is_active=False)
    make.user()
    make.user(Role.VIEWER)
    for alert in (alert_of(None, now), alert_of(make.account(), now), alert_of(make.account(owner=gone), now)):
        assert {user for user, _, _ in told(alert)} == {boss}


def test_a_choice_counts_instead_of_the_usual_and_one_of_a_rule_before_one_of_a_severity(now):
    owner = make.user()
    alert = alert_of(make.account(owner=owner), now)
    services.choose(owner, severity="urgent", whose="mine", how={"sms": "at_once", "email": "digest"}, now=now)
    assert told(alert) == {(owner, "in_app", True), (owner, "sms", True), (owner, "email", False)}
    services.choose(owner, rule=alert.rule, whose="mine", how={"chat": "at_once"}, now=now)
    assert told(alert) == {(owner, "in_app", True), (owner, "chat", True)}
    services.forget_choice(owner, rule=alert.rule)
    services.forget_choice(owner, severity="urgent")
    assert told(alert) == {(owner, "in_app", True), (owner, "email", True), (owner, "push", True)}


def test_nobody_hears_of_what_they_may_not_see_whatever_they_choose(now):
    stranger, viewer = make.user(), make.user(Role.VIEWER)
    for person in (stranger, viewer):
        services.choose(person, severity="urgent", whose="all", how={"email": "at_once"}, now=now)
    assert told(alert_of(make.account(owner=make.user()), now)) >= {(viewer, "in_app", True), (viewer, "email", True)}
    assert stranger not in {user for user, _, _ in told(alert_of(make.account(owner=make.user()), now))}
    assert stranger not in {user for user, _, _ in told(alert_of(None, now))}


def test_a_rule_that_fell_to_digest_reaches_nobody_at_once_outside_the_product(now):
    owner = make.user()
    alert = alert_of(make.account(owner=owner), now)
    services.tell_in_digest(alert.rule, digest=True, actor=ACTOR, now=now)
    assert told(alert) == {(owner, "in_app", True), (owner, "email", False), (owner, "push", False)}


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"severity": "loud", "whose": "mine", "how": OFF}, "of_what"),
        ({"severity": "urgent", "whose": "yours", "how": OFF}, "whose"),
        ({"severity": "urgent", "whose": "mine", "how": {"in_app": "off"}}, "no_channel"),
        ({"severity": "urgent", "whose": "mine", "how": {"email": "never"}}, "how"),
    ],
)
def test_a_choice_that_says_nothing_is_refused(now, asked, code):
    with pytest.raises(Refused) as refusal:
        services.choose(make.user(), **asked, now=now)
    assert refusal.value.code == code
