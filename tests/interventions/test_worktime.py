from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.interventions import public_holidays
from apps.interventions.worktime import Hours, after, between, day_to_plan

BERLIN = Hours(zone="Europe/Berlin")


def at(words: str, zone: str = "Europe/Berlin") -> datetime:
    return datetime.fromisoformat(words).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-03-11 10:00", 60, "2026-03-11 11:00"),
        ("2026-03-11 10:00", 420, "2026-03-11 17:00"),
        ("2026-03-11 10:00", 421, "2026-03-12 09:01"),
        ("2026-03-11 03:00", 60, "2026-03-11 10:00"),
        ("2026-03-11 22:00", 60, "2026-03-12 10:00"),
        ("2026-03-13 16:00", 240, "2026-03-16 12:00"),
        ("2026-03-14 12:00", 0, "2026-03-16 09:00"),
        ("2026-03-13 09:00", 24 * 60, "2026-03-17 17:00"),
    ],
    ids=["within", "to the end", "over night", "before work", "after work", "over a weekend", "the first moment", "three days"],
)
def test_working_minutes_pass_only_at_work(start, minutes, end):
    assert after(at(start), minutes, BERLIN) == at(end)


def test_holidays_are_stepped_over():
    easter = Hours(zone="Europe/Berlin", holidays=frozenset({date(2026, 4, 3), date(2026, 4, 6)}))
    assert after(at("2026-04-02 16:00"), 120, easter) == at("2026-04-07 10:00")


def test_after_a_clock_change_work_begins_at_nine_by_the_wall():
    """Europe/Berlin changes on 29 March 2026: nine o'clock is 08:00 UTC on the Friday before and 07:00 UTC on the Monday after."""
    assert after(at("2026-03-27 17:00"), 0, BERLIN) == datetime(2026, 3, 30, 7, tzinfo=UTC)
    assert after(at("2026-03-20 17:00"), 0, BERLIN) == datetime(2026, 3, 23, 8, tzinfo=UTC)


def test_a_night_shift_over_the_change_is_an_hour_shorter_or_longer():
    night = Hours(zone="Europe/Berlin", days=frozenset(range(7)), begins=time(0), ends=time(6))
    assert between(at("2026-03-29 00:00"), at("2026-03-29 23:00"), night) == 300
    assert between(at("2026-10-25 00:00"), at("2026-10-25 23:00"), night) == 420
    assert after(at("2026-03-29 00:00"), 300, night) == at("2026-03-29 06:00")


def test_a_calendar_without_working_days_counts_by_the_clock():
    never = Hours(holidays=frozenset(date(2026, 1, 1) + timedelta(days=n) for n in range(500)))
    start = datetime(2026, 1, 5, 10, tzinfo=UTC)
    assert after(start, 90, never) == start + timedelta(minutes=90)
    assert day_to_plan(start, never) == (date(2026, 1, 5), 0.0)


def test_a_plan_is_for_today_while_there_is_work_left_and_then_for_the_next_working_day():
    assert day_to_plan(at("2026-03-11 15:30"), BERLIN) == (date(2026, 3, 11), 90.0)
    assert day_to_plan(at("2026-03-13 17:00"), BERLIN) == (date(2026, 3, 16), 480.0)


ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"])
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 (the strategy adds the zone)


@st.composite
def calendars(draw):
    begins, ends = sorted(draw(st.lists(st.times(), min_size=2, max_size=2, unique=True)))
    free = draw(st.frozensets(st.dates(date(2025, 1, 1), date(2028, 1, 31)), max_size=20))
    return Hours(draw(ZONES), draw(st.frozensets(st.integers(0, 6), min_size=1)), begins.replace(microsecond=0, second=0), ends, free)


# The first draw reads the time zones, which a busy machine takes seconds for.
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(MOMENTS, st.integers(0, 3000), calendars())
def test_exactly_the_asked_minutes_lie_between_start_and_end_and_the_end_is_at_work(start, minutes, hours):
    end = after(start, minutes, hours)
    assert end >= start
    day = end.astimezone(ZoneInfo(hours.zone)).date()
    window = hours.window(day)
    if window is None or not window[0] <= end <= window[1]:
        # Only where there was no working time to be had: minute-long windows that 400 days cannot add up to the asked.
        assert between(start, start + timedelta(days=398), hours) < minutes or end == start.astimezone(UTC) + timedelta(minutes=minutes)
        return
    assert between(start, end, hours) == pytest.approx(minutes, abs=1e-6)


@given(MOMENTS, st.integers(0, 2000), st.integers(0, 2000), calendars())
def test_waiting_in_two_parts_is_waiting_at_once(start, first, second, hours):
    if between(start, start + timedelta(days=300), hours) < first + second:
        return
    assert after(after(start, first, hours), second, hours) == after(start, first + second, hours)


@given(MOMENTS, st.timedeltas(timedelta(), timedelta(days=60)), st.integers(1, 600), calendars())
def test_whoever_starts_later_is_never_done_earlier(start, later, minutes, hours):
    if between(start + later, start + timedelta(days=390), hours) < minutes:
        return
    assert after(start, minutes, hours) <= after(start + later, minutes, hours)


@pytest.mark.parametrize(
    ("region", "day", "free"),
    [
        ("", date(2026, 12, 25), False),
        ("DE", date(2026, 12, 25), True),
        ("DE-BY", date(2026, 1, 6), True),
        ("DE-BE", date(2026, 1, 6), False),
        ("US-MA", date(2026, 4, 20), True),
        ("ZZ", date(2026, 12, 25), False),
    ],
)
def test_public_holidays_of_a_country_and_of_its_parts(region, day, free):
    assert Hours(days=frozenset(range(7)), region=region).works_on(day) is not free


@pytest.mark.parametrize(("region", "known"), [("", True), ("DE", True), ("DE-BY", True), ("DE-XX", False), ("Mars", False)])
def test_regions_are_those_that_the_library_knows(region, known):
    assert public_holidays.is_known(region) is known
