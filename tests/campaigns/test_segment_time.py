"""Time and segments: windows that pass with nothing happening, stays that last, changes in their order, and who was in at any day."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from apps.campaigns import selectors, services
from apps.campaigns.models import Membership, SegmentRebuild, SegmentWake
from apps.campaigns.segments import rules
from apps.events.models import Event
from apps.health.models import AccountHealth
from cs_platform import invariants
from tests import make

from .segment_worlds import World

pytestmark = pytest.mark.django_db
Kind = services.segments.Kind
NOW = datetime(2026, 3, 11, 9, 30, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
BUSY = {"kind": "did", "name": "report.made", "times": 2, "within_days": 7}


def wake(now: datetime) -> int:
    done = 0
    while woken := services.segments.wake(now=now, actor=make.ACTOR):
        done += woken
    return done


def refresh(now: datetime) -> None:
    while services.segments.refresh(now=now, actor=make.ACTOR):
        pass


def acted(account, *moments: datetime, now: datetime, name: str = "report.made") -> None:
    make.activity(account, *moments, name=name)
    services.segments.mark([account.pk], kinds=Kind.ACTIVITY, now=now)
    refresh(now)


def health(account, score: int, *, now: datetime) -> None:
    band = "poor" if score < 40 else "fair" if score < 70 else "good"
    AccountHealth.objects.update_or_create(account=account, defaults={"score": score, "band": band, "as_of": now})
    services.segments.mark([account.pk], kinds=Kind.HEALTH, now=now)
    refresh(now)


def broken(now: datetime) -> list[str]:
    return [one["name"] for one in invariants.broken(now) if one["name"].startswith("segment_")]


def stays(segment) -> list[tuple[datetime, datetime | None]]:
    return list(Membership.objects.filter(segment=segment).order_by("entered_at").values_list("entered_at", "left_at"))


def told(kind: str) -> list[int]:
    return [row.payload["account_id"] for row in Event.objects.filter(type=kind).order_by("pk")]


def test_a_window_that_passes_moves_them_out_at_its_instant_with_no_event():
    account = make.account()
    segment = make.segment("busy", BUSY, now=NOW)
    first = NOW - 5 * DAY
    acted(account, first, NOW, now=NOW)
    assert stays(segment) == [(NOW, None)]
    # Days before the instant only the day is known; on that day the second is.
    assert wake(NOW + DAY) == 0
    midnight = datetime(2026, 3, 13, tzinfo=UTC)
    assert wake(midnight + HOUR) == 1
    assert SegmentWake.objects.get().due_at == first + 7 * DAY
    assert wake(first + 7 * DAY - timedelta(seconds=1)) == 0
    # The worker is late by hours; the stay ended when the window passed.
    assert wake(first + 7 * DAY + 3 * HOUR) == 1
    assert stays(segment) == [(NOW, first + 7 * DAY)]
    assert (told("segment.entered"), told("segment.left"), SegmentWake.objects.count()) == ([account.pk], [account.pk], 0)


def test_a_worker_that_was_away_for_weeks_finds_every_instant_in_its_order():
    account = make.account(renews_on=date(2026, 4, 1))
    near = make.segment("near", {"all": [{"kind": "renewal", "op": "at_most", "days": 10}, {"kind": "renewal", "op": "over", "days": 3}]}, now=NOW)
    late = NOW + 60 * DAY
    assert wake(late) == 2
    assert stays(near) == [(datetime(2026, 3, 22, tzinfo=UTC), datetime(2026, 3, 29, tzinfo=UTC))]
    assert told("segment.left") == [account.pk]


def test_age_in_days_changes_at_midnight_utc():
    make.account(started_on=date(2026, 3, 1))
    segment = make.segment("month-old", {"kind": "field", "name": "age_days", "op": "at_least", "value": 30}, now=NOW)
    assert SegmentWake.objects.get().due_at == datetime(2026, 3, 31, tzinfo=UTC)
    assert wake(datetime(2026, 3, 31, 0, 0, 5, tzinfo=UTC)) == 1
    assert stays(segment) == [(datetime(2026, 3, 31, tzinfo=UTC), None)]


def test_nobody_leaves_before_the_shortest_stay_is_over():
    account = make.account()
    segment = make.segment("poor", {"kind": "health", "band": "poor"}, now=NOW, stay_days=3)
    health(account, 20, now=NOW)
    health(account, 80, now=NOW + HOUR)
    assert stays(segment) == [(NOW, None)]
    assert selectors.segments.who(rules.read(segment.current.rule), NOW + HOUR) == set()
    assert services.segments.rebuild(now=NOW + HOUR, actor=make.ACTOR) == 0
    assert wake(NOW + 3 * DAY + HOUR) == 1
    assert stays(segment) == [(NOW, NOW + 3 * DAY)]


def test_a_rule_of_leaving_with_another_threshold_keeps_them_from_going_in_and_out():
    account = make.account()
    low, high = {"kind": "health", "op": "under", "value": 40}, {"kind": "health", "op": "over", "value": 60}
    segment = make.segment("low", low, now=NOW, leaves=high)
    for hours, score in enumerate((39, 41, 39, 45, 59, 61, 45, 39)):
        health(account, score, now=NOW + hours * HOUR)
    assert stays(segment) == [(NOW, NOW + 5 * HOUR), (NOW + 7 * HOUR, None)]
    assert (len(told("segment.entered")), len(told("segment.left"))) == (2, 1)


def test_segments_that_refer_to_others_follow_in_the_same_piece_of_work():
    account = make.account()
    make.segment("poor", {"kind": "health", "band": "poor"}, now=NOW)
    make.segment("poor-again", {"kind": "in", "segment": "poor"}, now=NOW)
    last = make.segment("not-poor", {"none": [{"kind": "in", "segment": "poor-again"}]}, now=NOW)
    assert stays(last) == [(NOW, None)]
    health(account, 20, now=NOW + HOUR)
    names = [
        (row.type, row.payload["segment"]) for row in Event.objects.filter(type__startswith="segment.").exclude(type="segment.changed").order_by("pk")
    ]
    assert names == [("segment.entered", "poor"), ("segment.entered", "poor-again"), ("segment.left", "not-poor")]
    assert stays(last) == [(NOW, NOW + HOUR)]


def test_a_change_that_no_live_segment_looks_at_marks_nobody():
    account = make.account()
    make.segment("poor", {"kind": "health", "band": "poor"}, now=NOW)
    services.segments.mark([account.pk], kinds=Kind.ACTIVITY, now=NOW)
    assert services.segments.refresh(now=NOW, actor=make.ACTOR) == 0


def test_the_nightly_look_finds_what_was_changed_behind_its_back_and_tells_it():
    good, bad = make.account(arr=80_000), make.account(arr=10)
    segment = make.segment("big", {"kind": "field", "name": "arr", "op": "over", "value": 1_000}, now=NOW)
    assert services.segments.rebuild(now=NOW + HOUR, actor=make.ACTOR) == 0
    assert broken(NOW + HOUR) == []
    type(bad).objects.filter(pk=bad.pk).update(arr=9_000)
    later = NOW + 2 * HOUR
    assert services.segments.rebuild(now=later, actor=make.ACTOR) == 1
    found = SegmentRebuild.objects.filter(segment=segment).latest("at")
    assert (found.members, found.missing, found.surplus, found.examples) == (2, 1, 0, [bad.pk])
    assert broken(later) == ["segment_rebuilt_otherwise"]
    refresh(later)
    assert set(selectors.segments.members(segment.pk)) == {good.pk, bad.pk}
    assert told("segment.entered") == [bad.pk]
    assert services.segments.rebuild(now=later + HOUR, actor=make.ACTOR) == 0


def test_who_was_in_at_five_dates_is_what_a_replay_finds():
    rng = random.Random(5)
    start = datetime(2026, 3, 2, tzinfo=UTC)
    world = World(rng, 20, start)
    said = {
        "busy": BUSY,
        "silent": {"kind": "last", "op": "at_least", "days": 2},
        "unlucky": {"all": [{"kind": "ticket"}, {"kind": "survey", "survey": "nps", "op": "at_most", "value": 3, "within_days": 5}]},
    }
    segments = [make.segment(key, rule, now=start) for key, rule in said.items()]
    dates, replayed = [], []
    for number in range(20):
        world.step(60, timedelta(hours=30))
        wake(world.now)
        refresh(world.now)
        if number % 4 == 3:
            dates.append(world.now)
            replayed.append([selectors.segments.who(rules.read(one.current.rule), world.now) for one in segments])
    kept = [[set(selectors.segments.members(one.pk, at=moment)) for one in segments] for moment in dates]
    assert kept == replayed
    # What has a moment of its own is found again from what is stored today.
    timed = [[selectors.segments.who(rules.read(one.current.rule), moment) for one in segments[:2]] for moment in dates]
    assert timed == [row[:2] for row in kept]
    assert len({frozenset(one) for row in kept for one in row}) > 5


def test_a_membership_is_explained_condition_by_condition():
    account = make.account(arr=80_000, seats=10, seats_used=5)
    make.activity(account, NOW - DAY, NOW - 2 * DAY, name="report.made")
    rule = rules.read(
        {"all": [BUSY, {"any": [{"kind": "field", "name": "seats_used_percent", "op": "over", "value": 60}, {"kind": "in", "segment": "x"}]}]}
    )
    found = selectors.segments.explain(rule, account.pk, NOW)
    assert found is not None
    assert (found.holds, found.joint) == (False, "all")
    did, either = found.parts
    assert (did.words, did.holds, did.value) == ("did “report.made” at least 2 times within the last 7 days", True, 2)
    assert did.flips_at == datetime(2026, 3, 16, tzinfo=UTC)
    assert [(one.words, one.holds, one.value) for one in either.parts] == [
        ("seats used, in percent is over 60", False, 50.0),
        ("is in segment “x”", False, False),
    ]
    assert selectors.segments.explain(rule, 0, NOW) is None


def test_accounts_are_listed_by_hand_and_by_file():
    first, second = make.account(external_id="one"), make.account(external_id="two")
    segment = make.segment("pilot", {"any": [{"kind": "listed"}, {"kind": "field", "name": "tags", "op": "has", "value": "pilot"}]}, now=NOW)
    assert services.segments.by_external_ids(["two", "nobody", "one", "two"]) == ([second.pk, first.pk], ["nobody"])
    said = {"actor": make.ACTOR, "now": NOW}
    assert services.segments.list_accounts(segment, add=[first.pk, second.pk], source="import", **said) == (2, 0)
    assert services.segments.list_accounts(segment, add=[first.pk], remove=[second.pk], **said) == (0, 1)
    refresh(NOW)
    assert list(selectors.segments.members(segment.pk)) == [first.pk]
    assert told("segment.entered") == [first.pk]
