"""Who is written down, who is left out and for which one reason, who is held out, and when it is whose turn."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from apps.campaigns.campaigning import freezing
from apps.campaigns.models import Membership, Occurrence, Recipient
from apps.campaigns.services import campaigns
from apps.core.shares import position
from apps.events.models import Event
from apps.messaging.models import Consent, Hold, Message, Suppression
from apps.messaging.selectors import fingerprint
from tests import make

pytestmark = pytest.mark.django_db


def frozen(campaign, now, **batches):
    row = campaigns.start_by_hand(campaign, actor=make.ACTOR, now=now)
    assert campaigns.freeze(row, now=now, **batches)
    return row


def said(now, *, allowed, contact, topic="success", channel="email"):
    Consent.objects.create(contact=contact, channel=channel, topic=topic, allowed=allowed, source="test", at=now)


def test_each_person_left_out_has_the_first_reason_that_holds(now):
    make.news()
    accounts = {
        name: make.account(name=name) for name in ("fine", "gone", "nobody", "no_address", "suppressed", "erased", "no_consent", "saving", "ticket")
    }
    accounts["gone"].stage = "churned"
    accounts["gone"].save()
    people = {name: make.contact(account) for name, account in accounts.items() if name != "nobody"}
    departed = make.contact(accounts["nobody"], departed_on=date(2026, 1, 1))
    people["no_address"].email = ""
    people["no_address"].save()
    Suppression.objects.create(channel="email", address=people["suppressed"].email.lower(), reason="bounced", at=now)
    Suppression.objects.create(channel="email", address=fingerprint(people["erased"].email), reason="erased", at=now)
    said(now - timedelta(days=2), allowed=True, contact=people["no_consent"])
    said(now - timedelta(days=1), allowed=False, contact=people["no_consent"])
    said(now - timedelta(days=1), allowed=False, contact=people["fine"], topic="newsletter")
    Hold.objects.create(source="enrolment:1", account=accounts["saving"], reason="the save play “x” runs.", since=now)
    make.ticket(accounts["saving"], now, priority="p1")
    make.ticket(accounts["ticket"], now, priority="p1", state="pending")
    make.ticket(accounts["fine"], now, priority="p1", state="solved", solved_at=now)
    make.ticket(accounts["fine"], now, priority="p2")
    campaign = make.campaign(says={"segment": make.segment_of(*accounts.values(), now=now).key, "promotion": True}, live_at=now)
    row = frozen(campaign, now)
    found = {one.account.name: (one.state, one.left) for one in Recipient.objects.select_related("account")}
    wanted = {name: ("excluded", name) for name in accounts} | {"fine": ("planned", ""), "erased": ("excluded", "suppressed")}
    assert found == wanted
    assert Recipient.objects.get(account=accounts["nobody"]).contact is None
    assert departed.pk not in Recipient.objects.values_list("contact_id", flat=True)
    told = Event.objects.get(type="campaign.frozen").payload
    assert (told["planned"], told["excluded"], told["held_out"]) == (1, 8, 0)
    assert row.pk == told["occurrence_id"]


def test_what_is_no_promotion_goes_on_during_a_save_and_a_ticket(now):
    make.news()
    account = make.account()
    make.contact(account)
    Hold.objects.create(source="enrolment:1", account=account, reason="the save play “x” runs.", since=now)
    frozen(make.campaign(live_at=now), now)
    assert Recipient.objects.get().state == "planned"


def test_had_it_too_short_a_time_ago(now):
    make.news()
    make.contact(make.account())
    campaign = make.campaign(says={"again_days": 10}, live_at=now)
    frozen(campaign, now)
    campaigns.hand_over(now=now)
    for days, state in ((9, ("excluded", "again")), (11, ("planned", ""))):
        row = frozen(campaign, now + timedelta(days=days))
        assert tuple(Recipient.objects.filter(occurrence=row).values_list("state", "left")[0]) == state


def test_the_best_person_is_the_first_whom_nothing_keeps_away(now):
    make.news()
    account = make.account()
    champion, admin = make.contact(account, role="champion"), make.contact(account, role="admin")
    make.contact(account, role="user")
    frozen(make.campaign(live_at=now), now)
    assert Recipient.objects.get().contact_id == champion.pk
    said(now, allowed=False, contact=champion)
    row = frozen(make.campaign(live_at=now), now)
    assert Recipient.objects.get(occurrence=row).contact_id == admin.pk
    row = frozen(make.campaign(says={"people": {"who": "all", "roles": ["user", "champion"]}}, live_at=now), now)
    assert Counter(Recipient.objects.filter(occurrence=row).values_list("contact__role", "left")) == {("user", ""): 1, ("champion", "no_consent"): 1}


def test_a_second_channel_reaches_those_whom_the_first_does_not(now):
    make.news()
    make.news(channel="in_app")
    quiet, loud = (make.contact(make.account()) for _ in range(2))
    said(now, allowed=False, contact=quiet)
    campaign = make.campaign(says={"channels": ["email", "in_app"]}, live_at=now)
    frozen(campaign, now)
    campaigns.hand_over(now=now)
    assert dict(Message.objects.values_list("contact_id", "channel")) == {quiet.pk: "in_app", loud.pk: "email"}


def test_holdout_and_variants_are_drawn_by_the_account_as_experiments_draw(now):
    make.news("one")
    make.news("two")
    people = [make.contact(account) for account in [make.account() for _ in range(120)] for _ in range(2)]
    variants = [{"name": "a", "template": "one", "weight": 3}, {"name": "b", "template": "two", "weight": 1}]
    campaign = make.campaign(says={"variants": variants, "holdout_percent": 20, "people": {"who": "all"}}, live_at=now)
    frozen(campaign, now, batch=7)
    rows = {one.contact_id: one for one in Recipient.objects.all()}
    assert len(rows) == len(people)
    for person in people:
        one = rows[person.pk]
        assert (one.state == "held_out") == (position(f"campaign:{campaign.key}", person.account_id) * 100 < 20)
        if one.state == "planned":
            wanted = "a" if position(f"campaign:{campaign.key}:variant", person.account_id) < 0.75 else "b"
            assert (one.variant, one.propensity, one.weights) == (wanted, 0.75 if wanted == "a" else 0.25, 0)
        else:
            assert (one.variant, one.propensity) == ("", None)
    shares = Counter(one.state for one in rows.values())
    assert 24 <= shares["held_out"] <= 76


ZONES = {
    # New York and Berlin change their clocks on different Sundays; 2:30 does not exist in New York on 8 March 2026, nor in Berlin on the 29th.
    "America/New_York": datetime(2026, 3, 8, 7, 0, tzinfo=UTC),
    "Europe/Berlin": datetime(2026, 3, 8, 1, 30, tzinfo=UTC),
    "Asia/Kolkata": datetime(2026, 3, 7, 21, 0, tzinfo=UTC),
    "Pacific/Kiritimati": datetime(2026, 3, 7, 12, 30, tzinfo=UTC),
    "Pacific/Pago_Pago": datetime(2026, 3, 8, 13, 30, tzinfo=UTC),
    "Mars/Olympus": datetime(2026, 3, 8, 2, 30, tzinfo=UTC),
}


def test_everybody_has_their_turn_on_their_own_clock_over_a_change_of_it():
    make.news()
    before = datetime(2026, 3, 1, 12, tzinfo=UTC)
    people = {zone: make.contact(make.account(time_zone="Asia/Tokyo"), time_zone=zone) for zone in ZONES}
    by_account = make.contact(make.account(time_zone="America/New_York"))
    make.campaign(says={"when": {"kind": "once", "at": "2026-03-08T02:30"}}, live_at=before)
    assert campaigns.plan_due(now=before) == 0
    starts = datetime(2026, 3, 7, 12, 30, tzinfo=UTC)
    assert campaigns.plan_due(now=starts - timedelta(seconds=1)) == 0
    assert campaigns.plan_due(now=starts) == 1
    row = Occurrence.objects.get()
    assert (row.key, row.due_at) == ("2026-03-08T02:30", starts)
    campaigns.freeze(row, now=starts)
    due = dict(Recipient.objects.values_list("contact_id", "due_at"))
    assert {zone: due[person.pk] for zone, person in people.items()} == ZONES
    assert due[by_account.pk] == ZONES["America/New_York"]


def test_in_autumn_the_hour_that_comes_twice_is_taken_once():
    make.news()
    before = datetime(2026, 10, 1, tzinfo=UTC)
    person = make.contact(make.account(time_zone="Europe/Berlin"))
    make.campaign(says={"when": {"kind": "once", "at": "2026-10-25T02:30"}}, live_at=before)
    moment = datetime(2026, 10, 24, 13, tzinfo=UTC)
    campaigns.advance(now=moment)
    assert Recipient.objects.get().due_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    campaigns.advance(now=datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
    campaigns.advance(now=datetime(2026, 10, 25, 1, 30, tzinfo=UTC))
    assert list(Message.objects.values_list("contact_id", flat=True)) == [person.pk]


def test_what_recurs_comes_at_the_same_wall_clock_in_summer_and_winter():
    make.news()
    make.contact(make.account(time_zone="America/New_York"))
    campaign = make.campaign(
        says={"when": {"kind": "recurring", "every": "week", "weekday": "sunday", "at": "09:00"}}, live_at=datetime(2026, 2, 27, tzinfo=UTC)
    )
    moment = datetime(2026, 2, 27, tzinfo=UTC)
    while moment < datetime(2026, 3, 17, tzinfo=UTC):
        campaigns.advance(now=moment)
        moment += timedelta(hours=6)
    found = list(Recipient.objects.order_by("due_at").values_list("occurrence__key", "due_at", "state"))
    assert found == [
        ("2026-03-01T09:00", datetime(2026, 3, 1, 14, tzinfo=UTC), "handed"),
        ("2026-03-08T09:00", datetime(2026, 3, 8, 13, tzinfo=UTC), "handed"),
        ("2026-03-15T09:00", datetime(2026, 3, 15, 13, tzinfo=UTC), "handed"),
    ]
    campaign.refresh_from_db()
    assert campaign.next_at == datetime(2026, 3, 21, 19, tzinfo=UTC)
    assert campaign.state == "live"


def test_what_has_an_end_is_done_when_everybody_had_their_turn(now):
    make.news()
    make.contact(make.account())
    campaign = make.campaign(says={"when": {"kind": "once", "at": "2026-03-11T12:00", "local": False}}, live_at=now - timedelta(days=1))
    campaigns.advance(now=now)
    campaign.refresh_from_db()
    assert (campaign.state, campaign.next_at) == ("done", None)
    assert Occurrence.objects.get().state == "done"


def test_who_is_reached_only_after_their_hour_is_too_late(now):
    make.news()
    east, west = make.contact(make.account(time_zone="Asia/Tokyo")), make.contact(make.account(time_zone="America/Los_Angeles"))
    says = {"when": {"kind": "once", "at": "2026-03-11T09:00"}, "expires_hours": 8}
    make.campaign(says=says, live_at=now)
    campaigns.advance(now=now)
    assert Recipient.objects.get(contact=east).left == "late"
    assert Recipient.objects.get(contact=west).due_at == datetime(2026, 3, 11, 16, tzinfo=UTC)
    campaigns.advance(now=datetime(2026, 3, 12, 0, tzinfo=UTC))
    assert tuple(Recipient.objects.filter(contact=west).values_list("state", "left")[0]) == ("skipped", "late")


def test_a_throttle_spreads_the_turns_and_holds_them_to_so_many_an_hour(now):
    make.news()
    for _ in range(7):
        make.contact(make.account())
    campaign = make.campaign(says={"throttle_per_hour": 3}, live_at=now)
    frozen(campaign, now, batch=2)
    gaps = [due - now for due in Recipient.objects.order_by("due_at").values_list("due_at", flat=True)]
    assert gaps == [timedelta(minutes=20 * number) for number in range(7)]
    late = now + timedelta(hours=5)
    assert campaigns.hand_over(now=late) == 3
    assert campaigns.hand_over(now=late + timedelta(minutes=59)) == 0
    assert campaigns.hand_over(now=late + timedelta(minutes=61)) == 3


def test_the_audience_is_the_segment_as_it_was_when_the_freezing_began(now):
    make.news()
    first, second, third = (make.account() for _ in range(3))
    for account in (first, second, third):
        make.contact(account)
    segment = make.segment_of(first, second, now=now)
    campaign = make.campaign(says={"segment": segment.key}, live_at=now)
    row = campaigns.start_by_hand(campaign, actor=make.ACTOR, now=now)
    assert campaigns.freeze(row, now=now, batch=1, most=1) is False
    later = now + timedelta(minutes=1)
    Membership.objects.filter(account=second).update(left_at=later)
    Membership.objects.create(segment=segment, account=third, version=segment.current, entered_at=later)
    assert campaigns.freeze(row, now=later, batch=1) is True
    assert list(Recipient.objects.order_by("account_id").values_list("account_id", "state")) == [(first.pk, "planned"), (second.pk, "planned")]
    # Who has left meanwhile is told apart at their turn.
    campaigns.hand_over(now=later)
    assert dict(Recipient.objects.values_list("account_id", "left")) == {first.pk: "", second.pk: "not_in_segment"}


def test_freezing_again_writes_nobody_again(now):
    make.news()
    for _ in range(5):
        make.contact(make.account())
    campaign = make.campaign(live_at=now)
    row = frozen(campaign, now, batch=2)
    assert campaigns.freeze(row, now=now)
    Occurrence.objects.update(state="freezing", frozen_to=0)
    row.refresh_from_db()
    freezing.freeze(row, now=now)
    assert Recipient.objects.count() == 5


def test_a_paused_campaign_freezes_no_further(now):
    make.news()
    for _ in range(4):
        make.contact(make.account())
    campaign = make.campaign(live_at=now)
    row = campaigns.start_by_hand(campaign, actor=make.ACTOR, now=now)
    campaigns.freeze(row, now=now, batch=2, most=1)
    campaigns.pause(campaign, actor=make.ACTOR, now=now)
    assert campaigns.freeze(row, now=now, batch=2) is False
    assert Recipient.objects.count() == 2
    campaigns.resume(campaign, actor=make.ACTOR, now=now)
    assert campaigns.freeze(row, now=now, batch=2) is True
    assert Recipient.objects.count() == 4


def test_the_statements_of_a_batch_do_not_grow_with_it(now, django_assert_max_num_queries):
    make.news()
    for _ in range(40):
        make.contact(make.account())
    campaign = make.campaign(says={"promotion": True, "segment": make.segment_of(*make.Account.objects.all(), now=now).key}, live_at=now)
    row = campaigns.start_by_hand(campaign, actor=make.ACTOR, now=now)
    with django_assert_max_num_queries(16):
        campaigns.freeze(row, now=now)
    with django_assert_max_num_queries(30):
        assert campaigns.hand_over(now=now) == 40
    assert Message.objects.count() == 40
