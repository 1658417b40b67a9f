from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.accounts.models import Account, Contact
from apps.messaging import governor, quiet
from apps.messaging.models import Message
from apps.messaging.policy import STANDARD, Hours, Policy, _cap
from apps.messaging.types import Channel, History, Lane, MessageState

NOON = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def message(**fields) -> Message:
    return Message(**{"channel": "email", "lane": Lane.SAVE, "topic": "success", "address": "sam@x.test", "expires_at": NOON + 72 * HOUR, **fields})


def contact(**fields) -> Contact:
    return Contact(name="Sam", email="sam@x.test", account=Account(name="Acme", time_zone=fields.pop("account_zone", "UTC")), **fields)


def rule(now=NOON, *, history=(), contact_=None, allowed=True, suppressed="", policy=STANDARD, **fields):
    recent = History(allowed, suppressed, tuple(history))
    return governor.rule(message(**fields), now=now, contact=contact_ or contact(), recent=recent, policy=policy)


def test_a_quiet_inbox_at_noon_on_a_wednesday_gets_its_message():
    assert rule().send


def test_someone_who_left_gets_nothing():
    ruling = rule(contact_=contact(departed_on=NOON.date()))
    assert (ruling.state, ruling.reason) == (MessageState.SUPPRESSED, "Sam has left Acme.")


def test_a_no_wins_and_names_the_topic():
    ruling = rule(allowed=False)
    assert (ruling.state, ruling.reason) == (MessageState.SUPPRESSED, "Sam does not want “success” by email.")


def test_a_no_counts_for_transactional_messages_too():
    assert rule(allowed=False, lane=Lane.TRANSACTIONAL).state == MessageState.SUPPRESSED


def test_a_suppressed_address_gets_nothing():
    assert rule(suppressed="It bounced.").reason == "sam@x.test must not be written to: It bounced."


def test_an_email_without_an_address_says_so():
    assert rule(address="").reason == "Sam has no email address."


def test_a_message_is_too_late_from_its_expiry_on_and_says_what_it_waited_for():
    assert rule(expires_at=NOON + timedelta(seconds=1)).send
    late = rule(expires_at=NOON, reason="Quiet hours.")
    assert (late.state, late.reason) == (
        MessageState.EXPIRED,
        "Too late: it was worth sending until 11 Mar 12:00 UTC. It waited: Quiet hours.",
    )


def test_the_night_holds_until_the_recipients_morning():
    ruling = rule(contact_=contact(time_zone="America/Los_Angeles"))
    assert (ruling.state, ruling.hold_until) == (MessageState.HELD, datetime(2026, 3, 11, 15, 0, tzinfo=UTC))
    assert ruling.reason == "Quiet hours until Wed 11 Mar 08:00 (America/Los_Angeles)."


def test_the_accounts_zone_counts_where_the_contact_has_none():
    assert rule(contact_=contact(account_zone="Asia/Tokyo")).hold_until == datetime(2026, 3, 11, 23, 0, tzinfo=UTC)


def test_a_bad_zone_is_utc_and_the_reason_says_so():
    ruling = rule(now=NOON + 9 * HOUR, contact_=contact(time_zone="Mars/Phobos"))
    assert ruling.hold_until == datetime(2026, 3, 12, 8, 0, tzinfo=UTC)
    assert ruling.reason.endswith("Unknown time zone 'Mars/Phobos', so UTC counts.")


def test_in_app_waits_silently_so_the_night_does_not_hold_it():
    assert rule(now=NOON + 10 * HOUR, channel=Channel.IN_APP).send


