import random
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.messaging import quiet

EVERY_DAY = range(7)
ZONES = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "posix/", "right/", "SystemV/")))


def utc(words: str) -> datetime:
    return datetime.fromisoformat(words).replace(tzinfo=UTC)


def opens(words: str, zone: str, **rules) -> datetime:
    return quiet.next_open(utc(words), ZoneInfo(zone), **rules)


@pytest.mark.parametrize(
    ("moment", "zone", "expected"),
    [
        ("2026-03-07T04:30", "America/New_York", "2026-03-07T13:00"),
        ("2026-03-08T04:30", "America/New_York", "2026-03-08T12:00"),
        ("2026-11-01T03:30", "America/New_York", "2026-11-01T13:00"),
        ("2026-06-01T16:00", "Asia/Kathmandu", "2026-06-02T02:15"),
        ("2026-10-03T13:00", "Australia/Lord_Howe", "2026-10-03T21:00"),
        ("2026-06-01T09:00", "Pacific/Kiritimati", "2026-06-01T18:00"),
    ],
)
def test_quiet_from_21_to_8_ends_on_the_wall_clock_across_dst_and_odd_offsets(moment, zone, expected):
    assert opens(moment, zone, start=time(21), end=time(8), days=EVERY_DAY) == utc(expected)


@pytest.mark.parametrize(
    ("day", "clock", "zone", "expected"),
    [
        (date(2026, 3, 8), time(2, 30), "America/New_York", "2026-03-08T07:00"),  # in the gap: 03:00 EDT
        (date(2026, 11, 1), time(1, 30), "America/New_York", "2026-11-01T05:30"),  # the first of two
        (date(2026, 3, 8), time(9), "America/New_York", "2026-03-08T13:00"),
        (date(2026, 11, 1), time(9), "America/New_York", "2026-11-01T14:00"),
        (date(2026, 6, 8), time(8), "Asia/Tokyo", "2026-06-07T23:00"),
    ],
)
def test_a_wall_clock_time_becomes_its_first_instant(day, clock, zone, expected):
    assert quiet.first_instant(day, clock, ZoneInfo(zone)) == utc(expected)


def test_friday_evening_opens_on_monday_morning():
    assert opens("2026-03-06T19:30", "Europe/Berlin") == utc("2026-03-09T07:00")


def test_saturday_noon_opens_on_monday_morning_over_the_change_to_summer_time():
    assert opens("2026-03-28T11:00", "Europe/Berlin") == utc("2026-03-30T06:00")


def test_an_open_hour_is_itself_and_the_edges_are_8_inclusive_and_20_exclusive():
    assert opens("2026-03-11T12:00", "UTC") == utc("2026-03-11T12:00")
    assert opens("2026-03-11T08:00", "UTC") == utc("2026-03-11T08:00")
    assert opens("2026-03-11T19:59", "UTC") == utc("2026-03-11T19:59")
    assert opens("2026-03-11T20:00", "UTC") == utc("2026-03-12T08:00")


def test_a_friday_that_a_zone_skipped_does_not_count():
    """Samoa had no 30 December 2011: after Thursday night comes Saturday."""
    assert opens("2011-12-30T08:00", "Pacific/Apia") == utc("2012-01-01T18:00")


@pytest.mark.parametrize("name", ["GMT-08:00", "Mars/Phobos", "../etc/passwd", "America/new_york"])
def test_a_name_that_is_no_zone_counts_as_utc_and_says_so(name):
    zone, note = quiet.zone_of(name)
    assert zone.key == "UTC"
    assert note == f"Unknown time zone {name!r}, so UTC counts."


def test_the_first_name_given_counts():
    assert quiet.zone_of("", "Asia/Tokyo") == (ZoneInfo("Asia/Tokyo"), "")
    assert quiet.zone_of("", "") == (ZoneInfo("UTC"), "")


def by_looking_at_every_quarter(moment: datetime, zone: ZoneInfo) -> datetime:
    while quiet.is_quiet(moment, zone):
        moment += timedelta(minutes=15)
    return moment


@settings(max_examples=300, deadline=None)
@given(zone=st.sampled_from(ZONES), quarters=st.integers(min_value=0, max_value=4 * 24 * 365 * 6))
def test_the_answer_is_what_looking_at_every_quarter_of_an_hour_finds(zone, quarters):
    moment = utc("2024-01-01T00:00") + timedelta(minutes=15 * quarters)
    assert quiet.next_open(moment, ZoneInfo(zone)) == by_looking_at_every_quarter(moment, ZoneInfo(zone))


def by_looking_at_every_minute(moment: datetime, zone: ZoneInfo, **rules) -> datetime:
    """The plainest answer there is, asked of the wall clock of every minute."""
    while quiet.is_quiet(moment, zone, **rules):
        moment += timedelta(minutes=1)
    return moment


def test_two_thousand_windows_in_all_zones_open_when_every_minute_says_so():
    draw = random.Random(0)
    for _ in range(2000):
        zone = ZoneInfo(draw.choice(ZONES))
        # Half of them around the changes of spring and autumn, where the offsets jump.
        day = draw.choice([date(2026, 3, 8), date(2026, 3, 29), date(2026, 4, 5), date(2026, 10, 4), date(2026, 10, 25), date(2026, 11, 1)])
        day += timedelta(days=draw.choice([-1, 0, draw.randrange(365)]))
        moment = datetime.combine(day, time(draw.randrange(24), draw.randrange(60)), UTC)
        start, end = time(draw.randrange(24), draw.choice([0, 30])), time(draw.randrange(24), draw.choice([0, 15, 45]))
        rules = {"start": start, "end": end, "days": draw.choice([range(7), range(5), (0, 2, 4)])}
        expected = by_looking_at_every_minute(moment, zone, **rules)
        assert quiet.next_open(moment, zone, **rules) == expected, (zone.key, moment, rules)
