"""Asking, answering, reminding: what a survey does to one person."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from apps.accounts import services as accounts
from apps.accounts.models import SurveyResponse
from apps.campaigns import services
from apps.campaigns.models import Invitation, Recipient
from apps.campaigns.surveys import definition, inviting, tokens
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events.models import Event
from apps.interventions import services as interventions
from apps.interventions.models import Task
from apps.interventions.types import TaskResult
from apps.messaging import mail
from apps.messaging import services as messaging
from apps.messaging.models import Message
from tests import make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def person(now):
    messaging.ensure_templates(now)
    account = make.account(name="Riverside Dental", owner=make.user())
    return make.contact(account, name="Ana Silva", email="ana@riverside.test")


def test_a_definition_says_every_flaw_at_its_place():
    with pytest.raises(definition.SurveyFlaws) as refusal:
        definition.read({"kind": "csat", "question": {"deutsch!": "Wie?"}, "loop": {"scores_at_most": 5}, "reminder_days": 10, "open_days": 9})
    assert refusal.value.flaws == [
        ("question.deutsch!", "'deutsch!' names no language. Write en or de."),
        ("question", "Say it in English too: en stands in for every language that is missing."),
        ("loop.scores_at_most", "Choose a score from 1 to 4: the scale of csat runs from 1 to 5."),
        ("reminder_days", "It would come after the survey has closed (9 days)."),
    ]


@pytest.mark.parametrize("said", [{"kind": "stars"}, {"kind": "nps", "throttle_days": 30}, {"kind": "nps", "colour": "red"}, {}])
def test_what_is_no_survey_is_refused(said):
    with pytest.raises(definition.SurveyFlaws):
        definition.read(said)


def test_the_words_of_a_message_get_the_question_and_one_link_per_score_in_the_readers_language(person, now):
    person.locale = "de-AT"
    person.save()
    occurrence = make.survey(now=now, question={"en": "How likely?", "de": "Wie wahrscheinlich?"})
    row = Recipient.objects.create(occurrence=occurrence, account=person.account, contact=person)
    said = services.surveys.context_for([row], now=now)[row.pk]["survey"]
    link = tokens.link(Invitation.objects.get())
    assert said["question"] == "Wie wahrscheinlich?"
    assert said["link"] == link
    assert [one["score"] for one in said["scores"]] == list(range(11))
    assert said["scores"][9] == {"score": 9, "link": f"{link}?score=9", "words": ""}
    assert said["scores"][0]["words"] == "Sehr unwahrscheinlich"
    assert services.surveys.context_for([row], now=now + HOUR)[row.pk]["survey"] == said


def test_the_shipped_words_can_be_written_from_it(person, now):
    occurrence = make.survey(now=now)
    row = Recipient.objects.create(occurrence=occurrence, account=person.account, contact=person)
    context = services.surveys.context_for([row], now=now)[row.pk]
    for channel in ("email", "in_app"):
        template, _, body, _ = messaging.words_for(contact=person, channel=channel, template_key="survey-nps", context=context)
        assert template.topic == "surveys"
        assert context["survey"]["link"] in body
        assert "How likely are you to recommend us to a colleague?" in body


def test_an_answer_stands_with_the_account_and_is_announced(person, now):
    invitation = make.asked(person, now=now, topic="Spring")
    response = services.surveys.answer(invitation, score=9, comment=" Fast \x00answers. ", language="en", now=now + HOUR)
    assert (response.account, response.contact, response.kind, response.score) == (person.account, person, "nps", 9)
    assert (response.comment, response.topic, response.language, response.source) == ("Fast answers.", "Spring", "en", "surveys")
    assert response.at == now + HOUR
    invitation.refresh_from_db()
    assert (invitation.state, invitation.answered_at, invitation.response) == ("answered", now + HOUR, response)
    told = Event.objects.get(type="survey.answered")
    assert told.payload == {
        "account_id": person.account_id,
        "response_id": response.pk,
        "kind": "nps",
        "score": 9,
        "campaign": invitation.campaign.key,
    }
    assert told.actor == f"contact:{person.pk}"
    assert not Task.objects.exists()


def test_an_answer_may_be_changed_for_a_day_and_then_stands(person, now):
    invitation = make.asked(person, now=now)
    services.surveys.answer(invitation, score=9, now=now)
    services.surveys.answer(invitation, score=9, comment="Because.", now=now + HOUR)
    response = services.surveys.answer(invitation, score=4, comment="Because.", now=now + 23 * HOUR)
    assert (response.score, response.comment, response.at) == (4, "Because.", now)
    assert [event.payload["score"] for event in Event.objects.filter(type="survey.answered").order_by("id")] == [9, 4]
    with pytest.raises(Refused, match="stands for more than a day"):
        services.surveys.answer(invitation, score=10, now=now + DAY)
    assert SurveyResponse.objects.get().score == 4


@pytest.mark.parametrize(("kind", "score"), [("nps", 11), ("nps", -1), ("csat", 0), ("csat", 6), ("ces", 8)])
def test_a_score_off_the_scale_is_refused(person, now, kind, score):
    invitation = make.asked(person, now=now, kind=kind)
    with pytest.raises(Refused, match="Nothing was changed"):
        services.surveys.answer(invitation, score=score, now=now)
    assert not SurveyResponse.objects.exists()


def test_a_survey_closes_after_its_days(person, now):
    invitation = make.asked(person, now=now, open_days=10)
    assert services.surveys.follow(now=now + 10 * DAY)["expired"] == 1
    with pytest.raises(Refused, match="closed"):
        services.surveys.answer(invitation, score=9, now=now + 10 * DAY)
    invitation.refresh_from_db()
    assert (invitation.state, invitation.response) == ("expired", None)


def test_who_was_asked_is_asked_by_no_survey_for_ninety_days(person, now):
    assert make.asked(person, now=now)
    assert make.asked(person, now=now + 89 * DAY, kind="csat") is None
    assert make.asked(person, now=now + 90 * DAY, kind="csat")
    assert Invitation.objects.count() == 2


def test_a_survey_with_a_longer_quiet_time_keeps_it_both_ways(person, now):
    make.asked(person, now=now)
    assert make.asked(person, now=now + 120 * DAY, throttle_days=180) is None
    assert make.asked(person, now=now + 180 * DAY, throttle_days=180)
    assert make.asked(person, now=now + 180 * DAY + 91 * DAY) is None


def test_an_answer_to_an_outside_survey_counts_as_asked(person, now):
    make.response(person.account, now - 30 * DAY, contact=person, score=8)
    assert make.asked(person, now=now) is None
    assert make.asked(person, now=now + 60 * DAY)


def test_a_message_that_never_left_was_no_asking(person, now):
    invitation = make.asked(person, now=now, sent=False)
    messaging.cancel_waiting(message_ids=[invitation.recipient.message_id], reason="Aborted.", actor=make.ACTOR, now=now)
    assert services.surveys.follow(now=now + HOUR)["withdrawn"] == 1
    assert make.asked(person, now=now + 2 * HOUR)


def test_the_database_itself_holds_two_askings_of_one_person_apart(person, now):
    first = make.asked(person, now=now)
    rows = {"campaign": first.campaign, "version": first.version, "account": person.account, "contact": person, "kind": "nps"}
    times = {"asked_at": now + DAY, "quiet_until": now + 91 * DAY, "expires_at": now + 31 * DAY}
    with pytest.raises(IntegrityError, match="one_survey_per_quiet_time"), transaction.atomic():
        Invitation.objects.create(**rows, **times)


def test_one_reminder_comes_after_five_days_on_the_same_channel(person, now):
    invitation = make.asked(person, now=now)
    assert services.surveys.follow(now=now + 5 * DAY - HOUR)["reminded"] == 0
    assert services.surveys.follow(now=now + 5 * DAY)["reminded"] == 1
    assert services.surveys.follow(now=now + 20 * DAY)["reminded"] == 0
    reminder = Message.objects.get(idem_key=f"survey:{invitation.pk}:reminder")
    assert (reminder.channel, reminder.topic, reminder.lane, reminder.subject) == ("email", "surveys", "broadcast", "Still half a minute?")
    assert tokens.link(invitation) in reminder.body


def test_who_has_answered_or_written_back_is_not_reminded(person, now):
    services.surveys.answer(make.asked(person, now=now), score=9, now=now + DAY)
    other = make.contact(person.account, name="Ben")
    written = make.asked(other, now=now)
    messaging.record_reply(token=written.recipient.message.reply_token, text="Call me.", now=now + DAY)
    assert services.surveys.follow(now=now + 6 * DAY)["reminded"] == 0


def test_an_answer_takes_the_waiting_reminder_back(person, now):
    invitation = make.asked(person, now=now)
    services.surveys.follow(now=now + 5 * DAY)
    services.surveys.answer(invitation, score=7, now=now + 5 * DAY + HOUR)
    assert Message.objects.get(idem_key=f"survey:{invitation.pk}:reminder").state == "cancelled"


def test_a_paused_survey_reminds_nobody(person, now):
    invitation = make.asked(person, now=now)
    type(invitation.campaign).objects.update(state="paused")
    assert services.surveys.follow(now=now + 6 * DAY)["reminded"] == 0


def test_a_bad_answer_opens_a_task_and_closing_it_closes_the_loop(person, now):
    invitation = make.asked(person, now=now, loop={"scores_at_most": 6, "hours": 48})
    response = services.surveys.answer(invitation, score=3, comment="Too slow.", now=now)
    task = Task.objects.get()
    assert task.owner == person.account.owner
    assert task.title == "Answer Ana Silva: NPS 3"
    assert task.why.endswith(": Too slow.")
    assert (task.priority, task.due_at) == ("high", now + 48 * HOUR)
    assert task.sources.get().kind == "campaign"
    interventions.close_task(task, outcome="Talked", result=TaskResult.REACHED, actor=Actor.user(task.owner), now=now + 5 * HOUR)
    assert services.surveys.close_loop(task_id=task.pk, now=now + 5 * HOUR)
    response.refresh_from_db()
    assert (response.loop_closed_at, response.loop_closed_by) == (now + 5 * HOUR, task.owner)
    assert not services.surveys.close_loop(task_id=task.pk, now=now + 6 * HOUR)
    assert services.surveys.watch_loops(now=now + 49 * HOUR) == 0


def test_a_loop_that_nobody_closes_is_announced_once(person, now):
    invitation = make.asked(person, now=now, loop={"scores_at_most": 6, "hours": 48})
    response = services.surveys.answer(invitation, score=6, now=now)
    assert services.surveys.watch_loops(now=now + 47 * HOUR) == 0
    assert services.surveys.watch_loops(now=now + 48 * HOUR) == 1
    assert services.surveys.watch_loops(now=now + 49 * HOUR) == 0
    told = Event.objects.get(type="survey.loop_overdue")
    assert told.payload == {"account_id": person.account_id, "response_id": response.pk, "kind": "nps", "score": 6}


def test_a_loop_closed_elsewhere_is_not_late(person, now):
    invitation = make.asked(person, now=now, loop={"scores_at_most": 6, "hours": 48})
    response = services.surveys.answer(invitation, score=6, now=now)
    accounts.edit_record(response, changes={"loop_closed_at": now + HOUR}, actor=make.ACTOR, now=now + HOUR)
    assert services.surveys.watch_loops(now=now + 49 * HOUR) == 0


def test_a_better_answer_ends_the_loop(person, now):
    invitation = make.asked(person, now=now, loop={"scores_at_most": 6, "hours": 48})
    services.surveys.answer(invitation, score=2, now=now)
    services.surveys.answer(invitation, score=9, now=now + HOUR)
    assert Task.objects.get().state == "dropped"
    assert services.surveys.watch_loops(now=now + 49 * HOUR) == 0


def test_the_mail_shows_the_scores_as_a_row_of_links(person, now):
    invitation = make.asked(person, now=now)
    context = {"survey": inviting.context_of(invitation)}
    _, subject, body, _ = messaging.words_for(contact=person, channel="email", template_key="survey-nps", context=context)
    text, html = mail.both(subject, body, locale="en", language="en", leave="https://cs.test/no", preferences="https://cs.test/choose")
    assert f"10 (Very likely): {tokens.link(invitation, 10)}" in text
    assert html.count(tokens.link(invitation)) == 11
    assert f'href="{tokens.link(invitation, 9)}"' in html
    assert ">9</a>" in html
    assert "10: Very likely</span>" in html


def test_numbers_that_lead_elsewhere_stay_as_they_are_written():
    (block,) = mail.blocks("1: https://elsewhere.test/a\n2: https://elsewhere.test/b")
    assert block == {"lines": ["1: https://elsewhere.test/a", "2: https://elsewhere.test/b"]}