def test_transactional_leaves_at_night_and_over_the_caps():
    assert rule(now=NOON + 10 * HOUR, lane=Lane.TRANSACTIONAL, history=[("email", NOON)] * 9).send


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([("email", -1), ("in_app", -23)], NOON + HOUR),
        ([("in_app", -1), ("in_app", -24)], None),
        ([("email", -30), ("email", -60), ("email", -90)], NOON + (168 - 90) * HOUR),
        ([("in_app", -30), ("in_app", -60), ("in_app", -90), ("in_app", -120), ("email", -145)], NOON + 23 * HOUR),
        ([("email", -30), ("email", -60), ("email", -169)], None),
    ],
)
def test_caps_are_rolling_windows_over_all_channels_and_over_email(history, expected):
    ruling = rule(history=[(channel, NOON + hours * HOUR) for channel, hours in history], expires_at=NOON + 400 * HOUR)
    if expected is None:
        assert ruling.send
    else:
        # A window that frees in the night or at the weekend holds until the next open hour.
        assert ruling.hold_until >= expected
        assert governor._after_caps("email", [(channel, NOON + hours * HOUR) for channel, hours in history], NOON)[0] == expected


def test_a_held_message_waits_at_most_until_its_expiry():
    ruling = rule(history=[("email", NOON), ("email", NOON)], expires_at=NOON + 2 * HOUR)
    assert (ruling.state, ruling.hold_until) == (MessageState.HELD, NOON + 2 * HOUR)
    assert ruling.reason == "Already 2 messages in 24 hours; free from Thu 12 Mar 12:00 UTC."


LAST = datetime(2036, 1, 1, tzinfo=UTC)
CAPS = st.builds(_cap, st.sampled_from(["", "loud", "email", "in_app", "push"]), st.integers(1, 4), st.sampled_from([1, 7, 24, 25, 72, 168]))
HOURS = st.builds(
    Hours,
    start=st.builds(time, st.integers(18, 23), st.sampled_from([0, 30])),
    end=st.builds(time, st.integers(1, 10), st.sampled_from([0, 30])),
    days=st.sets(st.integers(0, 6), min_size=1).map(frozenset),
)
POLICIES = st.builds(Policy, caps=st.lists(CAPS, max_size=5).map(tuple), hours=st.dictionaries(st.sampled_from(["email", "push", "in_app"]), HOURS))
ZONES = st.sampled_from(["UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Kiritimati"])


@settings(max_examples=150, deadline=None)
@given(
    start=st.sampled_from(["2026-03-05", "2026-03-27", "2026-10-01", "2026-10-23", "2026-10-30", "2026-06-01"]),
    zone=ZONES,
    wishes=st.lists(
        st.tuples(st.integers(0, 60 * 24 * 14), st.sampled_from(["email", "email", "in_app", "push"]), st.booleans()), min_size=1, max_size=40
    ),
    policy=st.just(STANDARD) | POLICIES,
)
def test_whatever_wants_to_be_sent_no_rolling_window_is_ever_exceeded_nor_any_night_disturbed(start, zone, wishes, policy):
    """Wishes come at random over nights on which clocks change, under any policy; each goes when the governor says so. Transactional ones pass, and
    count."""
    first = datetime.fromisoformat(start).replace(tzinfo=UTC)
    person = contact(time_zone=zone)
    sent: list[tuple[str, datetime, bool]] = []
    queue = sorted((first + timedelta(minutes=minute), index, channel, urgent) for index, (minute, channel, urgent) in enumerate(wishes))
    while queue:
        now, index, channel, urgent = queue.pop(0)
        lane = Lane.TRANSACTIONAL if urgent else Lane.SAVE
        ruling = rule(now, contact_=person, channel=channel, lane=lane, history=[(c, at) for c, at, _ in sent], policy=policy, expires_at=LAST)
        if ruling.send:
            sent.append((channel, now, urgent))
        else:
            assert ruling.state == MessageState.HELD
            assert ruling.hold_until > now
            queue = sorted([*queue, (ruling.hold_until, index, channel, urgent)])
    assert len(sent) == len(wishes)
    for channel, at, urgent in sent:
        if urgent:
            continue
        if hours := policy.hours_of(channel):
            assert not quiet.is_quiet(at, ZoneInfo(zone), start=hours.start, end=hours.end, days=hours.days)
        for cap in policy.caps:
            if cap.counts(channel):
                window = [1 for where, when, _ in sent if at - cap.window < when <= at and cap.counts(where)]
                # Transactional ones of the same minute may come after this one was allowed.
                later = [1 for where, when, too in sent if too and when == at and cap.counts(where)]
                assert len(window) - len(later) <= cap.most
