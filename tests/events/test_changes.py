"""The history of fields: written by every edit, sealed, and found when somebody tampered with it."""

import time
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from apps.accounts import selectors as accounts
from apps.accounts import services
from apps.accounts.models import Account, Field
from apps.accounts.types import AccountFacts
from apps.core.actor import Actor
from apps.core.errors import Conflict, Refused
from apps.core.reading import read
from apps.events import services as events
from apps.events.models import Change, Event, Seal
from tests import make

pytestmark = pytest.mark.django_db
MARIA, JOE = Actor("user", "1"), Actor("user", "2")


def history(account):
    return [
        (change.field, change.before, change.after, change.actor) for change in Change.objects.filter(subject=f"account:{account.pk}").order_by("id")
    ]


def test_an_edit_leaves_who_when_before_and_after_and_a_new_version(now):
    account = make.account(name="Riverside", tier="basic")

    really = services.edit(account, changes={"tier": "gold", "name": "Riverside"}, actor=MARIA, now=now)

    account.refresh_from_db()
    assert (really, account.tier, account.version) == (["tier"], "gold", 2)
    assert history(account) == [("tier", "basic", "gold", "user:1")]
    event = Event.objects.get(type="accounts.changed")
    assert (event.subject, event.payload["fields"], event.actor) == (f"account:{account.pk}", ["tier"], "user:1")


def test_an_edit_that_changes_nothing_leaves_nothing(now):
    account = make.account(tier="basic", arr=100)
    assert services.edit(account, changes={"tier": "basic", "arr": "100.00"}, actor=MARIA, now=now) == []
    account.refresh_from_db()
    assert (account.version, Change.objects.count(), Event.objects.count()) == (1, 0, 0)


def test_two_who_edit_different_fields_are_merged_and_the_same_field_shows_both_values(now):
    account = make.account(tier="basic", segment="smb")
    services.edit(account, changes={"tier": "gold"}, seen={"tier": "basic"}, actor=MARIA, now=now)

    assert services.edit(account, changes={"segment": "mid"}, seen={"segment": "smb"}, actor=JOE, now=now) == ["segment"]
    with pytest.raises(Conflict) as conflict:
        services.edit(account, changes={"tier": "silver", "segment": "big"}, seen={"tier": "basic", "segment": "mid"}, actor=JOE, now=now)

    assert conflict.value.fields == {"tier": {"yours": "silver", "theirs": "gold", "base": "basic"}}
    assert conflict.value.version == 3
    account.refresh_from_db()
    assert (account.tier, account.segment, account.version) == ("gold", "mid", 3)


def test_an_edit_of_an_old_version_is_refused_whole(now):
    account = make.account(tier="basic")
    services.edit(account, changes={"tier": "gold"}, actor=MARIA, now=now)
    with pytest.raises(Conflict):
        services.edit(account, changes={"segment": "mid"}, version=1, actor=JOE, now=now)
    account.refresh_from_db()
    assert account.segment == ""
    assert services.edit(account, changes={"segment": "mid"}, version=2, actor=JOE, now=now) == ["segment"]


def test_a_value_that_does_not_fit_is_refused_and_nothing_changes(now):
    account = make.account(tier="basic")
    with pytest.raises(ValidationError, match="renews_on"):
        services.edit(account, changes={"tier": "gold", "renews_on": "soon"}, actor=MARIA, now=now)
    with pytest.raises(Refused, match="would stand above itself"):
        services.edit(account, changes={"parent": make.account(parent=account)}, actor=MARIA, now=now)
    account.refresh_from_db()
    assert (account.tier, account.version, Change.objects.count()) == ("basic", 1, 0)


def test_leaving_and_coming_back_keep_the_day_in_line(now):
    account = make.account()
    services.edit(account, changes={"stage": "churned"}, actor=MARIA, now=now)
    account.refresh_from_db()
    assert (account.stage, account.churned_on) == ("churned", now.date())
    assert list(Event.objects.values_list("type", flat=True)) == ["account.churned"]
    services.edit(account, changes={"stage": "active"}, actor=MARIA, now=now)
    account.refresh_from_db()
    assert (account.stage, account.churned_on) == ("active", None)


def test_a_field_with_another_source_of_truth_is_not_typed_over(now):
    Field.objects.create(name="account.arr", truth="billing")
    account = make.account(arr=100)
    with pytest.raises(Refused, match="arr is kept by billing"):
        services.edit(account, changes={"arr": 200}, actor=MARIA, now=now)
    assert services.edit(account, changes={"arr": 200}, actor=MARIA, now=now, source="billing") == ["arr"]


def test_an_account_is_read_as_of_any_moment(now):
    owner = make.user()
    account = make.account(tier="basic", arr=100)
    for days, changes in ((10, {"tier": "silver"}), (5, {"tier": "gold", "arr": 250, "owner": owner})):
        services.edit(account, changes=changes, actor=MARIA, now=now - timedelta(days=days))

    def at(days):
        return read(accounts.as_of([account.pk], now - timedelta(days=days)))[account.pk]

    assert at(11) == {"tier": "basic", "arr": 100, "owner_id": None}
    assert at(7) == {"tier": "silver", "arr": 100, "owner_id": None}
    assert at(1) == {}


def test_the_history_cannot_be_rewritten_and_erasing_a_value_keeps_it_whole(now):
    account = make.account(name="Riverside")
    services.edit(account, changes={"name": "Secret name"}, actor=MARIA, now=now)
    change = Change.objects.get()
    for statement in ("update events_change set after = '1'", "delete from events_change", "update events_change set actor = 'user:2'"):
        with pytest.raises(IntegrityError, match="only ever added to"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert events.erase_values([change.subject], now=now) == 1
    erased = Change.objects.get()
    assert (erased.before, erased.after, erased.salt, erased.digest, erased.actor) == (None, None, None, change.digest, "user:1")
    assert events.tampered() == {"changes": [], "seals": []}


@pytest.mark.django_db(transaction=True)
def test_seals_find_what_was_altered_and_what_is_missing(now):
    account = make.account()
    for tier in ("silver", "gold"):
        services.edit(account, changes={"tier": tier}, actor=MARIA, now=now)
    _as_if_recorded("1 minute")
    assert events.seal(now=now) == 2
    services.edit(account, changes={"tier": "iron"}, actor=MARIA, now=now)
    time.sleep(1.1)  # what is recorded within the last second may still have neighbours
    assert events.seal(now=now) == 1
    assert events.seal(now=now) == 0
    assert (Seal.objects.count(), events.tampered()) == (2, {"changes": [], "seals": []})

    first, second, third = Change.objects.order_by("id")
    _by_force("update events_change set after = '\"platinum\"' where id = %s", second.pk)
    assert events.tampered() == {"changes": [second.pk], "seals": []}
    _by_force("delete from events_change where id = %s", third.pk)
    assert events.tampered()["seals"] == [Seal.objects.order_by("id").last().pk]


def _as_if_recorded(ago):
    """Moves the record back in time, digest and all: only a superuser who knows the scheme can, and only before it is sealed."""
    _by_force(f"update events_change set recorded_at = now() - interval '{ago}'")
    _by_force("update events_change c set digest = events_change_digest(c)")


def _by_force(statement, *parameters):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        cursor.execute(statement, parameters)


def test_creation_by_a_source_is_history_too(now):
    services.bring_accounts([AccountFacts(external_id="a1", name="New")], source="crm", actor=Actor.source("crm"), now=now)
    change = Change.objects.get()
    assert (change.subject, change.field, change.source) == (f"account:{Account.objects.get().pk}", "", "crm")
