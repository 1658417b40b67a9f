"""At what hour: folding, shrinking, never outside the allowed hours, also where the clock jumps."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.experiments import rhythms, selectors, services
from apps.experiments.learning import timing
from apps.experiments.models import SegmentRhythm
from tests import make

NOTHING = [0.0] * 168
DAY = [[8 <= hour < 20 for hour in range(24)]] * 2


def week(**at):
    """Counts by `d2h18=4`: day of the week (0 is Monday), hour."""
    found = [0.0] * 168
    for name, count in at.items():
        day, hour = name[1:].split("h")
        found[int(day) * 24 + int(hour)] = count
    return found


def find(own, segment=NOTHING, *, begin=datetime(2026, 3, 11, 0, tzinfo=UTC), hours=23, zone="UTC", allowed=DAY):
    known = timing.rhythm(own, segment)
    return timing.moment(known, zone=zone, earliest=begin, latest=begin + timedelta(hours=hours), allowed=allowed)


def test_a_week_is_folded_into_working_days_and_weekends():
    folded = timing.fold(week(d0h9=1, d4h9=2, d5h9=4, d6h23=8))
    assert (folded[0][9], folded[1][9], folded[1][23], folded.sum()) == (3, 4, 8, 15)
    with pytest.raises(ValueError, match="168 hours"):
        timing.fold([1.0] * 24)


def test_somebody_of_whom_nothing_is_known_gets_the_hour_of_their_segment():
    found = find(NOTHING, week(d1h16=50))
    assert (found.at.hour, found.at.minute) == (16, 30)
    assert found.words == "16:30: nothing is known of their own hours on working days, so when people like them are active"


def test_own_habits_win_as_they_become_known_and_are_said():
    segment = week(d1h10=500)
    assert find(week(d2h18=1), segment).at.hour == 10
    found = find(week(d0h18=20, d1h18=10, d2h19=12), segment)
    assert found.at.hour == 18
    assert found.words == f"{found.at:%H:%M}: 42 of 42 times they were active on working days it was in the evening"
    few = find(week(d0h9=1, d1h18=1), segment)
    assert few.words.endswith("only 2 signs of their own on working days, so mostly when people like them are active")


def test_the_minute_is_where_the_curve_peaks():
    late = find(week(d0h18=30, d1h19=20))
    assert (late.at.hour, late.at.minute) in {(18, 50), (18, 55), (18, 45)}


def test_hours_around_midnight_are_neighbours():
    curve = timing.rhythm(week(d0h23=10, d1h0=10), NOTHING).curve[0]
    assert curve[23] == pytest.approx(curve[0])
    assert curve[1] > curve[5]
    assert find(week(d0h23=9), allowed=[[True] * 24] * 2, hours=3).words.split(": ")[0] < "04:00"


def test_where_no_hour_is_allowed_there_is_no_moment():
    assert find(NOTHING, hours=3) is None
    assert find(NOTHING, allowed=[[False] * 24] * 2) is None


def test_a_weekend_has_its_own_hours():
    own = week(d1h9=30, d5h14=30)
    assert find(own, begin=datetime(2026, 3, 14, tzinfo=UTC)).at.hour == 14
    assert find(own, begin=datetime(2026, 3, 13, tzinfo=UTC)).at.hour == 9


def test_answers_are_divided_by_what_was_sent():
    """At 10 everybody writes, so most answers are from 10; yet at 17 every second one answers."""
    sent, answered = week(d0h10=70, d1h17=10), week(d0h10=7, d1h17=5)
    known = timing.answering(sent, answered, NOTHING)
    assert np.argmax(known.curve[0]) in (17, 18, 19)
    assert np.argmax(timing.rhythm(answered, NOTHING).curve[0]) == 10


ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia", "America/St_Johns"]


@settings(max_examples=120, deadline=None)
@given(
    st.lists(st.integers(0, 20), min_size=168, max_size=168),
    # Around the days on which these clocks jump.
    st.sampled_from([datetime(2026, 3, 8), datetime(2026, 3, 29), datetime(2026, 10, 25), datetime(2026, 11, 1), datetime(2026, 4, 5)]),
    st.integers(-3_000, 3_000),
    st.integers(0, 4_000),
    st.sampled_from(ZONES),
    st.lists(st.booleans(), min_size=48, max_size=48),
)
def test_the_moment_is_always_inside_its_time_and_inside_the_allowed_hours(own, day, minutes, length, zone, allowed):
    begin = day.replace(tzinfo=UTC) + timedelta(minutes=minutes)
    end = begin + timedelta(minutes=length)
    rows = [allowed[:24], allowed[24:]]
    found = timing.moment(timing.rhythm(own, NOTHING), zone=zone, earliest=begin, latest=end, allowed=rows)
    place = ZoneInfo(zone)
    minute = timedelta(minutes=1)
    open_ones = [
        at for step in range(length + 1) if rows[int((at := begin + step * minute).astimezone(place).weekday() >= 5)][at.astimezone(place).hour]
    ]
    assert (found is None) == (not open_ones)
    if found:
        local = found.at.astimezone(place)
        assert begin <= found.at <= end
        assert rows[int(local.weekday() >= 5)][local.hour]
        assert found.words.startswith(f"{local:%H:%M}: ")


@pytest.mark.django_db
def test_the_hours_of_a_person_are_counted_in_their_zone(now):
    account = make.account(time_zone="America/New_York", segment="mid")
    person = make.contact(account, time_zone="Europe/Berlin")
    moments = [datetime(2026, 3, 9, 17, 5, tzinfo=UTC), datetime(2026, 3, 9, 17, 40, tzinfo=UTC), datetime(2026, 3, 10, 17, 5, tzinfo=UTC)]
    act(account, person, *moments, now - timedelta(days=100))
    hours = rhythms.hours_of(person, now=now)
    # 17 h UTC is 18 h in Berlin; two acts of one hour are one sign.
    assert (hours[18], hours[24 + 18], sum(hours)) == (1, 1, 2)


@pytest.mark.django_db
def test_segments_and_everybody_have_their_hours_and_a_newcomer_gets_them(now):
    mid, small = make.account(segment="mid", time_zone="Europe/Berlin"), make.account(segment="small", time_zone="Mars/Olympus")
    for _ in range(3):
        act(mid, make.contact(mid), *(datetime(2026, 3, day, 15, 30, tzinfo=UTC) for day in (3, 4, 5)))
    act(small, make.contact(small), datetime(2026, 3, 4, 9, tzinfo=UTC))
    assert services.learn_rhythms(now=now) == 3
    assert {row.segment: (row.people, row.events) for row in SegmentRhythm.objects.all()} == {"": (4, 10), "mid": (3, 9), "small": (1, 1)}
    assert SegmentRhythm.objects.get(segment="mid").hours[24 + 16] == 3
    newcomer = make.contact(mid)
    found = selectors.best_moment(newcomer, earliest=now, latest=now + timedelta(hours=20), allowed=DAY, now=now)
    assert found.at == datetime(2026, 3, 11, 15, 30, tzinfo=UTC)
    assert found.words.startswith("16:30: nothing is known of their own hours")
    # Nobody of a segment is active any more: it is forgotten, and its people get everybody's hours.
    assert services.learn_rhythms(now=now + timedelta(days=60)) == 0
    assert not SegmentRhythm.objects.exists()


def act(account, person, *moments):
    from apps.accounts.services import record_activity
    from apps.accounts.types import ActivityItem

    items = [ActivityItem(f"{person.pk}-{at:%d%H%M}", "login", at, account=account.external_id, contact=person.external_id) for at in moments]
    record_activity(items, source="s", now=max(moments))
