"""What a survey says: the score, how many answered of whom it reached, who answers, and what still waits."""

from datetime import timedelta

import pytest

from apps.campaigns import selectors, services
from apps.campaigns.models import Invitation
from apps.core import clock
from apps.interventions import services as interventions
from apps.interventions.models import Task
from tests import make
from tests.api.conftest import Caller, make_key

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def world(now, owner=None):
    """Thirty people were asked: twelve active ones answered (six 10s, two 8s, four 3s), the others are quiet; two were never reached."""
    occurrence = make.survey(now=now, loop={"scores_at_most": 6, "hours": 24}, key="nps-spring")
    scores = [10] * 6 + [8] * 2 + [3] * 4
    for number in range(30):
        account = make.account(owner=owner, segment="smb" if number % 2 else "enterprise")
        person = make.contact(account, email=f"p{number}@read.test")
        busy = 14 + number % 3 if number < 12 else 3 + number % 3
        make.activity(account, *(now - timedelta(days=day + 1) for day in range(busy)))
        invitation = make.asked(person, now=now, of=occurrence, sent=number < 28)
        if number < 12:
            services.surveys.answer(invitation, score=scores[number], now=now + timedelta(hours=number))
    return occurrence.campaign


def test_the_read_out_counts_by_hand(now):
    campaign = world(now, make.user())
    found = selectors.surveys.read_out(campaign, viewer=make.user(role=None, is_superuser=True), now=now + DAY)
    assert (found.kind, found.question) == ("nps", "How likely are you to recommend us to a colleague?")
    assert (found.asked, found.delivered, found.answered, found.open) == (30, 28, 12, 16)
    assert found.rate == 12 / 28
    assert found.rate_words == "12 of 28 whom it reached have answered: 43 % (27 to 61 %). 16 may still answer."
    assert found.counts == {3: 4, 8: 2, 10: 6}
    assert round(found.figure.value, 1) == 16.7
    assert found.figure.enough
    assert [(part.name, part.delivered, part.answered) for part in found.months] == [("2026-03", 28, 12)]
    assert [(part.name, part.delivered, part.answered) for part in found.segments] == [("enterprise", 14, 6), ("smb", 14, 6)]
    assert "Cannot tell yet" in found.segments[0].figure.words
    assert (found.loops.wanted, found.loops.closed, found.loops.waiting, found.loops.overdue) == (4, 0, 4, 0)


def test_the_bias_note_says_who_answers_in_words(now):
    campaign = world(now)
    bias = selectors.surveys.read_out(campaign, viewer=make.user(role=None, is_superuser=True), now=now + DAY).bias
    (active,) = bias.measures
    assert (bias.answered, bias.silent, active.what) == (12, 16, "active days")
    assert (active.answered, active.silent, active.differs) == (15.0, 4.0, True)
    assert bias.words == (
        "Those who answered are the more active customers: active days 15.0 against 4.0 "
        f"(difference +11.0, {active.low:+.1f} to {active.high:+.1f}). "
        "Do not read the score as that of everybody."
    )


def test_with_few_answers_nobody_says_who_answers(now):
    make.asked(make.contact(make.account()), now=now)
    campaign = Invitation.objects.get().campaign
    bias = selectors.surveys.read_out(campaign, viewer=make.user(role=None, is_superuser=True), now=now).bias
    assert bias.words == "Cannot tell yet who answers: it takes 10 who did and 10 who did not, there are 0 and 1."


def test_loops_that_are_closed_and_late_are_counted(now):
    campaign = world(now)
    task = Task.objects.order_by("id").first()
    interventions.close_task(task, outcome="Talked", actor=make.ACTOR, now=now + timedelta(hours=20))
    services.surveys.close_loop(task_id=task.pk, now=now + timedelta(hours=20))
    loops = selectors.surveys.read_out(campaign, viewer=make.user(role=None, is_superuser=True), now=now + 2 * DAY).loops
    assert (loops.wanted, loops.closed, loops.waiting, loops.overdue) == (4, 1, 3, 3)


def test_everybody_reads_their_own_book(now):
    owner, other = make.user(), make.user()
    campaign = world(now, owner)
    mine = make.contact(make.account(owner=other), email="mine@read.test")
    services.surveys.answer(make.asked(mine, now=now, of=campaign.occurrences.get()), score=10, now=now)
    assert selectors.surveys.read_out(campaign, viewer=other, now=now).answered == 1
    assert selectors.surveys.read_out(campaign, viewer=owner, now=now).answered == 12
    assert [(row[0], row[1], row[2]) for row in selectors.surveys.latest(other, now=now)] == [(campaign, 1, 1)]


def test_a_program_reads_invitations_and_the_read_out(now):
    campaign = world(clock.now() - DAY)
    tool = Caller(make_key("reader", "surveys:read", now=now))
    row = tool.get("survey-invitations/?state=answered&limit=1").json()["results"][0]
    assert (row["campaign"], row["kind"], row["state"], row["score"]) == ("nps-spring", "nps", "answered", 10)
    assert "link" not in row
    assert "token" not in row
    (listed,) = tool.get("survey-results/?key=nps-spring").json()["results"]
    read = tool.get(f"survey-results/{listed['id']}/").json()
    assert listed["id"] == campaign.pk
    assert (read["delivered"], read["answered"], read["score"]["n"], read["counts"]) == (28, 12, 12, {"3": 4, "8": 2, "10": 6})
    assert read["bias"]["measures"][0]["differs"] is True
    assert read["loops"] == {"wanted": 4, "closed": 0, "waiting": 4, "overdue": 0}
