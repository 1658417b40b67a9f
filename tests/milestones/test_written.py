"""Writing milestones: strict definitions, versions that are never changed, a graph without circles."""

from copy import deepcopy
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from apps.core.errors import Refused
from apps.events.models import Event
from apps.milestones import library, services
from apps.milestones.definition import Flaws, plain, read
from apps.milestones.models import Milestone, MilestoneVersion, Need, Progress
from tests import make

GOOD: dict[str, Any] = {
    "words": {"en": {"name": "Share", "text": "Share a report."}},
    "value": "More people decide by the same figures.",
    "criteria": {"all": [{"count": "report.shared", "at_least": 5, "within_days": 28}, {"trait": "sso", "is": True}]},
    "days": {"behind": 14, "stuck": 28},
}


def flaws(**parts: Any) -> list[tuple[str, str]]:
    with pytest.raises(Flaws) as told:
        read({**deepcopy(GOOD), **parts})
    return told.value.flaws


@pytest.mark.parametrize(
    ("parts", "place", "words"),
    [
        ({"criteria": {"count": "login"}}, "criteria", "count needs at_least, over 0."),
        ({"criteria": {"count": "login", "at_least": 2.5}}, "criteria", "count is compared with a whole number."),
        ({"criteria": {"count": "login", "sum": "login", "at_least": 2}}, "criteria", "A criterion says exactly one of"),
        ({"criteria": {"all": [{"milestone": "x", "at_least": 1}]}}, "criteria.all[0]", "milestone takes no at_least."),
        ({"criteria": {"metric": "mood", "at_least": 1}}, "criteria", "There is no metric 'mood'"),
        ({"criteria": {"metric": "seats", "at_least": 1, "at_most": 2}}, "criteria", "metric needs at_least or at_most, one of them."),
        ({"criteria": {"trait": "sso"}}, "criteria", "trait needs is"),
        ({"criteria": {"any": [{"manual": {"proof": "x"}}]}}, "criteria.any[0]", "manual stands alone"),
        ({"criteria": {"clicks": 3}}, "criteria", "“clicks” is not known here."),
        ({"words": {"de": {"name": "Teilen", "text": "Teilen Sie."}}}, "words", "Say it in English"),
        ({"variants": [{"key": "standard", "factor": 1}, {"key": "hard", "factor": 1.4}]}, "variants[1].factor", "At most 1.3."),
        ({"variants": [{"key": "gentle", "factor": 0.7}]}, "variants", "One variant is called standard"),
        ({"days": {"behind": 28, "stuck": 14}}, "days.stuck", "Stuck comes after behind."),
        ({"audience": {"mood": ["good"]}}, "audience", "“mood” is not known here."),
        ({"needs": ["first", "first"]}, "needs", "A milestone is named twice."),
    ],
)
def test_a_flaw_is_told_by_its_place(parts: dict[str, Any], place: str, words: str) -> None:
    found = flaws(**parts)
    assert [own for own, _ in found] == [place]
    assert words in found[0][1]


def test_more_than_six_levels_are_refused() -> None:
    deep: dict[str, Any] = {"count": "login", "at_least": 1}
    for _ in range(6):
        deep = {"all": [deep]}
    assert flaws(criteria=deep)[0][1] == "More than 6 levels: nobody could follow them."


def test_counts_are_rounded_to_whole_ones_and_sums_are_not() -> None:
    both = {"all": [{"count": "login", "at_least": 5}, {"sum": "invoice.sent", "at_least": 5}]}
    count, amount = read({**GOOD, "criteria": both}).criteria.all or []
    assert [count.asked(factor) for factor in (0.7, 1.0, 1.3)] == [4.0, 5.0, 7.0]
    assert amount.asked(0.7) == 3.5
    assert read({**GOOD, "criteria": {"count": "login", "at_least": 1}}).criteria.asked(0.3) == 1.0


def test_what_is_read_and_written_says_the_same() -> None:
    assert plain(read(plain(read(GOOD)))) == plain(read(GOOD))
    for file in library.files().values():
        assert set(file["definition"]["words"]) == {"en", "de"}
        assert plain(read(plain(read(file["definition"])))) == plain(read(file["definition"]))


@pytest.mark.django_db
def test_the_library_comes_live_once_each_after_what_it_needs(now: datetime) -> None:
    made = library.ensure(now=now, live=True)
    assert made[0] == "first-bookings"
    assert len(made) == 8 == Milestone.objects.filter(state="live").count()
    assert library.ensure(now=now, live=True) == []
    assert set(Need.objects.filter(milestone__key="value-confirmed").values_list("needed__key", flat=True)) == {"steady-rhythm", "first-insight"}


