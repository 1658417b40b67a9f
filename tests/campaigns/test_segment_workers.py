"""Segments among several workers, the real wiring, and people who are erased."""

from datetime import timedelta

import pytest
from django.db import connection

from apps.accounts import services as accounts
from apps.campaigns import selectors, services, tasks
from apps.campaigns.models import Membership, SegmentMark
from apps.events import services as events
from apps.events.models import Event
from apps.health.models import AccountHealth
from cs_platform import invariants
from cs_platform.privacy import erase
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)
Kind = services.segments.Kind
POOR = {"kind": "health", "band": "poor"}


def test_four_workers_settle_the_same_marks_once(now):
    accounts = [make.account() for _ in range(30)]
    segments = [make.segment("poor", POOR, now=now), make.segment("there", {"all": [POOR, {"kind": "in", "segment": "poor"}]}, now=now)]
    AccountHealth.objects.bulk_create([AccountHealth(account=account, score=10, band="poor") for account in accounts])
    services.segments.mark([account.pk for account in accounts], kinds=Kind.HEALTH, now=now)
    settled = []

    def work(number: int) -> None:
        try:
            while done := services.segments.refresh(now=now, actor=make.ACTOR, limit=4):
                settled.append(done)
        finally:
            connection.close()

    make.at_once(work, 4)
    # A worker that found only held marks went home; the next round takes what is left.
    while done := services.segments.refresh(now=now, actor=make.ACTOR):
        settled.append(done)
    assert sum(settled) == 30
    for segment in segments:
        segment.refresh_from_db()
        assert (segment.size, Membership.objects.filter(segment=segment).count()) == (30, 30)
    assert Event.objects.filter(type="segment.entered").count() == 60
    assert services.segments.rebuild(now=now, actor=make.ACTOR) == 0
    assert invariants.broken(now) == []


def test_a_first_look_and_a_change_at_the_same_time_end_in_what_is_true(now):
    accounts = [make.account() for _ in range(40)]
    AccountHealth.objects.bulk_create([AccountHealth(account=account, score=10, band="poor") for account in accounts])
    segment = services.segments.create(key="poor", name="Poor", rule=POOR, actor=make.ACTOR, now=now)
    services.segments.go_live(segment, actor=make.ACTOR, now=now)

    def work(number: int) -> None:
        try:
            if number == 0:
                while services.segments.fill(now=now, actor=make.ACTOR, batch=3):
                    pass
                return
            for account in accounts[number::3]:
                AccountHealth.objects.filter(account=account).update(score=90, band="good")
                services.segments.mark([account.pk], kinds=Kind.HEALTH, now=now)
                services.segments.refresh(now=now, actor=make.ACTOR, limit=2)
        finally:
            connection.close()

    make.at_once(work, 3)
    make.filled(now)
    while services.segments.refresh(now=now, actor=make.ACTOR):
        pass
    left = {account.pk for account in accounts[0::3]}
    assert set(selectors.segments.members(segment.pk)) == left
    assert services.segments.rebuild(now=now, actor=make.ACTOR) == 0
    assert invariants.broken(now) == []


def test_who_is_erased_is_judged_by_what_is_left_of_them(now):
    kept, gone = make.account(traits={"city": "Köln"}), make.account(traits={"city": "Köln"})
    segment = make.segment("cologne", {"kind": "trait", "name": "city", "value": "Köln"}, now=now)
    listed = make.segment("listed", {"kind": "listed"}, now=now)
    services.segments.list_accounts(listed, add=[kept.pk, gone.pk], actor=make.ACTOR, now=now)
    assert set(selectors.segments.members(segment.pk)) == {kept.pk, gone.pk}
    erase.erase_account(gone, actor=make.ACTOR, now=now)
    events.sweep(now=now + timedelta(seconds=1))
    while services.segments.refresh(now=now + timedelta(seconds=2), actor=make.ACTOR):
        pass
    segment.refresh_from_db()
    assert (segment.size, list(selectors.segments.members(segment.pk))) == (1, [kept.pk])
    # The row of the account goes with everything that points at it.
    type(gone).objects.filter(pk=gone.pk).delete()
    assert services.segments.rebuild(now=now, actor=make.ACTOR) == 0
    listed.refresh_from_db()
    assert listed.size == 1


def test_what_is_announced_reaches_the_segments_that_look_at_it(now):
    account = make.account(owner=make.user())
    big = make.segment("big", {"kind": "field", "name": "tier", "value": "gold"}, now=now)
    active = make.segment("active", {"kind": "did", "name": "login"}, now=now)
    accounts.edit(account, changes={"tier": "gold"}, actor=make.ACTOR, now=now)
    make.activity(account, now)
    events.sweep(now=now + timedelta(seconds=1))
    assert SegmentMark.objects.get(account=account).kinds & (Kind.FIELDS | Kind.ACTIVITY) == Kind.FIELDS | Kind.ACTIVITY
    assert tasks.refresh_segments() == 1
    assert [list(selectors.segments.members(one.pk)) for one in (big, active)] == [[account.pk], [account.pk]]
    causes = Event.objects.filter(type="segment.entered").values_list("cause__type", flat=True)
    assert set(causes) <= {"accounts.changed", "activity.received"}
