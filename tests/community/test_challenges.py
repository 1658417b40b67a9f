"""Challenges: opt-in, the same target for all, counted once whatever the order, late told as late, leaving at once, nobody named."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from apps.accounts.services import record_activity
from apps.accounts.types import ActivityItem
from apps.community import selectors, services
from apps.community.models import Challenge, ChallengeCount, ChallengeEntry
from apps.core.errors import Refused
from apps.events.models import Event
from apps.messaging import selectors as messaging
from apps.milestones import services as milestones
from tests import make
from tests.milestones.written import milestone, progress

pytestmark = pytest.mark.django_db
WORDS = {"en": {"name": "Share five", "text": "Share five reports."}, "de": {"name": "Fünf teilen", "text": "Teilen Sie fünf Berichte."}}


def write(key="share", **fields):
    says = {"name": "Share five", "words": WORDS, "counts": "activity", "activity": "report_shared", "target": 3, "zone": "Europe/Berlin"}
    days = {"first_day": date(2026, 3, 9), "last_day": date(2026, 3, 15)}
    return services.write_challenge(key=key, fields={**says, **days, **fields}, actor=make.ACTOR, now=datetime(2026, 3, 1, tzinfo=UTC))


@pytest.fixture
def challenge(now):
    row = write()
    services.open_challenge(row, actor=make.ACTOR, now=now)
    row.refresh_from_db()
    return row


def willing(now, account=None, **fields):
    contact = make.contact(account or make.account(**fields))
    services.choose(contact, {"boards": True}, source="csm", actor=make.ACTOR, now=now)
    return contact


def join(challenge, contact, now):
    return services.join(challenge=challenge, contact=contact, actor=make.ACTOR, now=now)


def share(contact, at, *, received=None, key=""):
    item = ActivityItem(
        key or f"{contact.pk}:{at.isoformat()}", "report_shared", at, account=contact.account.external_id, contact=contact.external_id
    )
    record_activity([item], source="test", now=received or at)


def test_nobody_takes_part_who_did_not_choose_to(challenge, now):
    contact = make.contact(make.account())
    with pytest.raises(Refused, match="did not choose to be in challenges"):
        join(challenge, contact, now)
    assert not ChallengeEntry.objects.exists()


def test_only_comparable_accounts_join(now):
    row = write(cohort="plan", cohort_value="Team")
    services.open_challenge(row, actor=make.ACTOR, now=now)
    with pytest.raises(Refused, match="is for same plan Team"):
        join(row, willing(now, plan="Solo"), now)
    assert join(row, willing(now, plan="Team"), now).count == 0


def test_all_done_in_its_days_counts_in_its_own_zone(challenge, now):
    sam = willing(now)
    # Berlin is an hour ahead: its Monday begins at 23:00 UTC on Sunday.
    share(sam, datetime(2026, 3, 8, 22, 59, tzinfo=UTC))
    share(sam, datetime(2026, 3, 8, 23, 0, tzinfo=UTC))
    share(sam, datetime(2026, 3, 15, 22, 59, tzinfo=UTC))
    share(sam, datetime(2026, 3, 15, 23, 0, tzinfo=UTC))
    assert join(challenge, sam, now).count == 2


@pytest.mark.parametrize("seed", range(4))
def test_order_and_repeats_change_nothing(challenge, now, seed):
    sam = willing(now)
    join(challenge, sam, now)
    moments = [datetime(2026, 3, 10, hour, tzinfo=UTC) for hour in range(5)]
    told = [*moments, *moments[:2]]
    random.Random(seed).shuffle(told)
    for at in told:
        share(sam, at, received=now)
        if at.hour % 2:
            services.count_challenges(now=now)
    services.count_challenges(now=now)
    services.count_challenges(now=now)
    entry = ChallengeEntry.objects.get()
    assert (entry.count, entry.late, entry.reached_at, ChallengeCount.objects.count()) == (5, 0, moments[2], 5)


def test_what_comes_after_the_close_and_its_grace_is_told_as_late(challenge, now):
    sam = willing(now)
    join(challenge, sam, now)
    done = datetime(2026, 3, 14, 9, tzinfo=UTC)
    close = selectors.closes_at(challenge)
    assert close == datetime(2026, 3, 16, 23, tzinfo=UTC)
    share(sam, done, received=close, key="in time")
    share(sam, done, received=close + timedelta(seconds=1), key="too late")
    assert services.close_challenges(actor=make.ACTOR, now=close + timedelta(minutes=1)) == 1
    services.count_challenges(now=close + timedelta(minutes=2))
    entry = ChallengeEntry.objects.get()
    assert (entry.count, entry.late) == (1, 1)
    assert "1 more came too late to count." in page(sam, close + timedelta(minutes=5))
    assert Event.objects.filter(type="challenge.changed").values_list("payload__state", flat=True).order_by("id").last() == "closed"


def test_ties_share_a_rank_and_fewer_than_the_least_see_nothing_of_others(challenge, now):
    people = [willing(now) for _ in range(5)]
    for count, contact in zip((3, 2, 2, 1, 0), people, strict=True):
        for hour in range(count):
            share(contact, datetime(2026, 3, 10, hour, tzinfo=UTC))
        join(challenge, contact, now)
        if contact is people[3]:
            few = selectors.challenge_standing(challenge, reader=people[0])
            assert (few.places, few.taking_part, few.own.count) == (None, None, 3)
    shown = selectors.challenge_standing(challenge, reader=people[1])
    assert [(place.rank, place.count, place.reached, place.mine) for place in shown.places] == [
        (1, 3, True, False),
        (2, 2, False, True),
        (2, 2, False, False),
        (4, 1, False, False),
        (5, 0, False, False),
    ]
    assert (shown.taking_part, shown.reached) == (5, 1)


def test_made_up_names_are_of_one_challenge_only_even_for_who_is_named_on_boards(challenge, now):
    people = [willing(now) for _ in range(5)]
    other = write("other")
    services.open_challenge(other, actor=make.ACTOR, now=now)
    for contact in people:
        milestones.choose_recognition(contact=contact, level="public", by_name=True, actor=make.ACTOR, now=now)
        for row in (challenge, other):
            join(row, contact, now)
    other.refresh_from_db()
    here, there = ({place.name for place in selectors.challenge_standing(row, reader=None).places} for row in (challenge, other))
    assert len(here) == 5
    assert here.isdisjoint(there)
    assert here.isdisjoint({contact.name for contact in people})


def test_leaving_removes_at_once_with_all_that_was_counted(challenge, now):
    people = [willing(now) for _ in range(5)]
    for contact in people:
        share(contact, datetime(2026, 3, 10, tzinfo=UTC))
        join(challenge, contact, now)
    assert services.leave(challenge=challenge, contact=people[0], actor=make.ACTOR, now=now)
    assert not services.leave(challenge=challenge, contact=people[0], actor=make.ACTOR, now=now)
    assert (ChallengeEntry.objects.count(), ChallengeCount.objects.count()) == (4, 4)
    # The rest are too few now.
    assert selectors.challenge_standing(challenge, reader=people[1]).places is None
    services.choose(people[1], {"boards": False}, source="csm", actor=make.ACTOR, now=now)
    assert ChallengeEntry.objects.filter(contact=people[1]).count() == 0
    assert (
        list(Event.objects.filter(type="challenge.joined").order_by("id").values_list("payload__takes_part", flat=True)) == [True] * 5 + [False] * 2
    )


def test_a_team_counts_what_its_account_did_and_a_milestone_taken_back_counts_no_more(now):
    first = milestone("first")
    row = write("first", counts="milestone", activity="", milestone=first, team=True, target=1)
    services.open_challenge(row, actor=make.ACTOR, now=now)
    sam = willing(now)
    done = progress(sam.account, first, achieved_at=datetime(2026, 3, 10, tzinfo=UTC))
    assert join(row, sam, now).reached_at == done.achieved_at
    # A colleague joining is the same team.
    assert join(row, willing(now, sam.account), now).contact_id == sam.pk
    done.state, done.achieved_at, done.noticed_at, done.via = "open", None, None, ""
    done.save()
    services.count_challenges(now=now)
    assert ChallengeEntry.objects.values_list("count", "reached_at").get() == (0, None)


def test_an_open_one_does_not_change_what_it_counts(challenge, now):
    with pytest.raises(Refused, match="target can no longer change"):
        write(target=9)
    challenge.refresh_from_db()
    assert challenge.target == 3


@pytest.mark.parametrize(
    "wrong", [{"zone": "Mars/Base"}, {"words": {"de": {"name": "x", "text": "y"}}}, {"last_day": date(2026, 3, 1)}, {"activity": ""}]
)
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(Refused):
        write(**wrong)
    assert not Challenge.objects.exists()


def test_nobody_is_in_it_twice(challenge, now):
    sam = willing(now)
    entry = join(challenge, sam, now)
    assert join(challenge, sam, now).pk == entry.pk
    with pytest.raises(IntegrityError), transaction.atomic():
        ChallengeEntry.objects.create(challenge=challenge, account=sam.account, contact=sam, team=False, joined_at=now)


def page(contact, at, **headers):
    import time_machine

    with time_machine.travel(at, tick=False):
        return Client().get(f"/c/challenges/{messaging.preferences_token(contact.pk)}", headers=headers).content.decode()


def test_the_page_shows_joins_and_leaves_by_buttons_only(challenge, now):
    import time_machine

    sam = willing(now)
    address = f"/c/challenges/{messaging.preferences_token(sam.pk)}"
    with time_machine.travel(now, tick=False):
        client = Client(enforce_csrf_checks=True)
        answer = client.get(f"{address}?challenge=share&word=join")
        assert (answer.status_code, answer.cookies) == (200, {})
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert not ChallengeEntry.objects.exists()
        assert "You take part." in client.post(address, {"challenge": "share", "word": "join"}).content.decode()
        assert "You have 0 of 3." in client.get(address).content.decode()
        assert "Das Ziel für alle" in client.get(address, headers={"Accept-Language": "de"}).content.decode()
        assert "You are out of it" in client.post(address, {"challenge": "share", "word": "leave"}).content.decode()
        assert client.post(address, {"challenge": "nope", "word": "join"}).status_code == 404
    assert not ChallengeEntry.objects.exists()


def test_a_card_is_a_picture_without_anybody_in_it(challenge, client, now):
    challenge.words = {"en": {"name": "<b>Share</b> & care", "text": "Share."}}
    challenge.save()
    token = selectors.card_token("challenge", "share", "en")
    answer = client.get(f"/c/card/{token}.svg")
    assert (answer.status_code, answer["Content-Type"], answer.cookies) == (200, "image/svg+xml", {})
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "&lt;b&gt;Share&lt;/b&gt; &amp; care" in answer.content.decode()
    milestone("hidden", visible=False)
    for bad in (f"{token}x", selectors.card_token("milestone", "hidden", "en"), selectors.card_token("person", "1", "en"), "x"):
        assert client.get(f"/c/card/{bad}.svg").status_code == 404
    milestone("first")
    assert "The first" in client.get(f"/c/card/{selectors.card_token('milestone', 'first', 'en')}.svg").content.decode()