@pytest.mark.django_db
def test_the_same_words_make_no_new_version_and_others_do(now: datetime) -> None:
    milestone = make.milestone("share")
    said = milestone.current.definition
    assert services.save_version(milestone, says=said, actor=make.ACTOR, now=now).number == 1
    assert services.save_version(milestone, says={**said, "visible": False}, note="Hidden", actor=make.ACTOR, now=now).number == 2
    milestone.refresh_from_db()
    assert (milestone.current.number, milestone.visible, MilestoneVersion.objects.count()) == (2, False, 2)
    changes = Event.objects.filter(type="milestone.changed").order_by("pk").values_list("payload__change", flat=True)
    assert list(changes) == ["version 1", "became live", "version 2"]


@pytest.mark.django_db
def test_a_circle_is_refused_with_its_names_and_nothing_is_changed(now: datetime) -> None:
    first = make.milestone("first")
    make.milestone("second", needs=["first"])
    make.milestone("third", criteria={"milestone": "second"})
    with pytest.raises(Flaws, match="in a circle: “First” needs “Third” needs “Second” needs “First”"):
        services.save_version(first, says={**first.current.definition, "needs": ["third"]}, actor=make.ACTOR, now=now)
    first.refresh_from_db()
    assert (first.current.number, Need.objects.filter(milestone=first).count()) == (1, 0)
    with pytest.raises(Flaws, match="cannot need itself"):
        services.save_version(first, says={**first.current.definition, "needs": ["first"]}, actor=make.ACTOR, now=now)
    with pytest.raises(Flaws, match="There is no milestone 'fourth'"):
        services.save_version(first, says={**first.current.definition, "needs": ["fourth"]}, actor=make.ACTOR, now=now)


@pytest.mark.django_db
def test_nothing_goes_live_before_what_it_needs_and_nothing_needed_is_retired(now: datetime) -> None:
    first = make.milestone("first", live_at=None)
    second = make.milestone("second", needs=["first"], live_at=None)
    with pytest.raises(Flaws, match="“First” is draft: nobody could reach it"):
        services.turn(second, "live", actor=make.ACTOR, now=now)
    services.turn(first, "live", actor=make.ACTOR, now=now)
    services.turn(second, "live", actor=make.ACTOR, now=now)
    with pytest.raises(Refused, match="“Second” builds on “First”"):
        services.turn(first, "retired", actor=make.ACTOR, now=now)
    services.turn(second, "retired", actor=make.ACTOR, now=now)
    services.turn(first, "retired", actor=make.ACTOR, now=now)
    with pytest.raises(Refused, match="it cannot become draft from there"):
        services.turn(first, "draft", actor=make.ACTOR, now=now)


@pytest.mark.django_db
def test_who_has_begun_stays_with_the_version_that_held_and_others_get_the_new_one(now: datetime) -> None:
    milestone = make.milestone("share")
    begun, waiting, reached = (make.account(started_on=date(2026, 1, 1)) for _ in range(3))
    day = timedelta(days=1)
    make.activity(begun, now - 3 * day, name="report.shared")
    make.activity(reached, *[now - number * day for number in range(1, 6)], name="report.shared")
    services.evaluate_all(now=now, actor=make.ACTOR)
    harder = {**milestone.current.definition, "criteria": {"count": "report.shared", "at_least": 8}}
    services.save_version(milestone, says=harder, actor=make.ACTOR, now=now)
    services.evaluate_all(now=now, actor=make.ACTOR)
    rows = {row.account_id: (row.state, row.version.number, row.target) for row in Progress.objects.select_related("version")}
    assert rows == {begun.pk: ("open", 1, 5.0), waiting.pk: ("open", 2, 8.0), reached.pk: ("achieved", 1, 5.0)}


@pytest.mark.django_db
def test_what_was_reached_of_a_retired_one_stays(now: datetime) -> None:
    milestone = make.milestone("share")
    account = make.account(started_on=date(2026, 1, 1))
    make.activity(account, *[now - timedelta(days=number) for number in range(1, 6)], name="report.shared")
    services.evaluate_all(now=now, actor=make.ACTOR)
    services.turn(milestone, "retired", actor=make.ACTOR, now=now)
    assert services.evaluate_all(now=now, actor=make.ACTOR) == 0
    assert Progress.objects.get().state == "achieved"
