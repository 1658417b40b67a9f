"""The library of tips: read strictly, versioned, in two languages."""

import pytest

from apps.coaching import library, services
from apps.coaching.definition import Flaws, read
from apps.coaching.models import Tip
from apps.core.errors import Refused
from cs_platform.demo.streams import MEANINGS
from tests import make
from tests.coaching.conftest import says, tip


def test_the_shipped_tips_are_many_whole_and_about_what_the_demo_company_does():
    found = library.shipped()
    assert len(found) >= 25
    assert len({one["key"] for one in found}) == len(found)
    for one in found:
        definition = read(one["definition"])
        assert set(definition.words) == {"en", "de"}
        assert len(definition.words["en"].steps) == len(definition.words["de"].steps)
        assert definition.words["en"].title != definition.words["de"].title
        assert definition.helps
        assert set(definition.target.activity) <= set(MEANINGS)


@pytest.mark.parametrize(
    ("fields", "flaw"),
    [
        ({"words": {"de": says()["words"]["en"]}}, "words: English (en) is what everybody falls back to; write it first."),
        ({"helps": ["charm"]}, "helps: There is no behaviour 'charm'"),
        ({"target": {"activity": []}}, "target.activity: At least one is needed."),
        ({"expects": 1.0}, "expects: At most 0.9."),
        ({"colour": "red"}, "“colour” is not known here."),
    ],
)
def test_what_is_wrong_with_a_tip_is_told_by_its_place(fields, flaw):
    with pytest.raises(Flaws) as told:
        read(says(**fields))
    assert flaw in told.value.message


def test_a_language_falls_back_to_its_parent_and_then_to_english():
    definition = read(library.shipped()[0]["definition"])
    assert definition.said("de-AT") is definition.words["de"]
    assert definition.said("fr") is definition.words["en"]


def test_a_behaviour_moved_when_it_is_enough_and_more_than_before():
    target = read(says()).target
    assert [target.moved(before, after) for before, after in [(0, 1), (0, 2), (4, 4), (4, 5), (10, 12)]] == [False, True, False, True, False]


@pytest.mark.django_db
def test_versions_are_kept_and_the_same_words_make_none(now):
    made = tip("report", now=now)
    assert services.save_tip_version(made, says=says(), actor=make.ACTOR, now=now).number == 1
    assert services.save_tip_version(made, says=says(effort_minutes=20), note="Takes longer.", actor=make.ACTOR, now=now).number == 2
    made.refresh_from_db()
    assert (made.current.number, made.versions.get(number=1).says.effort_minutes) == (2, 10)


@pytest.mark.django_db
def test_a_flawed_tip_is_not_created_and_a_key_is_taken_once(now):
    with pytest.raises(Flaws):
        services.create_tip(key="x", name="X", says=says(helps=["charm"]), actor=make.ACTOR, now=now)
    assert not Tip.objects.exists()
    tip("x", now=now)
    with pytest.raises(Refused, match="There is a tip 'x' already"):
        tip("x", now=now)


@pytest.mark.django_db
def test_the_library_is_brought_in_once_and_leaves_staffs_words_alone(now):
    assert len(services.ensure_tips(now=now)) == len(library.shipped())
    one = Tip.objects.get(key="morning-look")
    services.turn_tip(one, "retired", actor=make.ACTOR, now=now)
    assert services.ensure_tips(now=now) == []
    one.refresh_from_db()
    assert one.state == "retired"
    with pytest.raises(Refused, match="it cannot become draft"):
        services.turn_tip(one, "draft", actor=make.ACTOR, now=now)
