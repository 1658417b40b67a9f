"""People, words, messages and health as features, and account figures as they were: by hand-made stories, and untouched by what comes later."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.accounts import services as accounts
from apps.accounts.models import Account, Contact, Note
from apps.accounts.services import edit_record, ledger
from apps.accounts.types import AccountFacts, ContactFacts, NoteKind
from apps.churn import features, services
from apps.churn.models import Prediction
from apps.churn.registry import TIES, describe
from apps.churn.scoring import encoding, engine, words
from apps.health.models import HealthModel, HealthScore
from apps.milestones.models import Milestone, Progress
from tests import make

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
ACTOR = make.ACTOR


def row_of(account: Account, as_of: datetime) -> dict[str, float | None]:
    (row,) = features.rows(as_of=as_of, account_ids=[account.pk])
    return row


def customer(now: datetime, **fields: object) -> Account:
    """Known to us for as long as it has been a customer."""
    account = make.account(started_on=now.date() - 400 * DAY, **fields)
    Account.objects.filter(pk=account.pk).update(created_at=now - 400 * DAY)
    return account


def health(account: Account, *told: tuple[datetime, float]) -> None:
    model, _ = HealthModel.objects.get_or_create(name="test", number=1, defaults={"tree": {}, "created_at": told[0][0], "created_by": "test"})
    for at, score in told:
        HealthScore.objects.create(account=account, model=model, as_of=at, score=Decimal(score), band="fair", coverage=90, created_at=at)


def test_people_are_counted_with_the_champions_and_sponsors_who_left(now):
    account = customer(now)
    make.contact(account)
    make.contact(account, role="champion")
    make.contact(account, role="sponsor", departed_on=now.date() - 30 * DAY)
    make.contact(account, role="champion", departed_on=now.date() - 120 * DAY)
    make.contact(account, departed_on=now.date() - 3 * DAY)

    row = row_of(account, now)

    assert (row["people"], row["leads"], row["leads_left_90"]) == (2, 1, 1)
    before = row_of(account, now - 40 * DAY)
    assert (before["people"], before["leads"], before["leads_left_90"]) == (4, 2, 1)
    assert row_of(customer(now), now)["people"] is None


def test_milestones_count_from_when_it_was_known_that_they_were_reached(now):
    account = customer(now)
    for place, (happened, noticed) in enumerate(((60, 60), (20, 10))):
        milestone = Milestone.objects.create(key=f"m{place}", name=f"M{place}", state="live")
        reached = {"state": "achieved", "via": "rule", "achieved_at": now - happened * DAY, "noticed_at": now - noticed * DAY}
        Progress.objects.create(account=account, milestone=milestone, **reached)

    assert [row_of(account, now - back * DAY)["milestones"] for back in (0, 15, 61)] == [2, 1, None]
    assert [row_of(account, now - back * DAY)["milestone_days"] for back in (0, 15, 61)] == [20, 45, None]


def test_who_was_brought_in_later_was_not_known_unless_the_account_came_with_them(now):
    old, new = customer(now), customer(now)
    Account.objects.filter(pk=new.pk).update(created_at=now - DAY)
    for account in (old, new):
        accounts.bring_contacts([ContactFacts(f"late{account.pk}", account.external_id)], source="crm", actor=ACTOR, now=now - DAY)

    assert (row_of(old, now)["people"], row_of(new, now)["people"]) == (1, 1)
    assert (row_of(old, now - 50 * DAY)["people"], row_of(new, now - 50 * DAY)["people"]) == (None, 1)


def test_the_last_words_are_those_of_a_call_a_reply_or_the_contacts_own_record(now):
    account = customer(now)
    make.contact(account, last_two_way_at=now - 70 * DAY)
    make.message(make.contact(account), now=now - 60 * DAY, sent_at=now - 60 * DAY, replied_at=now - 50 * DAY, state="sent")
    Note.objects.create(account=account, kind="call", body="Spoke", at=now - 20 * DAY, created_at=now - 20 * DAY)
    Note.objects.create(account=account, kind="note", body="Thought", at=now - 2 * DAY, created_at=now - 2 * DAY)
    Note.objects.create(account=account, kind="meeting", body="Met", at=now - 30 * DAY, created_at=now - 5 * DAY)

    assert [row_of(account, now - back * DAY)["two_way_days"] for back in (0, 21, 55, 71)] == [20, 29, 15, None]


def test_messages_count_when_sent_opened_and_answered_but_not_those_of_a_save(now):
    account = customer(now)
    who = make.contact(account)
    make.message(who, now=now, state="sent", sent_at=now - 40 * DAY, read_at=now - 20 * DAY)
    make.message(who, now=now, state="sent", sent_at=now - 10 * DAY, read_at=now - 9 * DAY, replied_at=now - 5 * DAY)
    make.message(who, now=now, state="sent", sent_at=now - 3 * DAY, lane="save", read_at=now - 2 * DAY)
    make.message(who, now=now)

    row = row_of(account, now)

    assert (row["sent_28"], row["opened_28"], row["replied_28"]) == (1, 2, 1)
    before = row_of(account, now - 6 * DAY)
    assert (before["sent_28"], before["opened_28"], before["replied_28"]) == (1, 2, 0)
    assert row_of(account, now - 90 * DAY)["sent_28"] is None


def test_health_is_that_of_the_evening_before_with_its_move_in_four_weeks(now):
    account = customer(now)
    health(account, (now - 60 * DAY, 80.5), (now - 10 * DAY, 60), (now - timedelta(hours=1), 10))

    row = row_of(account, now)

    assert (row["health"], row["health_28"]) == (60, -20.5)
    assert (row_of(account, now + DAY)["health"], row_of(account, now - 50 * DAY)["health_28"]) == (10, None)
    assert row_of(customer(now), now)["health"] is None


def test_arr_is_what_the_ledger_knew_at_the_moment(now):
    account = customer(now, arr=12_000)
    Account.objects.filter(pk=account.pk).update(created_at=now - 400 * DAY)
    ledger.record(account, amount=Decimal(6_000), effective_on=now.date() - 30 * DAY, reason="", source="test", actor=ACTOR, now=now - 30 * DAY)
    # Said today, of a week ago: on the days between nobody knew.
    ledger.record(account, amount=Decimal(-3_000), effective_on=now.date() - 7 * DAY, reason="", source="test", actor=ACTOR, now=now)

    assert [row_of(account, now - back * DAY)["arr"] for back in (0, 3, 40)] == [15_000, 18_000, 12_000]
    # Of an account that came to us only now, the past is what we were told of it.
    Account.objects.filter(pk=account.pk).update(created_at=now)
    assert row_of(account, now - 3 * DAY)["arr"] == 15_000


def test_arr_before_the_ledger_begins_is_its_opening_and_without_a_ledger_the_present_one(now):
    late = Account.objects.create(external_id="late", name="Late", arr=500, started_on=now.date() - 90 * DAY)
    assert row_of(late, now - 50 * DAY)["arr"] == 500
    ledger.post_differences([late.pk], on=now.date() - 20 * DAY, source="test", actor=ACTOR, now=now - 20 * DAY)
    ledger.record(late, amount=Decimal(100), effective_on=now.date() - 5 * DAY, reason="", source="test", actor=ACTOR, now=now - 5 * DAY)
    Account.objects.filter(pk=late.pk).update(created_at=now - 90 * DAY)

    assert row_of(late, now)["arr"] == 600


def test_seats_plan_and_traits_are_what_they_were(now):
    account = customer(now, seats=5, plan="Solo", traits={"region": "north", "old": 1, "steady": True})
    facts = AccountFacts(account.external_id, seats=9, plan="Team", traits={"region": "south", "fresh": "yes"})
    accounts.bring_accounts([facts], source="crm", actor=ACTOR, now=now - 10 * DAY)
    accounts.bring_accounts([AccountFacts(account.external_id, seats=20)], source="crm", actor=ACTOR, now=now - 2 * DAY)

    then, between, present = (row_of(account, now - back * DAY) for back in (11, 5, 0))

    assert [(row["seats"], row["plan"], row["trait:region"]) for row in (then, between, present)] == [
        (5, "Solo", "north"),
        (9, "Team", "south"),
        (20, "Team", "south"),
    ]
    assert ("trait:fresh" in then, present["trait:fresh"], then["trait:old"], then["trait:steady"]) == (False, "yes", 1, True)


LATE = st.sampled_from(["contact", "leaves", "rises", "note", "sent", "opened", "reply", "health", "arr", "facts"])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    late=st.lists(
        st.tuples(LATE, st.integers(0, 1), st.timedeltas(min_value=timedelta(microseconds=1), max_value=timedelta(days=60))), min_size=1, max_size=10
    ),
    hour=st.sampled_from([0, 9]),
)
def test_nothing_that_is_written_later_changes_an_earlier_row(late, hour, now):
    as_of = now.replace(hour=hour)
    HealthScore.objects.all().delete()
    Account.objects.all().delete()
    companies = [customer(now, seats=3, plan="Solo", traits={"region": "north"}) for _ in range(2)]
    for account in companies:
        who = make.contact(account, role="champion", last_two_way_at=as_of - 50 * DAY)
        make.contact(account)
        make.message(who, now=as_of, state="sent", sent_at=as_of - 10 * DAY)
        health(account, (as_of - 40 * DAY, 70), (as_of - 3 * DAY, 65))
    before = features.rows(as_of=as_of)

    for what, place, delay in sorted(late, key=lambda one: one[2]):
        _write_later(companies[place], what, as_of + delay)

    assert features.rows(as_of=as_of) == before


def _write_later(account: Account, what: str, at: datetime) -> None:
    lead, user = Contact.objects.filter(account=account).order_by("id")[:2]
    sent = account.messages.earliest("id")
    if what == "contact":
        accounts.bring_contacts([ContactFacts(f"{account.pk}:{at}", account.external_id)], source="crm", actor=ACTOR, now=at)
    elif what == "leaves":
        edit_record(lead, changes={"departed_on": at.date() - 5 * DAY}, actor=ACTOR, now=at)
    elif what == "rises":
        edit_record(user, changes={"role": "sponsor", "last_two_way_at": at - 5 * DAY}, actor=ACTOR, now=at)
    elif what == "note":
        accounts.write_down(account, author=None, kind=NoteKind.CALL, body="Spoke", at=at - 5 * DAY, contacts=[user], actor=ACTOR, now=at)
    elif what == "sent":
        make.message(lead, now=at, state="sent", sent_at=at)
    elif what == "opened":
        type(sent).objects.filter(pk=sent.pk).update(read_at=at)
    elif what == "reply":
        type(sent).objects.filter(pk=sent.pk).update(replied_at=at)
    elif what == "health":
        health(account, (at, 20))
    elif what == "arr":
        ledger.record(account, amount=Decimal(100), effective_on=at.date(), reason="", source="test", actor=ACTOR, now=at)
    else:
        facts = AccountFacts(account.external_id, seats=50, plan="Team", traits={"region": "south", "fresh": 1})
        accounts.bring_accounts([facts], source="crm", actor=ACTOR, now=at)


def test_an_early_score_made_again_equals_the_one_that_was_stored(now):
    account = customer(now, seats=3)
    make.contact(account, role="champion", last_two_way_at=now - 50 * DAY)
    make.contact(account)
    make.message(account.contacts.first(), now=now, state="sent", sent_at=now - 10 * DAY)
    make.ticket(account, now - 9 * DAY, priority="p2")
    definition = services.ensure_default(now=now)
    definition.versions.update(is_live=False)
    keys = ("tickets_severe", "leads", "two_way_days", "arr", "seats")
    column = {"how": "value", "fill": 0.0, "level": None, "levels": [], "knot": 0.0, "log": True, "mean": 2.0, "scale": 1.0, "average": 0.0}
    parameters = {"intercept": -2.0, "names": [], "cuts": {"medium": 0.1, "high": 0.2}}
    parameters["columns"] = [column | {"feature": key, "coef": 0.3} for key in keys]
    version = make.model_version(definition, now=now, parameters=parameters, is_live=True)
    services.score_all(as_of=now, now=now, actor=ACTOR)
    stored = Prediction.objects.get(account=account).probability

    for what in ("leaves", "rises", "note", "arr", "facts"):
        _write_later(account, what, now + 10 * DAY)
    edit_record(account.tickets.get(), changes={"state": "solved", "solved_at": now + DAY}, actor=ACTOR, now=now + DAY)

    early, late = (engine.scores(version.kind, parameters, encoding.of(features.rows(as_of=at)))[0].probability for at in (now, now + 11 * DAY))
    assert early == stored
    assert late != stored


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("leads_left_90", 1.0, "1 champion or sponsor left in 90 days"),
        ("leads", 0.0, "No champions or sponsors present"),
        ("people", 1.0, "1 contact known there"),
        ("two_way_days", 46.0, "Last words exchanged 46 days ago"),
        ("two_way_days", None, "No call, meeting or reply was ever written down"),
        ("replied_28", 1.0, "1 reply in 28 days"),
        ("health", 41.5, "Health 42 of 100"),
        ("health_28", -12.4, "Health down 12 points in 28 days"),
        ("health_28", 0.0, "Health as 28 days ago"),
    ],
)
def test_reasons_say_it_in_plain_words(key, value, told):
    assert words.sentence(key, value) == told


def test_every_feature_says_what_it_is_where_it_comes_from_and_what_its_absence_means():
    for feature in TIES:
        assert feature.unit
        assert feature.source != "activity"
        assert describe(feature.key) is feature
        assert words.sentence(feature.key, None) == feature.missing != ""
