"""One survey per person in ninety days, whatever asks, and in whatever order; and a week of thirteen for everybody."""

import random
from collections import defaultdict
from datetime import timedelta

import pytest
from django.db import connection

from apps.campaigns import services
from apps.campaigns.models import Invitation, Recipient
from apps.campaigns.surveys import drip
from apps.messaging import services as messaging
from tests import make

DAY = timedelta(days=1)


@pytest.mark.django_db
def test_a_year_of_random_surveys_never_asks_anybody_twice_in_ninety_days(now):
    chance = random.Random(20260311)
    account = make.account()
    people = [make.contact(account, email=f"p{number}@quiet.test") for number in range(12)]
    surveys = [make.survey(now=now, kind=kind, throttle_days=days) for kind, days in (("nps", 90), ("csat", 120), ("ces", 90), ("nps", 180))]
    told, refused, moment = 0, 0, now
    for number in range(150):
        moment += timedelta(hours=chance.randint(1, 120))
        if chance.random() < 0.1:
            make.response(account, moment, contact=chance.choice(people), score=7)
        # Several surveys at one moment, and one survey asking several people.
        for place, occurrence in enumerate(chance.sample(surveys, k=chance.randint(1, 3))):
            fresh = type(occurrence).objects.create(
                campaign=occurrence.campaign, version=occurrence.version, key=f"{number}:{place}", state="sending", due_at=moment
            )
            chosen = chance.sample(people, k=chance.randint(1, 4))
            rows = [Recipient.objects.create(occurrence=fresh, account=account, contact=person, state="handed") for person in chosen]
            said = services.surveys.context_for(rows, now=moment)
            told, refused = told + len(said), refused + len(rows) - len(said)
            if said and chance.random() < 0.15:
                # Its message never left.
                row = chance.choice([row for row in rows if row.pk in said])
                row.message = make.message(row.contact, now=moment, state="cancelled", topic="surveys")
                row.save()
                services.surveys.follow(now=moment)
    asked = defaultdict(list)
    for person, at, quiet in Invitation.objects.counted().order_by("asked_at").values_list("contact", "asked_at", "quiet_until"):
        asked[person].append((at, quiet))
    gaps = [later - before for times in asked.values() for (before, _), (later, _) in zip(times, times[1:], strict=False)]
    assert gaps
    assert min(gaps) >= 90 * DAY
    assert all(later >= quiet for times in asked.values() for (_, quiet), (later, _) in zip(times, times[1:], strict=False))
    assert told > 20
    assert refused > 20


@pytest.mark.django_db(transaction=True)
def test_two_surveys_at_the_same_instant_ask_one_person_once(now):
    messaging.ensure_templates(now)
    account = make.account()
    people = [make.contact(account, email=f"p{number}@quiet.test") for number in range(6)]
    occurrences = [make.survey(now=now) for _ in range(4)]
    rows = [[Recipient.objects.create(occurrence=one, account=account, contact=person) for person in people] for one in occurrences]
    found = [{} for _ in occurrences]

    def ask(number: int) -> None:
        batch = Recipient.objects.select_related("occurrence__version").filter(pk__in=[row.pk for row in rows[number]])
        found[number] = services.surveys.context_for(list(batch), now=now)

    make.at_once(ask, len(occurrences))
    assert sum(len(said) for said in found) == 6
    assert sorted(Invitation.objects.values_list("contact", flat=True)) == sorted(person.pk for person in people)


def test_everybody_has_one_week_in_thirteen_and_the_weeks_are_of_equal_size(now):
    people = range(1, 13_001)
    weeks = [services.surveys.due("nps", people, now + timedelta(weeks=week)) for week in range(13)]
    assert sum(len(week) for week in weeks) == 13_000
    assert len(set().union(*weeks)) == 13_000
    assert all(850 < len(week) < 1_150 for week in weeks)
    assert services.surveys.due("nps", people, now + timedelta(weeks=13)) == weeks[0]
    assert services.surveys.due("other", people, now) != weeks[0]


@pytest.mark.django_db
def test_the_place_in_a_round_is_the_same_in_sql():
    with connection.cursor() as cursor:
        statement = f"select n, {services.surveys.PLACE_SQL.format(contact='n')} from generate_series(1, 500) n"
        cursor.execute(statement, {"drip_key": "nps-2026"})
        assert dict(cursor.fetchall()) == {number: drip.place("nps-2026", number) for number in range(1, 501)}
