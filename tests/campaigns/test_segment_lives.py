"""Segments from a draft to an archive: who is found, who is in, what is announced and what is refused."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.campaigns import selectors, services
from apps.campaigns.models import Membership, Segment
from apps.campaigns.segments import rules
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events.models import Event
from tests import make

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 11, 9, tzinfo=UTC)
ACTOR = Actor.job("test")
BIG = {"kind": "field", "name": "arr", "op": "at_least", "value": 50_000}


def told(kind: str) -> list[int]:
    return [row.payload["account_id"] for row in Event.objects.filter(type=kind).order_by("pk")]


def test_a_new_segment_is_filled_silently_and_knows_its_size():
    big, small = make.account(arr=80_000), make.account(arr=5_000)
    segment = services.segments.create(key="big", name="Big", rule=BIG, actor=ACTOR, now=NOW)
    assert (segment.state, segment.current.number, list(selectors.segments.members(segment.pk))) == ("draft", 1, [])
    services.segments.go_live(segment, actor=ACTOR, now=NOW)
    make.filled(NOW)
    segment.refresh_from_db()
    assert (segment.size, segment.filled_at, selectors.segments.progress(segment)) == (1, NOW, 1.0)
    assert list(selectors.segments.members(segment.pk)) == [big.pk]
    assert (told("segment.entered"), selectors.segments.segments_of(small.pk)) == ([], [])


def test_a_rule_is_counted_before_it_is_saved():
    big = make.account(arr=80_000)
    make.account(arr=5_000)
    found = selectors.segments.count(rules.read(BIG), NOW)
    assert (found.accounts, found.of, found.arr) == (1, 2, 80_000.0)
    assert selectors.segments.who(rules.read(BIG), NOW) == {big.pk}
    assert Segment.objects.count() == 0


def test_a_new_version_moves_people_silently_and_their_stays_are_kept():
    big, small = make.account(arr=80_000), make.account(arr=5_000)
    segment = make.segment("size", BIG, now=NOW)
    later = NOW + timedelta(days=1)
    made = services.segments.save_version(segment, rule={"none": [BIG]}, note="The other way round.", actor=ACTOR, now=later)
    assert services.segments.save_version(segment, rule={"none": [BIG]}, actor=ACTOR, now=later) == made
    make.filled(later)
    stays = Membership.objects.filter(segment=segment).order_by("pk").values_list("account", "version__number", "entered_at", "left_at")
    assert list(stays) == [(big.pk, 1, NOW, later), (small.pk, 2, later, None)]
    assert (told("segment.entered"), told("segment.left")) == ([], [])
    assert list(selectors.segments.members(segment.pk, at=NOW + timedelta(hours=1))) == [big.pk]


def test_circles_are_refused_by_their_place():
    first = services.segments.create(key="first", name="First", rule=BIG, actor=ACTOR, now=NOW)
    services.segments.create(key="second", name="Second", rule={"all": [BIG, {"kind": "in", "segment": "first"}]}, actor=ACTOR, now=NOW)
    for rule, place, words in (
        ({"kind": "in", "segment": "first"}, "segment", "A segment cannot refer to itself."),
        (
            {"any": [BIG, {"none": [{"kind": "in", "segment": "second"}]}]},
            "any[1].none[0].segment",
            "This leads in a circle: first refers to second refers to first.",
        ),
        ({"kind": "in", "segment": "third"}, "segment", "There is no segment 'third'."),
    ):
        with pytest.raises(rules.Flaws) as refused:
            services.segments.save_version(first, rule=rule, actor=ACTOR, now=NOW)
        assert refused.value.flaws == [(place, words)]
    assert first.versions.count() == 1


def test_a_live_segment_refers_only_to_live_ones_and_what_is_used_is_not_archived():
    first = services.segments.create(key="first", name="First", rule=BIG, actor=ACTOR, now=NOW)
    second = services.segments.create(key="second", name="Second", rule={"kind": "in", "segment": "first"}, actor=ACTOR, now=NOW)
    with pytest.raises(rules.Flaws) as refused:
        services.segments.go_live(second, actor=ACTOR, now=NOW)
    assert refused.value.flaws == [("segment", "“First” is draft: nobody is in it. Put it live first.")]
    with pytest.raises(Refused) as in_use:
        services.segments.archive(first, actor=ACTOR, now=NOW)
    assert (in_use.value.code, in_use.value.message) == ("segment_in_use", "“First” is used by “Second”. Change that first.")


def test_an_archived_segment_has_nobody_and_remembers_who_was_in():
    big = make.account(arr=80_000)
    segment = make.segment("big", BIG, now=NOW)
    later = NOW + timedelta(days=2)
    services.segments.archive(segment, actor=ACTOR, now=later)
    assert (segment.state, segment.size, list(selectors.segments.members(segment.pk))) == ("archived", 0, [])
    assert list(selectors.segments.members(segment.pk, at=NOW + timedelta(days=1))) == [big.pk]
    assert told("segment.left") == [big.pk]


def test_the_first_look_goes_in_batches_with_progress():
    accounts = [make.account(arr=80_000) for _ in range(7)]
    segment = services.segments.create(key="big", name="Big", rule=BIG, actor=ACTOR, now=NOW)
    services.segments.go_live(segment, actor=ACTOR, now=NOW)
    sizes = []
    while services.segments.fill(now=NOW, actor=ACTOR, batch=3):
        segment.refresh_from_db()
        sizes.append((segment.size, segment.filled_to, segment.filled_at is not None))
    ids = [account.pk for account in accounts]
    assert sizes == [(3, ids[2], False), (6, ids[5], False), (7, ids[6], False), (7, ids[6], True)]


def test_segments_overlap():
    both, only = make.account(arr=80_000, tier="gold"), make.account(arr=90_000)
    big, gold = make.segment("big", BIG, now=NOW), make.segment("gold", {"kind": "field", "name": "tier", "value": "gold"}, now=NOW)
    found = selectors.segments.overlap([big.pk, gold.pk], NOW)
    assert found.both == {(big.pk, big.pk): 2, (gold.pk, gold.pk): 1, (big.pk, gold.pk): 1}
    assert (found.share(big.pk, gold.pk), found.share(gold.pk, big.pk)) == (0.5, 1.0)
    assert {both.pk, only.pk} == set(selectors.segments.members(big.pk))
