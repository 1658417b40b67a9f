"""Three ways to one answer: a rule as one SQL statement, judged in Python account by account, and kept up from change to change.

SEGMENT_TREES sets how many random rules are live at once in the last of them (1000 for the figure in the docs).
"""

import os
import random
from datetime import UTC, datetime, timedelta

import pytest

from apps.campaigns import selectors, services
from apps.campaigns.models import Membership, Segment, SegmentMark
from apps.campaigns.segments import rules
from apps.campaigns.segments.facts import load
from apps.campaigns.segments.judged import judge
from tests import make

from .segment_worlds import Rules, World

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
TREES = int(os.environ.get("SEGMENT_TREES", "60"))


def settle(now: datetime) -> None:
    while services.segments.wake(now=now, actor=make.ACTOR):
        pass
    while services.segments.refresh(now=now, actor=make.ACTOR):
        pass


def test_a_thousand_random_rules_find_the_same_accounts_by_sql_and_in_python():
    rng = random.Random(1)
    world = World(rng, 40, START)
    listed = make.segment("listed", {"kind": "listed"}, now=START)
    busy = make.segment("busy", {"kind": "did", "times": 3}, now=START)
    for _ in range(6):
        world.step(300, timedelta(days=3, hours=5, minutes=11))
        settle(world.now)
    write = Rules(rng, ("listed", "busy"), tuple(play.key for play in world.plays))
    trees = [rules.read(write.tree()) for _ in range(1_000)]
    facts = load(dict.fromkeys([account.pk for account in world.accounts], world.now), [leaf for tree in trees for leaf in rules.leaves(tree)])
    differing, sizes = [], set()
    for tree in trees:
        by_sql = selectors.segments.who(tree, world.now, segment_id=listed.pk)
        in_python = {key for key, one in facts.items() if judge(tree, one, listed.pk).holds}
        sizes.add(len(by_sql))
        if by_sql != in_python:
            differing.append((rules.plain(tree), by_sql ^ in_python))
    assert differing == []
    # The rules find every number of accounts there is.
    assert (len(facts), sizes) == (40, set(range(41)))
    assert set(selectors.segments.members(busy.pk)) == selectors.segments.who(rules.read(busy.current.rule), world.now)


@pytest.mark.timeout(3_000)
def test_memberships_kept_up_over_ten_thousand_random_events_are_what_sql_and_python_find():
    rng = random.Random(2)
    world = World(rng, 25, START)
    made: list[Segment] = []
    for number in range(TREES):
        # Some refer to others made before them.
        write = Rules(rng, tuple(one.key for one in made[-20:]), tuple(play.key for play in world.plays))
        one = services.segments.create(key=f"s{number}", name=f"S {number}", rule=write.tree(), actor=make.ACTOR, now=START)
        services.segments.go_live(one, actor=make.ACTOR, now=START)
        made.append(one)
    make.filled(START)
    for number in range(20):
        world.step(500, timedelta(hours=rng.choice((3, 9, 24, 48))))
        settle(world.now)
        if number % 7 == 0:
            assert_same(made, world)
    assert_same(made, world)
    assert not SegmentMark.objects.filter(stale_since__isnull=False).exists()
    for one in made:
        one.refresh_from_db()
        assert one.size == Membership.objects.open().filter(segment=one).count()


def assert_same(made: list[Segment], world: World) -> None:
    differing = []
    trees = {one.pk: rules.read(one.current.rule) for one in made}
    facts = load(
        dict.fromkeys([account.pk for account in world.accounts], world.now), [leaf for tree in trees.values() for leaf in rules.leaves(tree)]
    )
    for one in made:
        by_sql = selectors.segments.who(trees[one.pk], world.now, segment_id=one.pk)
        in_python = {key for key, known in facts.items() if judge(trees[one.pk], known, one.pk).holds}
        kept = set(selectors.segments.members(one.pk))
        if not by_sql == in_python == kept:
            differing.append((one.key, one.current.rule, f"python {by_sql ^ in_python}", f"kept {by_sql ^ kept}"))
    assert differing == []
